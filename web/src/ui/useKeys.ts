// SPDX-License-Identifier: Apache-2.0
//
// Keyboard shortcuts: single keys, never while a field is being typed into, and never in place
// of the browser's own (those have a modifier).
import { useEffect, useRef } from 'preact/hooks';

export type Keys = Record<string, (event: KeyboardEvent) => void>;

export function useKeys(keys: Keys): void {
    const latest = useRef(keys);
    latest.current = keys;
    useEffect(() => {
        const listen = (event: KeyboardEvent) => {
            if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
            if (isTyping(event.target) || isPressing(event)) return;
            if (document.querySelector('dialog[open]')) return;
            const action = latest.current[event.key];
            if (action === undefined) return;
            event.preventDefault();
            action(event);
        };
        addEventListener('keydown', listen);
        return () => removeEventListener('keydown', listen);
    }, []);
}

function isTyping(target: EventTarget | null): boolean {
    if (!(target instanceof HTMLElement)) return false;
    if (target instanceof HTMLInputElement) return !['checkbox', 'radio'].includes(target.type);
    return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

// Enter on a button or link is a press of that button.
function isPressing({ key, target }: KeyboardEvent): boolean {
    return key === 'Enter' && target instanceof Element && target.closest('button, a') !== null;
}
