// SPDX-License-Identifier: Apache-2.0
import type { StatusPart } from '../model/types';
import { StateMark } from './StateMark';

const kWords: Record<string, string> = {
    unavailable: 'The server cannot stream; the primary answers all but analytics',
    rebuild: 'Has to start over: atlas stream rebuild',
    stopped: 'Stopped; an operator has to act',
    failing: 'Takes nothing, and is tried again; everything else works',
    processing: 'Catching up: what it shows is older than its budget allows',
};

// Why a stage is not as it should be, and what to do about it.
export function StreamNotes({ stages }: { stages: readonly StatusPart[] }) {
    const noted = stages.filter(({ state, detail }) => detail || kWords[state]);
    if (noted.length === 0) return null;
    return (
        <ul class="streamnotes" aria-label="notes on the stream">
            {noted.map(({ name, state, detail }) => (
                <li key={name}>
                    <strong>{name}</strong> <StateMark state={state} />
                    <p>
                        {[kWords[state], detail].filter(Boolean).join('. ')}
                    </p>
                </li>
            ))}
        </ul>
    );
}
