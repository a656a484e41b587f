// SPDX-License-Identifier: Apache-2.0
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { get } from '../api/client';
import { spelledString } from '../language/lexer';
import type { EntityPage } from '../model/types';
import { go } from '../route/route';

interface Found {
    entity: string;
    type: string;
}

const kPauseMs = 120;
const kMaxFound = 8;

// Goes to an entity by the beginning of its name.
export function EntitySearch() {
    const [text, setText] = useState('');
    const [found, setFound] = useState<Found[]>([]);
    const [chosen, setChosen] = useState(0);
    const input = useRef<HTMLInputElement>(null);
    const list = useId();
    useEffect(() => lookUp(text.trim(), setFound), [text]);
    const open = (entity: string) => {
        setText('');
        input.current?.blur();
        go('entity', {}, entity);
    };
    const keys = (event: KeyboardEvent) => {
        const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
        if (step !== 0 && found.length > 0) {
            event.preventDefault();
            setChosen((chosen + step + found.length) % found.length);
        } else if (event.key === 'Enter') {
            const entity = found[chosen]?.entity ?? text.trim();
            if (entity !== '') open(entity);
        } else if (event.key === 'Escape') {
            setText('');
            input.current?.blur();
        }
    };
    return (
        <div class="search" role="search">
            <input
                ref={input}
                id="entity-search"
                role="combobox"
                aria-label="Go to an entity"
                aria-expanded={found.length > 0}
                aria-controls={list}
                aria-autocomplete="list"
                aria-activedescendant={found.length > 0 ? `${list}-${chosen}` : undefined}
                placeholder="Go to entity"
                spellcheck={false}
                autocomplete="off"
                value={text}
                onInput={(event) => {
                    setText(event.currentTarget.value);
                    setChosen(0);
                }}
                onKeyDown={keys}
                onBlur={() => setText('')}
            />
            <kbd aria-hidden="true">/</kbd>
            {found.length > 0 && (
                <ul class="choices" role="listbox" id={list} aria-label="Entities">
                    {found.map(({ entity, type }, at) => (
                        <li
                            key={entity}
                            id={`${list}-${at}`}
                            role="option"
                            aria-selected={at === chosen}
                            onPointerDown={() => open(entity)}
                        >
                            <span>{entity}</span> <span class="hint">{type}</span>
                        </li>
                    ))}
                </ul>
            )}
        </div>
    );
}

function lookUp(text: string, tell: (found: Found[]) => void): (() => void) | undefined {
    if (text === '') return void tell([]);
    const abort = new AbortController();
    const filter = `entity = ${spelledString(text).slice(0, -1)}*"`;
    const timer = setTimeout(async () => {
        try {
            const params = { filter, order_by: 'entity', page_size: kMaxFound };
            tell((await get<EntityPage>('/v1/entities', params, abort.signal)).entities);
        } catch {
            tell([]);
        }
    }, kPauseMs);
    return () => {
        clearTimeout(timer);
        abort.abort();
    };
}
