// SPDX-License-Identifier: Apache-2.0
import { useMemo, useRef } from 'preact/hooks';
import { exact } from '../format/time';
import { plainText, ValueText } from '../format/ValueText';
import type { Result } from '../model/analytics';
import type { Value } from '../model/types';
import { Gap } from '../ui/Gap';
import { useWindow } from '../ui/useWindow';
import { kindsOf, numberText, timeText, type Kind } from './values';

const kRowPx = 28;
const kHeaderPx = 30;
const kWidths: Record<Kind, number> = { time: 168, number: 120, word: 190 };

export function ResultTable({ result }: { result: Result }) {
    const scroller = useRef<HTMLDivElement>(null);
    const { columns, rows } = result;
    const kinds = useMemo(() => kindsOf(result), [result]);
    const texts = useMemo(
        () => kinds.map((kind, at) => textOf(kind, rows.map((row) => row[at] ?? null))),
        [result],
    );
    const span = useWindow(scroller, rows.length, kRowPx, kHeaderPx);
    const width_px = kinds.reduce((sum, kind) => sum + kWidths[kind], 0);
    return (
        <div class="tableframe">
            <div class="scroller" ref={scroller} tabIndex={-1}>
                <table
                    class="rows result"
                    aria-label="Result"
                    aria-rowcount={rows.length}
                    style={{ minWidth: `${width_px}px` }}
                >
                    <colgroup>
                        {kinds.map((kind, at) => (
                            <col key={at} style={{ width: `${kWidths[kind]}px` }} />
                        ))}
                        <col />
                    </colgroup>
                    <thead>
                        <tr>
                            {columns.map(({ name, type }, at) => (
                                <th
                                    key={at}
                                    scope="col"
                                    title={`${name}, ${type}`}
                                    class={kinds[at] === 'number' ? 'numeric' : ''}
                                >
                                    {name}
                                </th>
                            ))}
                            <td aria-hidden="true" />
                        </tr>
                    </thead>
                    <tbody>
                        <Gap height_px={span.above_px} columns={columns.length + 1} />
                        {rows.slice(span.first, span.end).map((row, at) => (
                            <tr key={span.first + at}>
                                {row.map((value, column) => (
                                    <Cell
                                        key={column}
                                        name={columns[column]?.name ?? ''}
                                        kind={kinds[column] ?? 'word'}
                                        value={value}
                                        text={texts[column] ?? plainText}
                                    />
                                ))}
                                <td aria-hidden="true" />
                            </tr>
                        ))}
                        <Gap height_px={span.below_px} columns={columns.length + 1} />
                    </tbody>
                </table>
                {rows.length === 0 && <p class="ending">No rows.</p>}
            </div>
        </div>
    );
}

interface CellProps {
    name: string;
    kind: Kind;
    value: Value;
    text: (value: Value) => string;
}

// What is cut short or rounded is whole on hover.
function Cell({ name, kind, value, text }: CellProps) {
    const whole = plainText(value);
    if (kind === 'time' && value !== null) {
        return <td title={exact(Date.parse(whole)) || whole}>{text(value)}</td>;
    }
    if (kind !== 'number') {
        return (
            <td title={whole}>
                <ValueText name={name} value={value} unit="" />
            </td>
        );
    }
    if (value === null) return <td class="numeric absent">–</td>;
    return (
        <td class="numeric" title={whole}>
            {text(value)}
        </td>
    );
}

function textOf(kind: Kind, values: readonly Value[]): (value: Value) => string {
    if (kind === 'time') return timeText(values);
    return kind === 'number' ? numberText(values) : plainText;
}
