// SPDX-License-Identifier: Apache-2.0
//
// Repeats work for as long as a view shows it: one run at a time, a pause after each, and hardly
// anything while the tab is hidden. A run that is slow stretches its own pause, so that a busy
// server is not asked more the slower it gets.
import { useEffect, useRef } from 'preact/hooks';

const kHiddenPauseMs = 15_000;
const kSlownessFactor = 8;

export type Run = (signal: AbortSignal) => Promise<void>;

// Starts over when one of `inputs` changes; the run in flight is aborted then. `slowness` times as
// long as a run took is the least pause after it.
export function usePoll(
    run: Run,
    pause_ms: number,
    inputs: readonly unknown[],
    slowness = kSlownessFactor,
): void {
    const latest = useRef(run);
    latest.current = run;
    useEffect(() => repeat((signal) => latest.current(signal), pause_ms, slowness), inputs);
}

export function repeat(run: Run, pause_ms: number, slowness = kSlownessFactor): () => void {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let busy = false;
    const step = async () => {
        if (busy || abort.signal.aborted) return;
        busy = true;
        const started = performance.now();
        await run(abort.signal).catch(() => undefined);
        busy = false;
        if (abort.signal.aborted) return;
        const took = performance.now() - started;
        const pause = document.hidden ? kHiddenPauseMs : pause_ms;
        timer = setTimeout(step, Math.max(pause, took * slowness));
    };
    const resume = () => {
        if (document.hidden) return;
        clearTimeout(timer);
        void step();
    };
    document.addEventListener('visibilitychange', resume);
    void step();
    return () => {
        abort.abort();
        clearTimeout(timer);
        document.removeEventListener('visibilitychange', resume);
    };
}
