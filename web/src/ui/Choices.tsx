// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from 'preact/hooks';

export interface Labelled {
    label: string;
    hint: string;
}

interface Props<T extends Labelled> {
    // Of the list; the choice at `n` is `${id}-${n}`, for aria-activedescendant.
    id: string;
    label: string;
    choices: readonly T[];
    // The one that Enter takes, -1 for none.
    chosen: number;
    onTake: (choice: T) => void;
}

// The list below a text field. The field keeps the focus, and with it the keyboard.
export function Choices<T extends Labelled>({ id, label, choices, chosen, onTake }: Props<T>) {
    const list = useRef<HTMLUListElement>(null);
    useEffect(() => {
        list.current?.children[chosen]?.scrollIntoView({ block: 'nearest' });
    }, [chosen]);
    return (
        <ul class="choices" role="listbox" id={id} aria-label={label} ref={list}>
            {choices.map((choice, at) => (
                <li
                    key={choice.label}
                    id={`${id}-${at}`}
                    role="option"
                    aria-selected={at === chosen}
                    onPointerDown={(event) => {
                        event.preventDefault();
                        onTake(choice);
                    }}
                >
                    <span>{choice.label}</span> <span class="hint">{choice.hint}</span>
                </li>
            ))}
        </ul>
    );
}
