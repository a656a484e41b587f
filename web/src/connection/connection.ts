// SPDX-License-Identifier: Apache-2.0
//
// Whether the server is there, and if not, since when. Requests report their outcome; nobody
// needs to reload anything, because the regular polls go on and the first answer ends the trouble.
import { signal } from '@preact/signals';

export interface Trouble {
    kind: 'unreachable' | 'unavailable';
    since_ms: number;
    detail: string;
}

export const trouble = signal<Trouble | null>(null);

let last_answer_ms = Date.now();

// Some answer came, whatever it says.
export function reachable(): void {
    last_answer_ms = Date.now();
    if (trouble.peek()?.kind === 'unreachable') trouble.value = null;
}

// A read was served: what it is served from works again.
export function available(): void {
    if (trouble.peek() !== null) trouble.value = null;
}

export function unreachable(): void {
    if (trouble.peek()?.kind === 'unreachable') return;
    trouble.value = { kind: 'unreachable', since_ms: last_answer_ms, detail: '' };
}

export function unavailable(detail: string): void {
    const now = trouble.peek();
    if (now?.kind === 'unavailable' && now.detail === detail) return;
    const since_ms = now?.kind === 'unavailable' ? now.since_ms : Date.now();
    trouble.value = { kind: 'unavailable', since_ms, detail };
}
