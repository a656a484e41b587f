// SPDX-License-Identifier: Apache-2.0
//
// Asks a question and keeps its answer: one request at a time, which can be cancelled, and again
// every few seconds where the reader wants that.
import { useEffect, useRef, useState } from 'preact/hooks';
import { post } from '../api/client';
import { messageOf, Problem, Superseded } from '../api/problem';
import { repeat } from '../clock/poll';
import type { Result } from '../model/analytics';
import type { Question } from './question';

const kLimitMs = 120_000;
const kLivePauseMs = 5000;
// A store that is being filled will be there soon.
const kRetryMs = 2000;

export interface Answer {
    result: Result | null;
    failure: string;
    // Of the statement's first fault, in characters from 1; null where it has none.
    position: number | null;
    unavailable: boolean;
    busy: boolean;
    cancel: () => void;
}

const kNothing = { result: null, failure: '', position: null, unavailable: false };

// `round` asks the same question again.
export function useAnswer(question: Question | null, live: boolean, round: number): Answer {
    const [state, setState] = useState<Omit<Answer, 'busy' | 'cancel'>>(kNothing);
    const [busy, setBusy] = useState(false);
    const [tries, setTries] = useState(0);
    const request = useRef<AbortController | null>(null);
    const key = question === null ? '' : JSON.stringify(question);
    useEffect(() => setState(kNothing), [key]);
    useEffect(() => {
        if (question === null) return undefined;
        const ask = async (stop: AbortSignal) => {
            const mine = new AbortController();
            request.current = mine;
            const abort = () => mine.abort();
            stop.addEventListener('abort', abort);
            setBusy(true);
            try {
                const { path, body } = question;
                const result = await post<Result>(path, body, mine.signal, kLimitMs);
                setState({ ...kNothing, result });
            } catch (error) {
                if (!stop.aborted) setState((now) => ({ ...now, ...failed(error) }));
            } finally {
                stop.removeEventListener('abort', abort);
                if (request.current === mine) setBusy(false);
            }
        };
        if (live) return repeat(ask, kLivePauseMs);
        const stop = new AbortController();
        void ask(stop.signal);
        return () => stop.abort();
    }, [key, live, round, tries]);
    useEffect(() => {
        if (!state.unavailable || live) return undefined;
        const timer = setTimeout(() => setTries(tries + 1), kRetryMs);
        return () => clearTimeout(timer);
    }, [state, live]);
    return { ...state, busy, cancel: () => request.current?.abort() };
}

function failed(error: unknown): Partial<Answer> {
    if (error instanceof Superseded) return { failure: 'Cancelled.', position: null };
    const code = error instanceof Problem ? error.code : '';
    return {
        failure: messageOf(error),
        position: error instanceof Problem ? error.position : null,
        unavailable: code === 'analytics_unavailable',
    };
}
