// SPDX-License-Identifier: Apache-2.0
//
// The text of a filter while it is being written: caret, completion, and when it is applied.
import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { readsComplete } from '../language/lexer';
import type { Entity } from '../model/types';
import { complete, type Choice } from './complete';
import { sampleValues, vocabularyOf } from './vocabulary';

const kApplyPauseMs = 350;

export type Apply = (filter: string, finished: boolean) => void;

export interface Draft {
    text: string;
    choices: readonly Choice[];
    // The choice that Enter takes, -1 for none.
    chosen: number;
    edited: (text: string, caret: number, more: boolean) => void;
    placed: (caret: number) => void;
    accept: (choice: Choice) => void;
    finish: () => void;
    clear: () => void;
    // Handles the key when it means something here.
    pressed: (event: KeyboardEvent) => void;
}

export function useDraft(
    input: RefObject<HTMLInputElement>,
    applied: string,
    rows: readonly Entity[],
    onApply: Apply,
): Draft {
    const [caret, setCaret] = useState(0);
    const [open, setOpen] = useState(false);
    const [chosen, setChosen] = useState(-1);
    const { text, setText, apply } = useApplied(applied, onApply);
    const found = complete(text, caret, vocabularyOf(open ? rows : []));
    const choices = open ? found.choices : [];
    useEffect(() => {
        if (open && found.value_of !== '') void sampleValues(found.value_of);
    }, [open, found.value_of]);

    const edited = (next: string, at: number, more: boolean) => {
        setText(next);
        setCaret(at);
        setOpen(more);
        const typed = complete(next, at, vocabularyOf([]));
        setChosen(typed.to > typed.from && typed.from < at ? 0 : -1);
    };
    const placed = (at: number) => {
        setCaret(at);
        setOpen(true);
        setChosen(-1);
    };
    const accept = (choice: Choice) => {
        const at = found.from + choice.insert.length;
        const rest = text.slice(found.to).replace(/^ /, '');
        const next = text.slice(0, found.from) + choice.insert + rest;
        // Now, not after rendering: the next key may arrive before.
        if (input.current) {
            input.current.value = next;
            input.current.setSelectionRange(at, at);
        }
        edited(next, at, true);
    };
    const finish = () => {
        setOpen(false);
        apply(text.trim(), true);
    };
    const clear = () => {
        edited('', 0, false);
        apply('', true);
    };
    const move = (step: number) => {
        setOpen(true);
        const count = found.choices.length;
        const from = chosen < 0 && step < 0 ? 0 : chosen;
        if (count > 0) setChosen((from + step + count) % count);
    };
    const pressed = (event: KeyboardEvent) => {
        const choice = choices[chosen];
        const first = choice ?? choices[0];
        if (event.key === 'ArrowDown') move(1);
        else if (event.key === 'ArrowUp') move(-1);
        else if (event.key === 'Enter') choice ? accept(choice) : finish();
        else if (event.key === 'Tab' && !event.shiftKey && first) accept(first);
        else if (event.key === 'Escape') open ? setOpen(false) : input.current?.blur();
        else return;
        event.preventDefault();
    };
    return { text, choices, chosen, edited, placed, accept, finish, clear, pressed };
}

// A text applies itself after a pause once it reads complete. What was applied from here comes
// back as `applied`, perhaps after more was typed; only another one (a link, "back") replaces it.
function useApplied(applied: string, onApply: Apply) {
    const [text, setText] = useState(applied);
    const sent = useRef(applied);
    useLayoutEffect(() => {
        if (applied !== sent.current) setText(applied);
        sent.current = applied;
    }, [applied]);
    const apply: Apply = (filter, finished) => {
        sent.current = filter;
        onApply(filter, finished);
    };
    useEffect(() => {
        if (text === applied || !readsComplete(text)) return undefined;
        const timer = setTimeout(() => apply(text, false), kApplyPauseMs);
        return () => clearTimeout(timer);
    }, [text]);
    return { text, setText, apply };
}
