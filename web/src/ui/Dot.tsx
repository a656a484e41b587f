// SPDX-License-Identifier: Apache-2.0

export type Level = 'fresh' | 'recent' | 'late' | 'stale' | 'unknown';

const kShapes: Record<Level, string> = {
    fresh: 'M6 1.2a4.8 4.8 0 1 1 0 9.6a4.8 4.8 0 1 1 0-9.6Z',
    recent: 'M6 .8 11.2 10.6H.8Z',
    late: 'M6 .4 11.6 6 6 11.6 .4 6Z',
    stale: 'M1.4 1.4H10.6V10.6H1.4Z',
    unknown: 'M6 1.8a4.2 4.2 0 1 1 0 8.4a4.2 4.2 0 1 1 0-8.4Z',
};

// Circle, triangle, diamond, square: the shape says the same as the colour.
export function Dot({ level }: { level: Level }) {
    return (
        <svg class={`dot ${level}`} width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
            <path d={kShapes[level]} />
        </svg>
    );
}
