// SPDX-License-Identifier: Apache-2.0
//
// The filter: a line of text with completion, and what is wrong with it underlined in its place.
// A filter is applied by Enter, by leaving the field, and on its own once it reads complete.
import { useId, useRef } from 'preact/hooks';
import type { Problem } from '../api/problem';
import { wordsOf } from '../language/lexer';
import type { Entity } from '../model/types';
import { Choices } from '../ui/Choices';
import { useDraft, type Apply } from './useDraft';

interface Props {
    applied: string;
    problem: Problem | null;
    rows: readonly Entity[];
    onApply: Apply;
}

const kPlaceholder = 'status = "online" AND priority >= 8';

export function FilterBox({ applied, problem, rows, onApply }: Props) {
    const input = useRef<HTMLInputElement>(null);
    const underline = useRef<HTMLDivElement>(null);
    const draft = useDraft(input, applied, rows, onApply);
    const id = useId();
    const list = `${id}-list`;
    const shown = draft.choices.length > 0;
    // The problem is about the filter that was applied, not about what was typed since.
    const position = problem && draft.text === applied ? problem.position : null;
    const place = position === null ? null : position - 1; // the server counts from 1
    return (
        <div class={`filter ${problem ? 'wrong' : ''}`}>
            <div class="underline" ref={underline} aria-hidden="true">
                <Underlined text={draft.text} position={place} />
            </div>
            <input
                ref={input}
                data-filter
                role="combobox"
                aria-label="Filter"
                aria-expanded={shown}
                aria-controls={list}
                aria-autocomplete="list"
                aria-activedescendant={
                    shown && draft.chosen >= 0 ? `${list}-${draft.chosen}` : undefined
                }
                aria-invalid={problem !== null}
                aria-describedby={problem ? `${id}-problem` : undefined}
                placeholder={kPlaceholder}
                spellcheck={false}
                autocomplete="off"
                autocapitalize="off"
                value={draft.text}
                onInput={({ currentTarget: { value, selectionStart } }) =>
                    draft.edited(value, selectionStart ?? value.length, true)
                }
                onKeyDown={draft.pressed}
                onClick={(event) => draft.placed(event.currentTarget.selectionStart ?? 0)}
                onScroll={(event) => {
                    const { scrollLeft } = event.currentTarget;
                    if (underline.current) underline.current.scrollLeft = scrollLeft;
                }}
                onBlur={draft.finish}
            />
            {draft.text !== '' && <Clear onClick={draft.clear} />}
            {shown && (
                <Choices
                    id={list}
                    label="Completions"
                    choices={draft.choices}
                    chosen={draft.chosen}
                    onTake={draft.accept}
                />
            )}
            {problem && (
                <p class="problem" id={`${id}-problem`} role="alert">
                    {problem.message}
                </p>
            )}
        </div>
    );
}

// The field keeps the focus, so that leaving it does not apply what is being cleared.
function Clear({ onClick }: { onClick: () => void }) {
    return (
        <button
            type="button"
            class="plain clear"
            aria-label="Clear the filter"
            onPointerDown={(event) => event.preventDefault()}
            onClick={onClick}
        >
            ✕
        </button>
    );
}

// A copy of the text behind the field, invisible except for the line under the mistake.
function Underlined({ text, position }: { text: string; position: number | null }) {
    if (position === null) return null;
    // The server counts characters, a string here UTF-16 units.
    const at = [...text].slice(0, position).join('').length;
    const word = wordsOf(text).find(({ from, to }) => from <= at && at < to);
    const end = word ? word.to : at + 1;
    return (
        <>
            {text.slice(0, at)}
            <mark>{text.slice(at, end) || '\u2007\u2007'}</mark>
            {text.slice(end)}
        </>
    );
}
