// SPDX-License-Identifier: Apache-2.0
//
// The parameters of a named query. What is typed counts when the form is sent.
import { useEffect, useState } from 'preact/hooks';
import { catalog } from '../catalog/catalog';
import { plainText } from '../format/ValueText';
import type { NamedQuery, QueryParam } from '../model/analytics';
import { faultOf } from './question';
import { RunButton } from './SqlEditor';

export type Texts = Readonly<Record<string, string>>;

interface Props {
    query: NamedQuery;
    applied: Texts;
    busy: boolean;
    // Also when nothing has changed: then the same is asked again.
    onRun: (texts: Texts) => void;
    onCancel: () => void;
}

export function ParamForm({ query, applied, busy, onRun, onCancel }: Props) {
    const [texts, setTexts] = useState<Texts>(applied);
    useEffect(() => setTexts(applied), [JSON.stringify(applied)]);
    const faulty = query.params.some((param) => faultOf(param, texts[param.name] ?? '') !== '');
    return (
        <form
            class="params"
            onSubmit={(event) => {
                event.preventDefault();
                if (!faulty) onRun(texts);
            }}
        >
            {query.params.map((param) => (
                <Field
                    key={param.name}
                    param={param}
                    text={texts[param.name] ?? ''}
                    onText={(text) => setTexts({ ...texts, [param.name]: text })}
                />
            ))}
            <RunButton busy={busy} onCancel={onCancel} />
        </form>
    );
}

interface FieldProps {
    param: QueryParam;
    text: string;
    onText: (text: string) => void;
}

function Field({ param, text, onText }: FieldProps) {
    const { name, type, description } = param;
    const fault = faultOf(param, text);
    const list = /attribute/.test(name) ? 'attribute-names' : undefined;
    return (
        <label class={fault === '' || text === '' ? '' : 'wrong'} title={description}>
            <span>
                {name.replaceAll('_', ' ')} <em>{fault}</em>
            </span>
            {type === 'bool' ? (
                <select value={text} onChange={(event) => onText(event.currentTarget.value)}>
                    <option value="">{plainText(param.default) || 'choose'}</option>
                    <option value="true">true</option>
                    <option value="false">false</option>
                </select>
            ) : (
                <input
                    value={text}
                    list={list}
                    spellcheck={false}
                    inputMode={type === 'string' || type === 'timestamp' ? 'text' : 'decimal'}
                    placeholder={plainText(param.default) || hintOf(type)}
                    aria-invalid={fault !== '' && text !== ''}
                    onInput={(event) => onText(event.currentTarget.value)}
                />
            )}
            {list && <AttributeNames id={list} />}
        </label>
    );
}

export function AttributeNames({ id }: { id: string }) {
    return (
        <datalist id={id}>
            {[...catalog.value.keys()].sort().map((name) => (
                <option key={name} value={name} />
            ))}
        </datalist>
    );
}

function hintOf(type: QueryParam['type']): string {
    return type === 'timestamp' ? '2026-11-30T00:00:00Z' : '';
}
