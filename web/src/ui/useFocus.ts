// SPDX-License-Identifier: Apache-2.0
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

// Gives an element the focus when it appears. The `autofocus` attribute works once per page.
export function useFocus<T extends HTMLElement>(): RefObject<T> {
    const element = useRef<T>(null);
    useEffect(() => element.current?.focus(), []);
    return element;
}
