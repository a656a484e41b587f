// SPDX-License-Identifier: Apache-2.0
//
// Which stretch of time the curves show, and in buckets of what length. Without `from` and `to`
// the window ends now and moves along (live); with them it is fixed.

export interface Window {
    from_ms: number;
    to_ms: number;
    live: boolean;
}

const kSecond = 1000;
const kMinute = 60 * kSecond;
const kHour = 60 * kMinute;
const kDay = 24 * kHour;

export const kRanges: Readonly<Record<string, number>> = {
    '15m': 15 * kMinute,
    '1h': kHour,
    '6h': 6 * kHour,
    '24h': kDay,
    '7d': 7 * kDay,
    '31d': 31 * kDay,
};
export const kUsualRange = '1h';

const kSteps_ms = [
    10,
    20,
    50,
    100,
    200,
    500,
    ...[1, 2, 5, 10, 15, 30].map((count) => count * kSecond),
    ...[1, 2, 5, 10, 15, 30].map((count) => count * kMinute),
    ...[1, 2, 3, 6, 12].map((count) => count * kHour),
    ...[1, 2, 7].map((count) => count * kDay),
];
const kShortestZoomMs = 1000;

export function windowOf(params: Readonly<Record<string, string>>, now_ms: number): Window {
    const from_ms = Number(params['from']);
    const to_ms = Number(params['to']);
    if (from_ms > 0 && to_ms > from_ms) return { from_ms, to_ms, live: false };
    const length_ms = kRanges[params['range'] ?? kUsualRange] ?? kHour;
    return { from_ms: now_ms - length_ms, to_ms: now_ms, live: true };
}

// The shortest step that gives no more buckets than the plot has pixels.
export function stepFor(length_ms: number, width_px: number): number {
    const wanted = length_ms / Math.max(1, width_px);
    return kSteps_ms.find((step_ms) => step_ms >= wanted) ?? 7 * kDay;
}

// A duration as the API spells it.
export function stepText(step_ms: number): string {
    return step_ms % kSecond === 0 ? `${step_ms / kSecond}s` : `${step_ms}ms`;
}

// The same for people.
export function stepLabel(step_ms: number): string {
    if (step_ms < kSecond) return `${step_ms} ms`;
    if (step_ms < kMinute) return `${step_ms / kSecond} s`;
    if (step_ms < kHour) return `${step_ms / kMinute} min`;
    return step_ms < kDay ? `${step_ms / kHour} h` : `${step_ms / kDay} d`;
}

// A dragged range as URL parameters, whole milliseconds and not shorter than makes sense.
export function zoomed(from_ms: number, to_ms: number): { from: string; to: string } {
    const middle_ms = (from_ms + to_ms) / 2;
    const half_ms = Math.max(to_ms - from_ms, kShortestZoomMs) / 2;
    return {
        from: String(Math.floor(middle_ms - half_ms)),
        to: String(Math.ceil(middle_ms + half_ms)),
    };
}
