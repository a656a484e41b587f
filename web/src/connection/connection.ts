// SPDX-License-Identifier: Apache-2.0
//
// Whether the server responds, and if not, since when. Requests report their outcome; no reload is
// needed, because the regular polls continue and the first response ends the trouble.
import { signal } from '@preact/signals';

export interface Trouble {
    kind: 'unreachable' | 'unavailable';
    since_ms: number;
    detail: string;
}

export const trouble = signal<Trouble | null>(null);

let last_response_ms = Date.now();

// Some response came, whatever its status.
export function reachable(): void {
    last_response_ms = Date.now();
    if (trouble.peek()?.kind === 'unreachable') trouble.value = null;
}

// A read was served: its source is back.
export function available(): void {
    if (trouble.peek() !== null) trouble.value = null;
}

export function unreachable(): void {
    if (trouble.peek()?.kind === 'unreachable') return;
    trouble.value = { kind: 'unreachable', since_ms: last_response_ms, detail: '' };
}

export function unavailable(detail: string): void {
    const now = trouble.peek();
    if (now?.kind === 'unavailable' && now.detail === detail) return;
    const since_ms = now?.kind === 'unavailable' ? now.since_ms : Date.now();
    trouble.value = { kind: 'unavailable', since_ms, detail };
}
