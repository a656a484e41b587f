// SPDX-License-Identifier: Apache-2.0
//
// The catalog of the tenant: what is known about every attribute, and whether it is hot.
import { useMemo, useRef, useState } from 'preact/hooks';
import { messageOf } from '../api/problem';
import { catalog, catalog_loaded, loadCatalog, setHot } from '../catalog/catalog';
import { usePoll } from '../clock/poll';
import { Ago } from '../format/Ago';
import { grouped } from '../format/number';
import { spelledName } from '../language/names';
import type { Attribute } from '../model/types';
import { adjust, hrefOf, route } from '../route/route';
import { Gap } from '../ui/Gap';
import { useWindow } from '../ui/useWindow';

const kRowPx = 28;
const kHeaderPx = 30;
const kColumns = 7;
const kReloadMs = 10_000;
const kUncategorized = 'uncategorized';
const kHotTitle = 'Part of the current state: filters and sorting can use it';
const kColdTitle = 'Stored as history only: filters and sorting cannot use it';

export function AttributesView() {
    const search = route.value.params['search'] ?? '';
    const [refusal, setRefusal] = useState<{ name: string; text: string } | null>(null);
    const [failure, setFailure] = useState('');
    const scroller = useRef<HTMLDivElement>(null);
    usePoll(
        async (abort) => {
            try {
                await loadCatalog(abort);
                setFailure('');
            } catch (error) {
                setFailure(messageOf(error));
            }
        },
        kReloadMs,
        [],
    );
    const names = useMemo(() => matching(search), [catalog.value, search]);
    const span = useWindow(scroller, names.length, kRowPx, kHeaderPx);
    const flip = async ({ name, hot }: Attribute) => {
        try {
            setRefusal(null);
            await setHot(name, !hot);
        } catch (error) {
            setRefusal({ name, text: messageOf(error) });
        }
    };
    return (
        <section class="attributes" aria-label="Attributes">
            <div class="bar">
                <input
                    data-filter
                    class="searchfield"
                    aria-label="Search attributes"
                    placeholder="name, type, category, unit or description"
                    spellcheck={false}
                    value={search}
                    onInput={(event) => adjust({ search: event.currentTarget.value })}
                    onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
                />
                <span class="found" role="status">
                    <span class="number">{grouped(names.length)}</span> found
                </span>
            </div>
            {refusal && (
                <p class="problem" role="alert">
                    <strong>{refusal.name}</strong>: {refusal.text}
                </p>
            )}
            <div class="tableframe">
                <div class="scroller" ref={scroller} tabIndex={-1}>
                    <table
                        class="rows catalog"
                        aria-label="Attributes"
                        aria-rowcount={names.length}
                    >
                        <thead>
                            <tr>
                                <th scope="col">name</th>
                                <th scope="col">type</th>
                                <th scope="col">category</th>
                                <th scope="col">hot</th>
                                <th scope="col">unit</th>
                                <th scope="col">description</th>
                                <th scope="col" class="numeric">
                                    created
                                </th>
                            </tr>
                        </thead>
                        <tbody>
                            <Gap height_px={span.above_px} columns={kColumns} />
                            {names.slice(span.first, span.end).map((attribute) => (
                                <Line key={attribute.name} attribute={attribute} onFlip={flip} />
                            ))}
                            <Gap height_px={span.below_px} columns={kColumns} />
                        </tbody>
                    </table>
                    {names.length === 0 && <p class="ending faint">{emptyText(failure, search)}</p>}
                </div>
            </div>
        </section>
    );
}

interface LineProps {
    attribute: Attribute;
    onFlip: (attribute: Attribute) => Promise<void>;
}

function Line({ attribute, onFlip }: LineProps) {
    const { name, type, declared, category, hot, unit, description, created_at } = attribute;
    const filter = `${spelledName(name)}:*`;
    return (
        <tr>
            <th scope="row" title={name}>
                {hot ? (
                    <a href={hrefOf('entities', { filter, cols: spelledName(name) })}>{name}</a>
                ) : (
                    name
                )}
            </th>
            <td>
                {type} {declared && <span class="faint">declared</span>}
            </td>
            <td title={category}>
                {category === kUncategorized ? <span class="faint">–</span> : category}
            </td>
            <td>
                <button
                    type="button"
                    role="switch"
                    class="switch"
                    aria-checked={hot}
                    aria-label={`${name} is hot`}
                    title={hot ? kHotTitle : kColdTitle}
                    onClick={() => void onFlip(attribute)}
                >
                    <i aria-hidden="true" />
                    <span>{hot ? 'hot' : 'cold'}</span>
                </button>
            </td>
            <td>{unit ?? ''}</td>
            <td title={description ?? ''}>{description ?? ''}</td>
            <td class="numeric updated">
                <Ago at={created_at} />
            </td>
        </tr>
    );
}

function matching(search: string): Attribute[] {
    const wanted = search.trim().toLowerCase();
    return [...catalog.value.values()]
        .filter(({ name, type, category, unit, description }) =>
            [name, type, category, unit, description].some((text) =>
                text?.toLowerCase().includes(wanted),
            ),
        )
        .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function emptyText(failure: string, search: string): string {
    if (failure !== '') return failure;
    if (!catalog_loaded.value) return 'Loading…';
    return search === ''
        ? 'No attributes yet: the first data point creates them.'
        : 'No attributes match.';
}
