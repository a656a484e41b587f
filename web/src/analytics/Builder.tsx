// SPDX-License-Identifier: Apache-2.0
//
// A structured question, put together from choices. What is chosen counts at once, what is typed
// when the form is sent.
import { useEffect, useState } from 'preact/hooks';
import { kAggregates, kBuckets, kGroups, kWindows, type Built } from './build';
import { AttributeNames } from './ParamForm';
import { RunButton } from './SqlEditor';

interface Props {
    applied: Built;
    busy: boolean;
    onRun: (built: Built) => void;
    onCancel: () => void;
}

export function Builder({ applied, busy, onRun, onCancel }: Props) {
    const [built, setBuilt] = useState(applied);
    useEffect(() => setBuilt(applied), [JSON.stringify(applied)]);
    const choose = (changes: Partial<Built>) => {
        setBuilt({ ...built, ...changes });
        onRun({ ...built, ...changes });
    };
    const field = (name: 'attribute' | 'by' | 'filter') => ({
        value: built[name],
        onText: (text: string) => setBuilt({ ...built, [name]: text }),
    });
    const windows = kWindows.map(([word, text]): [string, string] => [word, text]);
    return (
        <form
            class="params"
            onSubmit={(event) => {
                event.preventDefault();
                onRun(built);
            }}
        >
            <Select
                title="show the"
                value={built.agg}
                choices={kAggregates}
                onChoose={(agg) => choose({ agg })}
            />
            <Text title="of attribute" list="attribute-names" {...field('attribute')} />
            <Select
                title="for each"
                value={built.group}
                choices={kGroups}
                onChoose={(group) => choose({ group })}
            />
            {built.group === 'value' && (
                <Text title="attribute" list="attribute-names" {...field('by')} />
            )}
            <Select
                title="and each"
                value={built.bucket}
                choices={kBuckets}
                onChoose={(bucket) => choose({ bucket })}
            />
            <Select
                title="of the last"
                value={built.last}
                choices={windows}
                onChoose={(last) => choose({ last })}
            />
            <Text title="where" hint='type = "pump"' wide {...field('filter')} />
            <RunButton busy={busy} onCancel={onCancel} />
            <AttributeNames id="attribute-names" />
        </form>
    );
}

interface SelectProps {
    title: string;
    value: string;
    choices: readonly [string, string][];
    onChoose: (value: string) => void;
}

function Select({ title, value, choices, onChoose }: SelectProps) {
    return (
        <label>
            <span>{title}</span>
            <select value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
                {choices.map(([word, text]) => (
                    <option key={word} value={word}>
                        {text}
                    </option>
                ))}
            </select>
        </label>
    );
}

interface TextProps {
    title: string;
    value: string;
    list?: string;
    hint?: string;
    wide?: boolean;
    onText: (text: string) => void;
}

function Text({ title, value, list, hint, wide, onText }: TextProps) {
    return (
        <label class={wide ? 'widefield' : ''}>
            <span>{title}</span>
            <input
                value={value}
                list={list}
                placeholder={hint}
                spellcheck={false}
                autocapitalize="off"
                onInput={(event) => onText(event.currentTarget.value)}
            />
        </label>
    );
}
