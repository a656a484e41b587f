// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complete, kBuiltInFields, type Vocabulary } from './complete';

const vocabulary: Vocabulary = {
    fields: [
        { name: 'status', type: 'string', hint: 'string' },
        { name: 'state', type: 'string', hint: 'string' },
        { name: 'priority', type: 'int', hint: 'int' },
        { name: 'armed', type: 'bool', hint: 'bool' },
        { name: 'odd name', type: 'string', hint: 'string' },
        ...kBuiltInFields,
    ],
    valuesOf: (name) =>
        name === 'status'
            ? [
                  { text: 'online', entities: 1812 },
                  { text: 'standby', entities: null },
              ]
            : [],
};

// The caret is where the bar is.
const at = (marked: string) => {
    const caret = marked.indexOf('|');
    const text = marked.replace('|', '');
    const found = complete(text, caret, vocabulary);
    const take = (label: string) => {
        const choice = found.choices.find((candidate) => candidate.label === label);
        return text.slice(0, found.from) + (choice?.insert ?? '?') + text.slice(found.to);
    };
    return {
        labels: found.choices.map(({ label }) => label),
        hints: found.choices.map(({ hint }) => hint),
        take,
        value_of: found.value_of,
    };
};

test('names come first, those that begin with the draft before the others', () => {
    assert.deepEqual(at('sta|').labels.slice(0, 2), ['status', 'state']);
    assert.equal(at('sta|').take('status'), 'status ');
    assert.equal(at('odd|').take('odd name'), '`odd name` ');
});

test('after a name come operators that suit its type', () => {
    assert.ok(at('priority |').labels.includes('>='));
    assert.ok(!at('armed |').labels.includes('>='));
});

test('after an operator come values, quoted where they are text', () => {
    assert.equal(at('status = |').take('online'), 'status = "online" ');
    assert.equal(at('status = "st|').take('standby'), 'status = "standby" ');
    assert.deepEqual(at('armed = |').labels, ['true', 'false']);
    assert.equal(at('status = |').value_of, 'status');
    assert.deepEqual(at('status = |').hints, ['1,812', '']);
});

test('a list of values asks for values, also after OR', () => {
    assert.deepEqual(at('status = ("online" OR |').labels, ['online', 'standby']);
    assert.deepEqual(at('status = (|').labels, ['online', 'standby']);
});

test('after a value come connectives, and after AND come names', () => {
    assert.deepEqual(at('priority = 8 |').labels, ['AND', 'OR']);
    assert.ok(at('priority = 8 AND |').labels.includes('status'));
    assert.ok(at('(|').labels.includes('status'));
});
