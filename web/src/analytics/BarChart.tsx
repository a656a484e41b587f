// SPDX-License-Identifier: Apache-2.0
import { useMemo } from 'preact/hooks';
import type { Bars } from './chart';
import { numberText } from './values';

// One bar per row, in the order of the result. Negative values go to the left of the line of zero.
export function BarChart({ chart }: { chart: Bars }) {
    const { bars, measure, more } = chart;
    const values = bars.map(({ value }) => value);
    const text = useMemo(() => numberText(values), [bars]);
    const low = Math.min(0, ...values);
    const size = Math.max(0, ...values) - low || 1;
    const share = (value: number) => `${((100 * value) / size).toFixed(2)}%`;
    return (
        <figure class="barchart" aria-label={`${measure} by row`}>
            <ol>
                {bars.map(({ name, value }, at) => (
                    <li key={at}>
                        <span class="name" title={name}>
                            {name}
                        </span>
                        <span class="track" aria-hidden="true">
                            <i
                                style={{
                                    left: share(Math.min(0, value) - low),
                                    width: share(Math.abs(value)),
                                }}
                            />
                        </span>
                        <span class="numeric" title={String(value)}>
                            {text(value)}
                        </span>
                    </li>
                ))}
            </ol>
            {more > 0 && <p class="faint">and {more} more in the table</p>}
        </figure>
    );
}
