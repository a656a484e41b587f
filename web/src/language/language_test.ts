// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wordsOf } from './lexer';
import { formatNames, parseNames, plainName, spelledName, spelledString } from './names';

test('words keep their place, and unfinished strings are words too', () => {
    const words = wordsOf('status = ("on" OR "st');
    assert.deepEqual(
        words.map(({ text }) => text),
        ['status', '=', '(', '"on"', 'OR', '"st'],
    );
    assert.equal(words.at(-1)?.unfinished, true);
    assert.equal(words[3]?.from, 10);
});

test('names and strings are spelled so that they read back', () => {
    assert.equal(spelledName('cpu.usage-1'), 'cpu.usage-1');
    assert.equal(spelledName('type'), '`type`');
    assert.equal(plainName(spelledName('a`b c')), 'a`b c');
    assert.equal(spelledString('50 "*"'), '"50 \\"\\*\\""');
});

test('a list of names reads back, whatever the names hold', () => {
    const names = ['status', 'odd name', 'a,b', 'tick`s'];
    assert.equal(formatNames(names), 'status,`odd name`,`a,b`,`tick``s`');
    assert.deepEqual(parseNames(formatNames(names)), names);
});
