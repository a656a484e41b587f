// SPDX-License-Identifier: Apache-2.0
//
// The status of the server, once a second for as long as the page is open. From it come the rate
// in the top bar, the lag of the sources, and the news that the server is gone or back.
import { signal } from '@preact/signals';
import { get } from '../api/client';
import { repeat } from '../clock/poll';
import { noteSources } from '../freshness/freshness';
import type { Status } from '../model/types';

const kPauseMs = 1000;
export const kHistoryLength = 60;

export const status = signal<Status | null>(null);
// Data points a second, one figure a poll, null while the server did not respond.
export const rate_history = signal<(number | null)[]>([]);
// The same for the lag of each source, and of each stage as `stage NAME`.
export const lag_history = signal<Record<string, (number | null)[]>>({});

export function startStatusPoll(): () => void {
    return repeat(async (abort) => {
        try {
            take(await get<Status>('/v1/status', {}, abort));
        } catch {
            rate_history.value = pushed(rate_history.peek(), null);
        }
    }, kPauseMs);
}

function take(latest: Status): void {
    status.value = latest;
    // What a source is fed by knows its lag, too.
    noteSources([...latest.sources, ...latest.stages]);
    rate_history.value = pushed(rate_history.peek(), latest.ingest.points_per_second);
    const lags: Record<string, (number | null)[]> = {};
    const note = (key: string, lag_seconds: number | null) => {
        lags[key] = pushed(lag_history.peek()[key] ?? [], lag_seconds);
    };
    for (const { name, lag_seconds } of latest.sources) note(name, lag_seconds);
    for (const { name, lag_seconds } of latest.stages) note(`stage ${name}`, lag_seconds);
    lag_history.value = lags;
}

function pushed(values: (number | null)[], value: number | null): (number | null)[] {
    return [...values.slice(1 - kHistoryLength), value];
}
