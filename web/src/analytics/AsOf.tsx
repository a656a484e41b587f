// SPDX-License-Identifier: Apache-2.0
import { now_ms } from '../clock/clock';
import { ageText, exact, localShort } from '../format/time';
import { levelOf } from '../freshness/freshness';
import type { Metadata } from '../model/types';
import { Dot } from '../ui/Dot';

// From here on data is old enough to mislead.
export const kStaleSeconds = 600;

// Until when the result on the screen holds everything. It grows older while it is looked at.
export function AsOf({ metadata }: { metadata: Metadata }) {
    const as_of_ms = Date.parse(metadata.as_of);
    const age = ageOf(metadata, now_ms.value);
    const level = levelOf(age);
    return (
        <span class={`asof ${level}`} title={`${exact(as_of_ms)}\nfrom ${metadata.source}`}>
            <Dot level={level} />{' '}
            {age === null ? (
                'Age of the data unknown'
            ) : (
                <>
                    Data as of <time dateTime={metadata.as_of}>{localShort(as_of_ms)}</time>{' '}
                    <span class="faint">{ageText(age)} ago</span>
                </>
            )}
        </span>
    );
}

// Says so where the data may mislead, and what the server remarks on it.
export function Warnings({ metadata }: { metadata: Metadata }) {
    const age = ageOf(metadata, now_ms.value);
    const said = metadata.warnings ?? [];
    const stale = age !== null && age > kStaleSeconds;
    if (!stale && said.length === 0) return null;
    return (
        <div class="warnings" role="status">
            {stale && (
                <p>
                    <strong>Data may be stale</strong>: it is {ageText(age)} old.
                </p>
            )}
            {said.map(({ code, detail }) => (
                <p key={code}>{detail}</p>
            ))}
        </div>
    );
}

export function ageOf({ as_of, lag_seconds }: Metadata, at_ms: number): number | null {
    if (lag_seconds === null) return null;
    const waited = (at_ms - Date.parse(as_of)) / 1000;
    return Number.isFinite(waited) ? Math.max(lag_seconds, waited) : lag_seconds;
}
