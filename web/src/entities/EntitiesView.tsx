// SPDX-License-Identifier: Apache-2.0
//
// The fleet: filter, table, count. All of its state is in the URL (`filter`, `order`, `cols`).
import type { ComponentChildren } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { catalog_loaded } from '../catalog/catalog';
import { FilterBox } from '../filter/FilterBox';
import { formatNames, parseNames } from '../language/names';
import type { Entity } from '../model/types';
import { adjust, route } from '../route/route';
import { tenant, token } from '../session/session';
import { columnsFor, formatOrder, parseOrder } from './columns';
import { EntityTable } from './EntityTable';
import { Toolbar } from './Toolbar';
import { useList } from './useList';
import { usualColumns } from './usualColumns';

const kUsualColumns = 8;
const kFewestColumns = 3;

// `empty` is what a tenant without any entity shows instead.
export function EntitiesView({ empty }: { empty: ComponentChildren }) {
    const { filter = '', order = '', cols = '' } = route.value.params;
    const following = useRef(true);
    const asker = `${tenant.value} ${token.value}`;
    const query = useMemo(() => ({ filter, order, attributes: cols }), [filter, order, cols]);
    const { shown, wanted, place } = useList(query, asker, () => following.current);
    const rows = shown.rows.value;
    const usual = useUsualColumns(shown, rows);
    const attributes = cols === '' ? usual : parseNames(cols);
    const columns = useMemo(
        () => columnsFor(attributes, rows),
        [shown, attributes.join('\n'), rows.length > 0, catalog_loaded.value],
    );
    const nothing = wanted === shown && filter === '' && shown.complete.value && rows.length === 0;
    if (nothing && !shown.loading.value) return <>{empty}</>;
    return (
        <section class="entities" aria-label="Entities">
            <div class="bar">
                <FilterBox
                    applied={filter}
                    problem={wanted.problem.value}
                    rows={rows}
                    onApply={(text, finished) => {
                        if (text !== filter)
                            adjust({ filter: text }, finished ? 'push' : 'replace');
                    }}
                />
                <Toolbar
                    list={wanted}
                    chosen={attributes}
                    usual={cols === ''}
                    onChoose={(names) => adjust({ cols: names ? formatNames(names) : undefined })}
                />
            </div>
            <EntityTable
                list={shown}
                place={place}
                columns={columns}
                order={parseOrder(order)}
                following={following}
                onOrder={(next) => adjust({ order: formatOrder(next) }, 'push')}
                onMove={(names) => adjust({ cols: formatNames(names) })}
            />
        </section>
    );
}

// Chosen once for a list, from its first rows: columns that come and go would be restless.
function useUsualColumns(list: object, rows: readonly Entity[]): string[] {
    const [chosen, setChosen] = useState<{ list: object | null; names: string[] }>({
        list: null,
        names: [],
    });
    if (chosen.list !== list && rows.length > 0) {
        const names = fitting(usualColumns(rows, kUsualColumns), rows);
        const same = names.join('\n') === chosen.names.join('\n');
        setChosen({ list, names: same ? chosen.names : names });
        return names;
    }
    return chosen.names;
}

// As many as the window has room for.
function fitting(names: readonly string[], rows: readonly Entity[]): string[] {
    for (let count = names.length; count > kFewestColumns; count--) {
        const columns = columnsFor(names.slice(0, count), rows);
        const width_px = columns.reduce((sum, column) => sum + column.width_px, 0);
        if (width_px <= innerWidth) return names.slice(0, count);
    }
    return names.slice(0, kFewestColumns);
}
