// SPDX-License-Identifier: Apache-2.0
//
// The row that the keyboard is on, and how far the table is scrolled; both survive a visit to an
// entity. While either is held, the rows keep their order.
import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { go } from '../route/route';
import type { Row } from '../rows/rows';
import { useKeys } from '../ui/useKeys';
import { reveal } from '../ui/useWindow';
import type { Place } from './useList';

export interface Selection {
    // -1 for none.
    row: number;
    scrolled: boolean;
    onScroll: (event: Event) => void;
    // Lets go of the row and returns to the first one.
    toTop: () => void;
}

export function useSelection(
    scroller: RefObject<HTMLElement>,
    rows: readonly Row[],
    place: Place,
    row_px: number,
    header_px: number,
): Selection {
    const [row, setRow] = useState(place.row);
    const [scrolled, setScrolled] = useState(place.scroll_px > 0);
    useEffect(() => {
        if (scroller.current) scroller.current.scrollTop = place.scroll_px;
    }, [place]);
    const select = (wanted: number) => {
        const next = Math.max(0, Math.min(rows.length - 1, wanted));
        setRow(next);
        place.row = next;
        if (scroller.current) reveal(scroller.current, next, row_px, header_px);
    };
    const release = () => {
        setRow(-1);
        place.row = -1;
    };
    useKeys({
        j: () => select(row + 1),
        k: () => select(row - 1),
        Enter: () => {
            const chosen = rows[row];
            if (chosen) go('entity', {}, chosen.entity);
        },
        Escape: release,
    });
    const onScroll = (event: Event) => {
        place.scroll_px = (event.currentTarget as HTMLElement).scrollTop;
        setScrolled(place.scroll_px > row_px / 2);
    };
    const toTop = () => {
        release();
        scroller.current?.scrollTo({ top: 0 });
    };
    return { row, scrolled, onScroll, toTop };
}
