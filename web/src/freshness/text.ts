// SPDX-License-Identifier: Apache-2.0
import { span } from '../format/time';

// Tenths while they matter: "0.2 s", "14 s", "3 min".
export function ageText(seconds: number | null): string {
    if (seconds === null) return 'unknown';
    return seconds < 10 ? `${seconds.toFixed(1)} s` : span(seconds * 1000);
}
