// SPDX-License-Identifier: Apache-2.0
//
// The current value of every attribute, with its age. A click draws it on the right.
import { useMemo, useRef, useState } from 'preact/hooks';
import { catalog, unitFor } from '../catalog/catalog';
import { serverNow } from '../clock/clock';
import { Ago } from '../format/Ago';
import { grouped } from '../format/number';
import { exact } from '../format/time';
import { isNumeric, plainText, ValueText } from '../format/ValueText';
import { kMarkedMs, type Row } from '../rows/rows';
import { useWindow } from '../ui/useWindow';
import { drawnAs } from './usual';

interface Props {
    row: Row | null;
    drawn: readonly string[];
    onToggle: (name: string) => void;
}

const kRowPx = 26;

export function StatePane({ row, drawn, onToggle }: Props) {
    const [wanted, setWanted] = useState('');
    const scroller = useRef<HTMLDivElement>(null);
    const all = row ? Object.keys(row.attributes) : [];
    const names = useMemo(() => inOrder(all, wanted), [all.join('\n'), wanted, catalog.value]);
    const span = useWindow(scroller, names.length, kRowPx);
    return (
        <section class="state" aria-label="Current state">
            <div class="find">
                <input
                    data-filter
                    aria-label="Find an attribute"
                    placeholder={row ? `${grouped(all.length)} attributes` : ''}
                    spellcheck={false}
                    value={wanted}
                    onInput={(event) => setWanted(event.currentTarget.value)}
                    onKeyDown={(event) => {
                        if (event.key === 'Escape') event.currentTarget.blur();
                    }}
                />
            </div>
            <div class="scroller" ref={scroller}>
                <ul style={{ height: `${names.length * kRowPx}px` }}>
                    {row &&
                        names
                            .slice(span.first, span.end)
                            .map((name, at) => (
                                <Attribute
                                    key={name}
                                    name={name}
                                    row={row}
                                    top_px={(span.first + at) * kRowPx}
                                    place={drawn.indexOf(name)}
                                    colour={colourOf(name, drawn)}
                                    onToggle={() => onToggle(name)}
                                />
                            ))}
                </ul>
                {row?.truncated_at && (
                    <p class="note">
                        Attributes not observed since <Ago at={row.truncated_at} /> may be missing.
                    </p>
                )}
            </div>
        </section>
    );
}

interface AttributeProps {
    name: string;
    row: Row;
    top_px: number;
    place: number;
    colour: string;
    onToggle: () => void;
}

function Attribute({ name, row, top_px, place, colour, onToggle }: AttributeProps) {
    const value = row.attributes[name];
    const at = row.attribute_times[name];
    const changed_ms = row.changed_ms[name] ?? 0;
    // Numbers change all the time; a mark on each of them would be a flicker, not news.
    const marked = !isNumeric(value) && serverNow() - changed_ms < kMarkedMs;
    const drawable = drawnAs(catalog.value.get(name)?.type) !== 'none';
    const title = `${plainText(value)}${at ? `\nobserved ${exact(Date.parse(at))}` : ''}`;
    return (
        <li style={{ top: `${top_px}px` }}>
            <button
                type="button"
                class="plain"
                aria-pressed={place >= 0}
                disabled={!drawable}
                title={title}
                onClick={onToggle}
            >
                <i class={`swatch ${place >= 0 ? colour : ''}`} aria-hidden="true" />
                <span class="name">{name}</span>
                <span class={`value ${isNumeric(value) ? 'numeric' : ''}`}>
                    <span key={marked ? changed_ms : 0} class={marked ? 'marked' : ''}>
                        <ValueText name={name} value={value} unit={unitFor(name)} />
                    </span>
                </span>
                <span class="age">
                    <Ago at={at} />
                </span>
            </button>
        </li>
    );
}

// Hot attributes first, then by name; a search looks anywhere in the name.
function inOrder(names: readonly string[], wanted: string): string[] {
    const search = wanted.trim().toLowerCase();
    const cold = (name: string) => Number(!(catalog.peek().get(name)?.hot ?? false));
    return names
        .filter((name) => name.toLowerCase().includes(search))
        .sort((a, b) => cold(a) - cold(b) || (a < b ? -1 : 1));
}

// The colour its curve has, which counts curves only.
function colourOf(name: string, drawn: readonly string[]): string {
    const isCurve = (other: string) => drawnAs(catalog.value.get(other)?.type) === 'curve';
    if (!isCurve(name)) return 'stripes';
    return `series-${(drawn.filter(isCurve).indexOf(name) % 8) + 1}`;
}
