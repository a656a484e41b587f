// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

interface Props {
    label: string;
    title?: string;
    class?: string;
    button: ComponentChildren;
    children: (close: () => void) => ComponentChildren;
}

// A button that opens a small panel below it; a click elsewhere or Esc closes it.
export function Popover({ label, title, class: name = '', button, children }: Props) {
    const [open, setOpen] = useState(false);
    const element = useRef<HTMLDivElement>(null);
    const close = () => setOpen(false);
    useEffect(() => {
        if (!open) return undefined;
        const outside = (event: Event) => {
            if (!element.current?.contains(event.target as Node)) close();
        };
        const escape = (event: KeyboardEvent) => {
            if (event.key !== 'Escape') return;
            event.preventDefault();
            event.stopPropagation();
            close();
            element.current?.querySelector('button')?.focus();
        };
        addEventListener('pointerdown', outside);
        // In the capture phase, before other listeners: Esc closes the panel and nothing more.
        addEventListener('keydown', escape, true);
        return () => {
            removeEventListener('pointerdown', outside);
            removeEventListener('keydown', escape, true);
        };
    }, [open]);
    return (
        <div class={`popover ${name}`} ref={element}>
            <button
                type="button"
                class="plain"
                aria-label={label}
                aria-expanded={open}
                title={title}
                onClick={() => setOpen(!open)}
            >
                {button}
            </button>
            {open && (
                <div class="panel" role="group" aria-label={label}>
                    {children(close)}
                </div>
            )}
        </div>
    );
}
