// SPDX-License-Identifier: Apache-2.0
import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { grouped } from '../format/number';
import { Gap } from '../ui/Gap';
import { useWindow } from '../ui/useWindow';
import type { Column, Order } from './columns';
import { EntityRow } from './EntityRow';
import { Heading } from './Heading';
import { kMaxRows, type EntityList } from './list';
import type { Place } from './useList';
import { useSelection } from './useSelection';

interface Props {
    list: EntityList;
    place: Place;
    columns: readonly Column[];
    order: Order;
    // Whether the table may follow the order right now; read by the refresh.
    following: RefObject<boolean>;
    onOrder: (order: Order) => void;
    onMove: (attributes: readonly string[]) => void;
}

const kRowPx = 28;
const kHeaderPx = 30;
const kLoadAheadRows = 40;

export function EntityTable({ list, place, columns, order, following, onOrder, onMove }: Props) {
    const scroller = useRef<HTMLDivElement>(null);
    const rows = list.rows.value;
    const span = useWindow(scroller, rows.length, kRowPx, kHeaderPx);
    const selection = useSelection(scroller, rows, place, kRowPx, kHeaderPx);
    const [held, setHeld] = useState(false);
    following.current = !selection.scrolled && !held && selection.row < 0;
    useEffect(() => {
        if (span.end + kLoadAheadRows >= rows.length && rows.length > 0) void list.more();
    }, [list, span.end, rows.length]);
    const width_px = columns.reduce((sum, column) => sum + column.width_px, 0);
    const paused = !following.current && order.name === 'updated_at' && list.unseen.value > 0;
    return (
        <div class="tableframe">
            <div class="scroller" ref={scroller} tabIndex={-1} onScroll={selection.onScroll}>
                <table
                    class="rows"
                    aria-label="Entities"
                    aria-rowcount={list.total.value ?? -1}
                    style={{ minWidth: `${width_px}px` }}
                >
                    <colgroup>
                        {columns.map((column) => (
                            <col key={column.name} style={{ width: `${column.width_px}px` }} />
                        ))}
                        {/* Takes what is left, so that the columns stay close together. */}
                        <col />
                    </colgroup>
                    <Heading columns={columns} order={order} onOrder={onOrder} onMove={onMove} />
                    <tbody
                        onPointerEnter={(event) => setHeld(event.pointerType === 'mouse')}
                        onPointerLeave={() => setHeld(false)}
                    >
                        <Gap height_px={span.above_px} columns={columns.length + 1} />
                        {rows.slice(span.first, span.end).map((row, at) => (
                            <EntityRow
                                key={row.entity}
                                row={row}
                                columns={columns}
                                position={span.first + at}
                                selected={span.first + at === selection.row}
                            />
                        ))}
                        <Gap height_px={span.below_px} columns={columns.length + 1} />
                    </tbody>
                </table>
                <Ending list={list} />
            </div>
            {paused && (
                <button type="button" class="newer" onClick={selection.toTop}>
                    ↑ newer changes
                </button>
            )}
        </div>
    );
}

function Ending({ list }: { list: EntityList }) {
    const failure = list.failure.value;
    const rows = list.rows.value.length;
    if (failure !== '' && rows === 0) return <p class="ending">{failure}</p>;
    if (list.loading.value) return <p class="ending faint">Loading…</p>;
    // A filter that does not parse has no result, not even an empty one.
    if (list.problem.value !== null && rows === 0) return null;
    if (rows === 0) return <p class="ending">No entities match this filter.</p>;
    if (rows >= kMaxRows) {
        const shown = `Only the first ${grouped(kMaxRows)} entities are shown`;
        return <p class="ending">{shown}; narrow the filter to see others.</p>;
    }
    if (!list.complete.value) return <p class="ending faint">Loading more…</p>;
    return null;
}
