// SPDX-License-Identifier: Apache-2.0
//
// How old the data on the screen may be. A response states how far its source was behind; when
// responses stop, the age keeps growing with the clock.
import { computed, signal } from '@preact/signals';
import { noteServerTime, now_ms, serverNow } from '../clock/clock';
import { available, trouble } from '../connection/connection';
import type { Metadata, StatusPart } from '../model/types';
import type { Level } from '../ui/Dot';

export interface Freshness extends Metadata {
    received_ms: number;
}

// Responses arrive about every second; only a longer silence adds to the age.
const kQuietMs = 3000;

export const freshness = signal<Freshness | null>(null);

export const age_seconds = computed<number | null>(() => {
    const latest = freshness.value;
    if (latest === null || latest.lag_seconds === null) return null;
    const silence_ms = now_ms.value - latest.received_ms;
    const waited_ms = trouble.value !== null || silence_ms > kQuietMs ? Math.max(0, silence_ms) : 0;
    return latest.lag_seconds + waited_ms / 1000;
});

export function noteMetadata(metadata: Metadata): void {
    available();
    if (metadata.lag_seconds === 0) noteServerTime(Date.parse(metadata.as_of));
    freshness.value = { ...metadata, received_ms: serverNow() };
}

// The status poll knows the lag of the source that was read last even when nothing is read.
export function noteSources(sources: StatusPart[]): void {
    const latest = freshness.peek();
    const name = latest?.source ?? 'primary';
    const source = sources.find((candidate) => candidate.name === name);
    if (source === undefined || source.lag_seconds === null) return;
    const received_ms = serverNow();
    const as_of = new Date(received_ms - source.lag_seconds * 1000).toISOString();
    const known = latest ?? { source: name, consistency: 'eventual', cached: false, query_ms: 0 };
    freshness.value = { ...known, lag_seconds: source.lag_seconds, as_of, received_ms };
}

export function levelOf(seconds: number | null): Level {
    if (seconds === null) return 'unknown';
    if (seconds < 1) return 'fresh';
    if (seconds <= 10) return 'recent';
    return seconds <= 60 ? 'late' : 'stale';
}
