// SPDX-License-Identifier: Apache-2.0
//
// Binds a list of entities to the view: a new query loads beside the old rows and takes their
// place when it has some; coming back from an entity finds rows and scroll position as they were.
import { useEffect, useRef } from 'preact/hooks';
import { serverNow } from '../clock/clock';
import { usePoll } from '../clock/poll';
import { EntityList, type ListQuery } from './list';

export interface Place {
    scroll_px: number;
    row: number;
}

interface Remembered {
    key: string;
    list: EntityList;
    place: Place;
}

const kRefreshMs = 1000;
const kCountMs = 10_000;
// Counting reads every match: it may take a twentieth of the time, not more.
const kCountSlowness = 20;

let remembered: Remembered | null = null;

export interface ListView {
    // The rows to show, and the list that is asked for; they differ while it loads.
    shown: EntityList;
    wanted: EntityList;
    place: Place;
}

// `asker` is the tenant and token: rows read with one are not shown to another.
export function useList(query: ListQuery, asker: string, following: () => boolean): ListView {
    const key = JSON.stringify([asker, query]);
    const current = recall(key, query);
    const list = current.list;
    const last_shown = useRef(list);
    useEffect(() => {
        if (list.loading.peek()) void list.begin();
    }, [list]);
    usePoll(
        async () => {
            if (list.loading.peek() || list.problem.peek()) return;
            if (following() && list.cheap()) await list.followTop(serverNow());
            else await list.refreshInPlace(serverNow());
        },
        kRefreshMs,
        [list],
    );
    usePoll(() => list.count(), kCountMs, [list], kCountSlowness);
    const loaded = !list.loading.value && !list.problem.value && list.failure.value === '';
    if (loaded || list.rows.value.length > 0) last_shown.current = list;
    return { shown: last_shown.current, wanted: list, place: current.place };
}

function recall(key: string, query: ListQuery): Remembered {
    if (remembered?.key === key) return remembered;
    remembered?.list.stop();
    remembered = { key, list: new EntityList(query), place: { scroll_px: 0, row: -1 } };
    return remembered;
}
