// SPDX-License-Identifier: Apache-2.0
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { get } from '../api/client';
import { spelledString } from '../language/names';
import type { EntityPage } from '../model/types';
import { go } from '../route/route';
import { Choices, type Labelled } from '../ui/Choices';

const kPauseMs = 120;
const kMaxFound = 8;

// Goes to an entity by the beginning of its name.
export function EntitySearch() {
    const [text, setText] = useState('');
    const [found, setFound] = useState<Labelled[]>([]);
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
            const entity = found[chosen]?.label ?? text.trim();
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
                <Choices
                    id={list}
                    label="Entities"
                    choices={found}
                    chosen={chosen}
                    onTake={({ label }) => open(label)}
                />
            )}
        </div>
    );
}

function lookUp(text: string, tell: (found: Labelled[]) => void): (() => void) | undefined {
    if (text === '') return void tell([]);
    const abort = new AbortController();
    const filter = `entity = ${spelledString(text).slice(0, -1)}*"`;
    const timer = setTimeout(async () => {
        try {
            const params = { filter, order_by: 'entity', page_size: kMaxFound };
            const { entities } = await get<EntityPage>('/v1/entities', params, abort.signal);
            tell(entities.map(({ entity, type }) => ({ label: entity, hint: type })));
        } catch {
            tell([]);
        }
    }, kPauseMs);
    return () => {
        clearTimeout(timer);
        abort.abort();
    };
}
