// SPDX-License-Identifier: Apache-2.0
//
// One entity: its state on the left, curves of chosen attributes on the right.
import { useMemo } from 'preact/hooks';
import { segment } from '../api/client';
import { curlCommand } from '../api/curl';
import { catalog, catalog_loaded } from '../catalog/catalog';
import { Ago } from '../format/Ago';
import { formatNames, parseNames } from '../language/names';
import { adjust, back, hrefOfList, route } from '../route/route';
import type { Row } from '../rows/rows';
import { CopyButton } from '../ui/CopyButton';
import { useKeys } from '../ui/useKeys';
import { Curves } from './Curves';
import { StatePane } from './StatePane';
import { useEntity } from './useEntity';
import { drawnAs, usualCurves } from './usual';

// No name for an attribute: nothing is drawn, and that has been chosen.
const kNone = '-';

export function EntityView({ id }: { id: string }) {
    const { row, problem } = useEntity(id);
    useKeys({ Escape: back });
    const usual = useMemo(() => (row ? usualOf(row) : []), [row !== null, catalog_loaded.value]);
    const attrs = route.value.params['attrs'];
    const drawn = attrs === undefined ? usual : attrs === kNone ? [] : parseNames(attrs);
    const choose = (names: readonly string[]) =>
        adjust({ attrs: names.length === 0 ? kNone : formatNames(names) });
    const toggle = (name: string) =>
        choose(drawn.includes(name) ? drawn.filter((other) => other !== name) : [...drawn, name]);
    if (problem) return <Missing id={id} detail={problem.message} />;
    return (
        <section class="entity" aria-label={`Entity ${id}`}>
            <Title id={id} row={row} />
            <div class="halves">
                <StatePane row={row} drawn={drawn} onToggle={toggle} />
                {row && catalog_loaded.value && (
                    <Curves entity={id} attributes={drawn} onRemove={toggle} />
                )}
            </div>
        </section>
    );
}

function usualOf(row: Row): string[] {
    const candidates = Object.keys(row.attributes).map((name) => {
        const known = catalog.peek().get(name);
        const flat = row.attributes[name] === 0;
        return { name, type: known?.type, hot: known?.hot ?? false, flat };
    });
    return usualCurves(candidates.filter(({ type }) => drawnAs(type) !== 'none'));
}

function Title({ id, row }: { id: string; row: Row | null }) {
    const path = `/v1/entities/${segment(id)}`;
    return (
        <header class="title">
            <a class="back" href={hrefOfList()} aria-label="All entities">
                ‹
            </a>
            <h1>{id}</h1>
            {row && (
                <>
                    <span class="type">{row.type}</span>
                    <span class="faint">
                        reported <Ago at={row.last_observed_at ?? row.updated_at} />
                    </span>
                    <span class="faint since">
                        registered <Ago at={row.created_at} />
                    </span>
                </>
            )}
            <span class="spacer" />
            <CopyButton label="Copy as curl" text={() => curlCommand(path, { attributes: '*' })} />
        </header>
    );
}

function Missing({ id, detail }: { id: string; detail: string }) {
    return (
        <section class="missing">
            <h1>{id}</h1>
            <p>{detail}</p>
            <a href={hrefOfList()}>All entities</a>
        </section>
    );
}
