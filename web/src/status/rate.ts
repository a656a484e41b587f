// SPDX-License-Identifier: Apache-2.0
import { grouped } from '../format/number';
import { quantity } from '../format/unit';

// "12,480 points/s", "1.31 MiB/s of log"; '' for a part that has no rate.
export function rateText(rate: number | null, unit: string | null): string {
    if (rate === null) return '';
    if (unit === 'data_points') return `${grouped(Math.round(rate))} points/s`;
    if (unit !== 'log_bytes') return `${grouped(Math.round(rate))}/s`;
    const { number, unit: prefixed } = quantity(Math.round(rate), 'B/s');
    return `${number} ${prefixed} of log`;
}
