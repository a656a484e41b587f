// SPDX-License-Identifier: Apache-2.0
//
// One clock for the whole page, so that all relative times step together once a second.
import { signal } from '@preact/signals';

const kTickMs = 1000;
// Below this a difference to the server's clock may be no more than the delay of the response.
const kSkewThresholdMs = 2000;

export const now_ms = signal(Date.now());

let skew_ms = 0;

export function startClock(): void {
    setInterval(() => {
        if (!document.hidden) now_ms.value = serverNow();
    }, kTickMs);
    document.addEventListener('visibilitychange', () => {
        if (!document.hidden) now_ms.value = serverNow();
    });
}

export function serverNow(): number {
    return Date.now() + skew_ms;
}

// `as_of` of a response without lag is the server's now.
export function noteServerTime(as_of_ms: number): void {
    const difference = as_of_ms - Date.now();
    skew_ms = Math.abs(difference) > kSkewThresholdMs ? difference : 0;
}
