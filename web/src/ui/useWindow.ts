// SPDX-License-Identifier: Apache-2.0
//
// Which rows of a long list are in the document: the visible ones and a few around them. All rows
// have the same height, so a row's position follows from its number and nothing is measured.
import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

export interface Span {
    first: number;
    end: number;
    // Heights of what is left out above and below.
    above_px: number;
    below_px: number;
}

const kOverscanRows = 12;

export function useWindow(
    scroller: RefObject<HTMLElement>,
    count: number,
    row_px: number,
    header_px = 0,
): Span {
    const [view, setView] = useState({ first: 0, rows: 60 });
    useEffect(() => {
        const element = scroller.current;
        if (element === null) return undefined;
        const measure = () => {
            const first = Math.max(0, Math.floor(element.scrollTop / row_px) - kOverscanRows);
            const visible = Math.ceil((element.clientHeight - header_px) / row_px);
            const rows = Math.max(0, visible) + 2 * kOverscanRows;
            setView((now) => (near(now, first, rows) ? now : { first, rows }));
        };
        const resized = new ResizeObserver(measure);
        resized.observe(element);
        element.addEventListener('scroll', measure, { passive: true });
        measure();
        return () => {
            resized.disconnect();
            element.removeEventListener('scroll', measure);
        };
    }, [row_px, header_px]);
    const end = Math.min(count, view.first + view.rows);
    const first = Math.min(view.first, Math.max(0, end - view.rows));
    return { first, end, above_px: first * row_px, below_px: (count - end) * row_px };
}

// Scrolling by less than a third of the overscan needs no other rows.
function near(now: { first: number; rows: number }, first: number, rows: number): boolean {
    const moved = Math.abs(now.first - first);
    return now.rows === rows && (moved === 0 || (moved < kOverscanRows / 3 && first > 0));
}

// Brings a row into sight, moving no further than needed.
export function reveal(scroller: HTMLElement, row: number, row_px: number, header_px = 0): void {
    const top = row * row_px;
    const room = scroller.clientHeight - header_px;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + row_px > scroller.scrollTop + room) scroller.scrollTop = top + row_px - room;
}
