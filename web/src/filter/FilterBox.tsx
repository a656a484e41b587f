// SPDX-License-Identifier: Apache-2.0
//
// The filter: a line of text with completion, and what is wrong with it underlined in its place.
// A filter is applied by Enter, by leaving the field, and on its own once it reads complete.
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Problem } from '../api/problem';
import type { Entity } from '../api/types';
import { Choices } from './Choices';
import { complete, type Choice } from './complete';
import { readsComplete, wordsOf } from './lexer';
import { sampleValues, vocabularyOf } from './vocabulary';

interface Props {
    applied: string;
    problem: Problem | null;
    rows: readonly Entity[];
    onApply: (filter: string, finished: boolean) => void;
}

const kApplyPauseMs = 350;
const kPlaceholder = 'status = "online" AND priority >= 8';

export function FilterBox({ applied, problem, rows, onApply }: Props) {
    const [draft, setDraft] = useState(applied);
    const [caret, setCaret] = useState(0);
    const [open, setOpen] = useState(false);
    const [chosen, setChosen] = useState(-1);
    const input = useRef<HTMLInputElement>(null);
    const underline = useRef<HTMLDivElement>(null);
    const ids = useId();
    // What this field applied itself comes back as `applied`, perhaps after more was typed; only
    // another one (a link, "back") replaces what stands here.
    const sent = useRef(applied);
    useLayoutEffect(() => {
        if (applied !== sent.current) setDraft(applied);
        sent.current = applied;
    }, [applied]);
    const apply = (text: string, finished: boolean) => {
        sent.current = text;
        onApply(text, finished);
    };
    const found = complete(draft, caret, vocabularyOf(open ? rows : []));
    useEffect(() => {
        if (open && found.value_of !== '') void sampleValues(found.value_of);
    }, [open, found.value_of]);
    useEffect(() => {
        if (draft === applied || !readsComplete(draft)) return undefined;
        const timer = setTimeout(() => apply(draft, false), kApplyPauseMs);
        return () => clearTimeout(timer);
    }, [draft]);

    const edited = (text: string, at: number, more: boolean) => {
        setDraft(text);
        setCaret(at);
        setOpen(more);
        const typed = complete(text, at, vocabularyOf([]));
        setChosen(typed.to > typed.from && typed.from < at ? 0 : -1);
    };
    const accept = (choice: Choice) => {
        const rest = draft.slice(found.to).replace(/^ /, '');
        const text = draft.slice(0, found.from) + choice.insert + rest;
        const at = found.from + choice.insert.length;
        // At once, not after rendering: the next key may already be on its way.
        if (input.current) {
            input.current.value = text;
            input.current.setSelectionRange(at, at);
        }
        edited(text, at, true);
    };
    const finish = () => {
        setOpen(false);
        apply(draft.trim(), true);
    };
    const move = (step: number) => {
        setOpen(true);
        const count = found.choices.length;
        if (count > 0)
            setChosen((chosen + step + count + (chosen < 0 && step < 0 ? 1 : 0)) % count);
    };
    const keys = (event: KeyboardEvent) => {
        const choice = open ? found.choices[chosen] : undefined;
        if (event.key === 'ArrowDown') move(1);
        else if (event.key === 'ArrowUp') move(-1);
        else if (event.key === 'Enter') choice ? accept(choice) : finish();
        else if (event.key === 'Tab' && open && !event.shiftKey && found.choices.length > 0) {
            accept(choice ?? (found.choices[0] as Choice));
        } else if (event.key === 'Escape') open ? setOpen(false) : input.current?.blur();
        else return;
        event.preventDefault();
    };
    const shown = open && found.choices.length > 0;
    // The problem speaks of the filter that was applied, not of what was typed since.
    const place = problem && draft === applied ? problem.position : null;
    return (
        <div class={`filter ${problem ? 'wrong' : ''}`}>
            <div class="underline" ref={underline} aria-hidden="true">
                <Underlined text={draft} position={place} />
            </div>
            <input
                ref={input}
                data-filter
                role="combobox"
                aria-label="Filter"
                aria-expanded={shown}
                aria-controls={`${ids}-list`}
                aria-autocomplete="list"
                aria-activedescendant={shown && chosen >= 0 ? `${ids}-list-${chosen}` : undefined}
                aria-invalid={problem !== null}
                aria-describedby={problem ? `${ids}-problem` : undefined}
                placeholder={kPlaceholder}
                spellcheck={false}
                autocomplete="off"
                autocapitalize="off"
                value={draft}
                onInput={(event) => {
                    const { value, selectionStart } = event.currentTarget;
                    edited(value, selectionStart ?? value.length, true);
                }}
                onKeyDown={keys}
                onClick={(event) => {
                    setCaret(event.currentTarget.selectionStart ?? 0);
                    setOpen(true);
                    setChosen(-1);
                }}
                onScroll={(event) => {
                    if (underline.current)
                        underline.current.scrollLeft = event.currentTarget.scrollLeft;
                }}
                onBlur={finish}
            />
            {draft !== '' && (
                <button
                    type="button"
                    class="plain clear"
                    aria-label="Clear the filter"
                    onPointerDown={(event) => event.preventDefault()}
                    onClick={() => {
                        edited('', 0, false);
                        apply('', true);
                    }}
                >
                    ✕
                </button>
            )}
            {shown && (
                <Choices
                    id={`${ids}-list`}
                    choices={found.choices}
                    chosen={chosen}
                    onTake={accept}
                />
            )}
            {problem && (
                <p class="problem" id={`${ids}-problem`} role="alert">
                    {problem.message}
                </p>
            )}
        </div>
    );
}

// The same text again behind the field, invisible but for the line under the fault.
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
