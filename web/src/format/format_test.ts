// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimal, grouped, short } from './number';
import { ageText, ago, span } from './time';
import { duration, quantity, unitOf } from './unit';

const text = (value: number, unit: string) => {
    const { number, unit: prefix } = quantity(value, unit);
    return `${number} ${prefix}`.trim();
};

test('thousands are separated, and big integers keep every digit', () => {
    assert.equal(grouped(12480), '12,480');
    assert.equal(grouped(9007199254740993n), '9,007,199,254,740,993');
});

test('a measured value has about four digits', () => {
    assert.equal(decimal(4.2), '4.20');
    assert.equal(decimal(42.123), '42.12');
    assert.equal(decimal(1234.56), '1,234.6');
    assert.equal(decimal(0.00012345), '0.000123');
    assert.equal(decimal(7), '7');
    assert.equal(short(9.876), '9.88');
});

test('bytes take binary prefixes, hertz decimal ones, percent none', () => {
    assert.equal(text(16_106_127_360, 'B'), '15.0 GiB');
    assert.equal(text(512, 'B'), '512 B');
    assert.equal(text(2_500_000_000, 'Hz'), '2.50 GHz');
    assert.equal(text(12.34, '%'), '12.3 %');
    assert.equal(text(100, '%'), '100 %');
});

test('seconds become milliseconds when small and a duration when long', () => {
    assert.equal(text(0.0123, 's'), '12.3 ms');
    assert.equal(text(8040, 's'), '2 h 14 min');
    assert.equal(duration(86_400), '1 d');
});

test('the declared unit wins over what the name suggests', () => {
    assert.equal(unitOf('memory_used_bytes'), 'B');
    assert.equal(unitOf('rx_bytes_per_second'), 'B/s');
    assert.equal(unitOf('pressure', 'bar'), 'bar');
    assert.equal(unitOf('size', 'bytes'), 'B');
    assert.equal(unitOf('pressure'), '');
});

test('relative times have one figure', () => {
    assert.equal(ago(0, 400), 'now');
    assert.equal(ago(0, 14_300), '14 s ago');
    assert.equal(ago(10_000, 0), 'in 10 s');
    assert.equal(span(3 * 3_600_000), '3 h');
    assert.equal(span(49 * 3_600_000), '2 d');
});

test('an age has tenths while they matter', () => {
    assert.equal(ageText(0.24), '0.2 s');
    assert.equal(ageText(14.4), '14 s');
    assert.equal(ageText(180), '3 min');
    assert.equal(ageText(null), 'unknown');
});
