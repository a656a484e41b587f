// SPDX-License-Identifier: Apache-2.0
import { useEffect, useRef } from 'preact/hooks';
import type { Choice } from './complete';

interface Props {
    id: string;
    choices: readonly Choice[];
    chosen: number;
    onTake: (choice: Choice) => void;
}

export function Choices({ id, choices, chosen, onTake }: Props) {
    const list = useRef<HTMLUListElement>(null);
    useEffect(() => {
        list.current?.children[chosen]?.scrollIntoView({ block: 'nearest' });
    }, [chosen]);
    return (
        <ul class="choices" role="listbox" id={id} aria-label="Completions" ref={list}>
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
