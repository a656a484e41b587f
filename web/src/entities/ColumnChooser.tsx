// SPDX-License-Identifier: Apache-2.0
import { useState } from 'preact/hooks';
import { catalog } from '../catalog/catalog';
import type { Attribute } from '../model/types';
import { Popover } from '../ui/Popover';
import { SmallButton } from '../ui/SmallButton';
import { useFocus } from '../ui/useFocus';

interface Props {
    chosen: readonly string[];
    usual: boolean;
    onChoose: (names: readonly string[] | undefined) => void;
}

const kMaxOffered = 60;

export function ColumnChooser(props: Props) {
    return (
        <Popover class="columns" label="Columns" button={<>Columns ▾</>}>
            {() => <Panel {...props} />}
        </Popover>
    );
}

function Panel({ chosen, usual, onChoose }: Props) {
    const [wanted, setWanted] = useState('');
    const search = useFocus<HTMLInputElement>();
    const add = (name: string) => {
        onChoose([...chosen, name]);
        setWanted('');
        search.current?.focus();
    };
    const move = (from: number, step: number) => {
        const next = [...chosen];
        const [name] = next.splice(from, 1);
        if (name !== undefined) next.splice(from + step, 0, name);
        onChoose(next);
    };
    return (
        <>
            <ol class="chosen" aria-label="Columns shown">
                {chosen.map((name, at) => (
                    <li key={name}>
                        <span class="name" title={name}>
                            {name}
                        </span>
                        <SmallButton
                            label={`Move ${name} left`}
                            sign="↑"
                            disabled={at === 0}
                            onClick={() => move(at, -1)}
                        />
                        <SmallButton
                            label={`Move ${name} right`}
                            sign="↓"
                            disabled={at === chosen.length - 1}
                            onClick={() => move(at, 1)}
                        />
                        <SmallButton
                            label={`Hide ${name}`}
                            sign="✕"
                            disabled={chosen.length === 1}
                            onClick={() => onChoose(chosen.filter((other) => other !== name))}
                        />
                    </li>
                ))}
            </ol>
            <input
                ref={search}
                aria-label="Find an attribute"
                placeholder="add an attribute"
                spellcheck={false}
                value={wanted}
                onInput={(event) => setWanted(event.currentTarget.value)}
            />
            <ul class="menu" aria-label="Attributes to add">
                {offered(chosen, wanted).map(({ name, type, hot }) => (
                    <li key={name}>
                        <button type="button" onClick={() => add(name)}>
                            <span class="name">{name}</span>
                            <span class="hint">{hot ? type : `${type}, last 7 d only`}</span>
                        </button>
                    </li>
                ))}
            </ul>
            {!usual && (
                <button type="button" class="plain reset" onClick={() => onChoose(undefined)}>
                    Reset to default columns
                </button>
            )}
        </>
    );
}

// Hot attributes first: they are part of the current state and sort; the others are looked up.
function offered(chosen: readonly string[], wanted: string): Attribute[] {
    return [...catalog.value.values()]
        .filter(({ name }) => !chosen.includes(name) && name.includes(wanted.trim()))
        .sort((a, b) => Number(b.hot) - Number(a.hot) || (a.name < b.name ? -1 : 1))
        .slice(0, kMaxOffered);
}
