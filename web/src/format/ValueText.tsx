// SPDX-License-Identifier: Apache-2.0
//
// One attribute value: numbers with their unit apart, truth as a word, structure as JSON.
import type { Value } from '../model/types';
import { Dot, type Level } from '../ui/Dot';
import { meaningOf, tellsState, type Meaning } from './meaning';
import { grouped } from './number';
import { quantity, type Quantity } from './unit';

// Numbers that name something instead of measuring it: no thousands separators.
const kIdentifier = /(^|_)(pid|ppid|tgid|id|port|uid|gid|year|inode)$/;

const kLevels: Record<Meaning, Level> = {
    good: 'fresh',
    idle: 'unknown',
    warn: 'recent',
    bad: 'stale',
};

export function isNumeric(value: Value | undefined): value is number | bigint {
    return typeof value === 'number' || typeof value === 'bigint';
}

export function numberText(name: string, value: number | bigint, unit: string): Quantity {
    if (kIdentifier.test(name)) return { number: String(value), unit: '' };
    if (typeof value === 'bigint') return { number: grouped(value), unit };
    return quantity(value, unit);
}

export function plainText(value: Value | undefined): string {
    if (value === undefined || value === null) return '';
    if (typeof value === 'object') return JSON.stringify(value);
    return String(value);
}

interface Props {
    name: string;
    value: Value | undefined;
    unit: string;
}

export function ValueText({ name, value, unit }: Props) {
    if (value === undefined || value === null) return <span class="absent">–</span>;
    if (isNumeric(value)) {
        const text = numberText(name, value, unit);
        return (
            <span class="quantity">
                <span class="number">{text.number}</span>
                <span class="unit">{text.unit}</span>
            </span>
        );
    }
    if (typeof value === 'object') return <code>{JSON.stringify(value)}</code>;
    if (value === '') return <span class="faint">empty</span>;
    const text = String(value);
    const meaning = tellsState(name) ? meaningOf(text) : undefined;
    if (meaning === undefined) return <>{text}</>;
    return (
        <>
            <Dot level={kLevels[meaning]} /> {text}
        </>
    );
}
