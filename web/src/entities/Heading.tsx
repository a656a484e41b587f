// SPDX-License-Identifier: Apache-2.0
import { catalog } from '../catalog/catalog';
import type { Column, Order } from './columns';

interface Props {
    columns: readonly Column[];
    order: Order;
    onOrder: (order: Order) => void;
    onMove: (attributes: readonly string[]) => void;
}

const kTitles: Record<string, string> = { updated_at: 'updated' };
const kDragType = 'text/plain';

// A click sorts by a column, a second one reverses the order; dragging moves the column.
export function Heading({ columns, order, onOrder, onMove }: Props) {
    const move = (name: string, before: string) => {
        if (name === before) return;
        const names = columns.filter((column) => !column.built_in).map((column) => column.name);
        const from = names.indexOf(name);
        const to = names.indexOf(before);
        if (from < 0 || to < 0) return;
        names.splice(from, 1);
        names.splice(to, 0, name);
        onMove(names);
    };
    return (
        <thead>
            <tr>
                {columns.map((column) => (
                    <Title key={column.name} {...{ column, order, onOrder, move }} />
                ))}
                <td aria-hidden="true" />
            </tr>
        </thead>
    );
}

interface TitleProps {
    column: Column;
    order: Order;
    onOrder: (order: Order) => void;
    move: (name: string, before: string) => void;
}

function Title({ column, order, onOrder, move }: TitleProps) {
    const { name, built_in, numeric } = column;
    const sorted = order.name === name && order.built_in === built_in;
    const sortable = built_in || (catalog.value.get(name)?.hot ?? true);
    const label = (built_in && kTitles[name]) || name;
    const direction = order.descending ? 'descending' : 'ascending';
    const sort = () => {
        const descending = sorted ? !order.descending : numeric;
        onOrder({ name, built_in, descending });
    };
    return (
        <th
            scope="col"
            class={numeric ? 'numeric' : ''}
            aria-sort={sorted ? direction : undefined}
            draggable={!built_in}
            onDragStart={(event) => event.dataTransfer?.setData(kDragType, name)}
            onDragOver={(event) => !built_in && event.preventDefault()}
            onDrop={(event) => {
                event.preventDefault();
                move(event.dataTransfer?.getData(kDragType) ?? '', name);
            }}
        >
            {sortable ? (
                <button type="button" class="plain" title={`Sort by ${label}`} onClick={sort}>
                    <span>{label}</span>
                    <span class="arrow" aria-hidden="true">
                        {sorted ? (order.descending ? '↓' : '↑') : ''}
                    </span>
                </button>
            ) : (
                <span title={`${name} is not hot: it can be shown but not sorted by`}>
                    {label}
                </span>
            )}
        </th>
    );
}
