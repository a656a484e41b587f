// SPDX-License-Identifier: Apache-2.0
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface Props {
    title: string;
    onClose: () => void;
    children: ComponentChildren;
}

// A modal dialog: the browser's own, which keeps the focus inside and closes on Esc.
export function Dialog({ title, onClose, children }: Props) {
    const element = useRef<HTMLDialogElement>(null);
    useEffect(() => {
        const dialog = element.current;
        if (dialog && !dialog.open) dialog.showModal();
    }, []);
    const closeOutside = (event: MouseEvent) => {
        if (event.target === element.current) onClose();
    };
    return (
        <dialog ref={element} aria-label={title} onClose={onClose} onClick={closeOutside}>
            <header>
                <h2>{title}</h2>
                <button type="button" class="plain" aria-label="Close" onClick={onClose}>
                    ✕
                </button>
            </header>
            {children}
        </dialog>
    );
}
