// SPDX-License-Identifier: Apache-2.0
import { grouped } from '../format/number';

const kUnits: Record<string, string> = {
    data_points: 'points/s',
    answers: 'reads/s',
    rows: 'rows/s',
    transactions: 'commits/s',
};

// "12,480 points/s"; '' for a part that has no rate.
export function rateText(rate: number | null, unit: string | null): string {
    if (rate === null) return '';
    const number = rate > 0 && rate < 9.95 ? rate.toFixed(1) : grouped(Math.round(rate));
    return `${number} ${kUnits[unit ?? ''] ?? '/s'}`;
}
