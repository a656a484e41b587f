// SPDX-License-Identifier: Apache-2.0
import { Dot, type Level } from '../ui/Dot';

const kGood = /^(ok|up|running|ready|serving|streaming|pass|online|active)$/;
const kAside = /^(standby|idle|off|disabled|elsewhere|absent)$/;
const kBusy =
    /^(starting|recovering|draining|(re)?connecting|degraded|busy|waiting|processing|copying)$/;
// Not there, and nothing else is the worse for it.
const kMissing = /^unavailable$/;

// A state as shape, colour and word.
export function StateMark({ state }: { state: string }) {
    return (
        <span class="statemark">
            <Dot level={levelOfState(state)} /> {state}
        </span>
    );
}

export function levelOfState(state: string): Level {
    if (kGood.test(state)) return 'fresh';
    if (kAside.test(state)) return 'unknown';
    if (kMissing.test(state)) return 'late';
    return kBusy.test(state) ? 'recent' : 'stale';
}
