// SPDX-License-Identifier: Apache-2.0
//
// Numbers as text: thousands separated, no more digits than say something, always the same number
// of them for the same magnitude, so that columns line up and changing values do not jitter.

const kGrouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

export function grouped(value: number | bigint): string {
    return kGrouped.format(value);
}

// A measured value: about four significant digits, whole numbers whole.
export function decimal(value: number): string {
    if (!Number.isFinite(value)) return String(value);
    if (Number.isInteger(value)) return grouped(value);
    const size = Math.abs(value);
    if (size < 0.001) return value.toPrecision(3);
    return fixed(value, size >= 100 ? 1 : size >= 1 ? 2 : size >= 0.1 ? 3 : 4);
}

export function fixed(value: number, digits: number): string {
    return value.toLocaleString('en-US', {
        minimumFractionDigits: digits,
        maximumFractionDigits: digits,
    });
}

// Three significant digits, for figures scaled by a prefix.
export function short(value: number): string {
    const size = Math.abs(value);
    return fixed(value, size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
