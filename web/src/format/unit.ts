// SPDX-License-Identifier: Apache-2.0
//
// Units: which one an attribute has, and which prefix suits a value. Bytes take binary prefixes,
// everything else decimal ones; seconds below one go down to ms and µs.
import { decimal, fixed, short } from './number';

export interface Quantity {
    number: string;
    unit: string;
}

// How values of one unit are to be scaled, so that all labels of an axis agree.
export interface Scale {
    divisor: number;
    unit: string;
}

const kBinary = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const kMetric = ['', 'k', 'M', 'G', 'T', 'P'];
const kAliases: Record<string, string> = {
    byte: 'B',
    bytes: 'B',
    By: 'B',
    'bytes/s': 'B/s',
    'By/s': 'B/s',
    bytes_per_second: 'B/s',
    second: 's',
    seconds: 's',
    sec: 's',
    ms: 'ms',
    milliseconds: 'ms',
    hertz: 'Hz',
    hz: 'Hz',
    percent: '%',
    celsius: '°C',
    Cel: '°C',
    volts: 'V',
    watts: 'W',
    bits: 'bit',
    '1': '',
    '1/s': '/s',
    'bits/s': 'bit/s',
};
const kSuffixes: [RegExp, string][] = [
    [/_bytes_per_second$/, 'B/s'],
    [/_per_second$/, '/s'],
    [/_(bytes|size_bytes)$/, 'B'],
    [/_percent$/, '%'],
    [/_celsius$/, '°C'],
    [/_milliseconds$|_ms$/, 'ms'],
    [/_seconds$/, 's'],
    [/_(hz|hertz)$/, 'Hz'],
    [/_mhz$/, 'MHz'],
    [/_volts$/, 'V'],
    [/_watts$/, 'W'],
];
const kPrefixed = new Set(['Hz', 'W', 'V', 'bit', 'bit/s']);

export function unitOf(name: string, declared?: string | null): string {
    if (declared) return kAliases[declared] ?? declared;
    return kSuffixes.find(([suffix]) => suffix.test(name))?.[1] ?? '';
}

export function scaleFor(size: number, unit: string): Scale {
    if (unit === 'B' || unit === 'B/s') {
        const step = stepOf(size, 1024, kBinary.length);
        return { divisor: 1024 ** step, unit: `${kBinary[step]}${unit}` };
    }
    if (unit === 's') {
        if (size > 0 && size < 0.0005) return { divisor: 1e-6, unit: 'µs' };
        if (size > 0 && size < 0.5) return { divisor: 1e-3, unit: 'ms' };
        return { divisor: 1, unit };
    }
    if (!kPrefixed.has(unit)) return { divisor: 1, unit };
    const step = stepOf(size, 1000, kMetric.length);
    return { divisor: 1000 ** step, unit: `${kMetric[step]}${unit}` };
}

export function quantity(value: number, unit: string): Quantity {
    if (unit === 's' && Math.abs(value) >= 120) return { number: duration(value), unit: '' };
    if (unit === '%') return { number: fixed(value, Math.abs(value) >= 99.95 ? 0 : 1), unit };
    const scale = scaleFor(Math.abs(value), unit);
    const scaled = value / scale.divisor;
    const number = scale.divisor === 1 ? decimal(scaled) : short(scaled);
    return { number, unit: scale.unit };
}

// 8,040 s as "2 h 14 min": the two largest parts.
export function duration(seconds: number): string {
    const parts: [number, string][] = [
        [86_400, 'd'],
        [3600, 'h'],
        [60, 'min'],
        [1, 's'],
    ];
    const at = parts.findIndex(([size]) => Math.abs(seconds) >= size);
    if (at < 0) return `${short(seconds)} s`;
    const [size, name] = parts[at] ?? [1, 's'];
    const whole = Math.trunc(seconds / size);
    const next = parts[at + 1];
    const rest = next ? Math.trunc((Math.abs(seconds) % size) / next[0]) : 0;
    return rest > 0 && next ? `${whole} ${name} ${rest} ${next[1]}` : `${whole} ${name}`;
}

function stepOf(size: number, base: number, steps: number): number {
    let step = 0;
    for (let rest = size; rest >= base && step < steps - 1; rest /= base) step++;
    return step;
}
