// SPDX-License-Identifier: Apache-2.0
import { useLayoutEffect, useRef } from 'preact/hooks';
import { unitFor } from '../catalog/catalog';
import { serverNow } from '../clock/clock';
import { Ago } from '../format/Ago';
import { exact } from '../format/time';
import { plainText, ValueText } from '../format/ValueText';
import { go, hrefOf } from '../route/route';
import { kMarkedMs, type Row } from '../rows/rows';
import type { Column } from './columns';

interface Props {
    row: Row;
    columns: readonly Column[];
    position: number;
    selected: boolean;
}

export function EntityRow({ row, columns, position, selected }: Props) {
    const link = useRef<HTMLAnchorElement>(null);
    // Before the next key arrives, because Enter opens what has the focus.
    useLayoutEffect(() => {
        if (selected) link.current?.focus({ preventScroll: true });
    }, [selected]);
    const open = (event: MouseEvent) => {
        if (event.target instanceof HTMLAnchorElement || getSelection()?.toString()) return;
        go('entity', {}, row.entity);
    };
    return (
        <tr
            aria-rowindex={position + 2}
            aria-selected={selected}
            class={marked(row, '') ? 'marked' : ''}
            onClick={open}
        >
            {columns.map((column) =>
                column.name === 'entity' && column.built_in ? (
                    <th key="entity" scope="row" title={row.entity}>
                        <a ref={link} href={hrefOf('entity', {}, row.entity)}>
                            {row.entity}
                        </a>
                    </th>
                ) : (
                    <Cell key={column.name} row={row} column={column} />
                ),
            )}
            <td aria-hidden="true" />
        </tr>
    );
}

function Cell({ row, column }: { row: Row; column: Column }) {
    const { name } = column;
    if (column.built_in && name === 'type') return <td class="type">{row.type}</td>;
    if (column.built_in) {
        return (
            <td class="numeric updated">
                <Ago at={row.updated_at} />
            </td>
        );
    }
    const value = row.attributes[name];
    const observed = row.attribute_times[name];
    const title = observed && `${plainText(value)}\nobserved ${exact(Date.parse(observed))}`;
    const changed_ms = marked(row, name);
    return (
        <td class={column.numeric ? 'numeric' : ''} title={title}>
            {/* The key restarts the mark when the value changes while it is marked. */}
            <span key={changed_ms} class={changed_ms ? 'marked' : ''}>
                <ValueText name={name} value={value} unit={unitFor(name)} />
            </span>
        </td>
    );
}

function marked(row: Row, name: string): number {
    const at_ms = row.changed_ms[name] ?? 0;
    return serverNow() - at_ms < kMarkedMs ? at_ms : 0;
}
