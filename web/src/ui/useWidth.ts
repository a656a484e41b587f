// SPDX-License-Identifier: Apache-2.0
import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

// The width of an element in CSS pixels, 0 before it is known.
export function useWidth(element: RefObject<HTMLElement>): number {
    const [width_px, setWidth] = useState(0);
    useEffect(() => {
        if (element.current === null) return undefined;
        const measure = () => setWidth(element.current?.clientWidth ?? 0);
        const resized = new ResizeObserver(measure);
        resized.observe(element.current);
        measure();
        return () => resized.disconnect();
    }, []);
    return width_px;
}
