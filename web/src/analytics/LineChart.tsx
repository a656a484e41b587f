// SPDX-License-Identifier: Apache-2.0
import { useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { localShort } from '../format/time';
import { ValueText } from '../format/ValueText';
import { seriesColour } from '../plot/palette';
import { commonOptions, kMarginPx, timeAxis, valueAxis, valueRange } from '../plot/plot';
import { usePlot } from '../plot/usePlot';
import { dark } from '../theme/theme';
import type { Lines } from './chart';

const kHeightPx = 240;
const kManyPoints = 60;

// One line per name over time; dragging enlarges, a double click shows all of it again.
export function LineChart({ chart }: { chart: Lines }) {
    const { time, names, values, measure, more } = chart;
    const host = useRef<HTMLDivElement>(null);
    const [index, setIndex] = useState<number | null>(null);
    const all = { from_ms: (time[0] ?? 0) * 1000, to_ms: (time.at(-1) ?? 0) * 1000 };
    const [zoom, setZoom] = useState<typeof all | null>(null);
    const data = useMemo(() => [time, ...values] as uPlot.AlignedData, [chart]);
    const make = () => ({
        ...commonOptions(
            {
                zoom: (from_ms, to_ms) => setZoom({ from_ms, to_ms }),
                back: () => setZoom(null),
                point: (_at_ms, at) => setIndex(at),
            },
            kMarginPx,
        ),
        ...composition(names, time.length),
    });
    const window = zoom ?? all;
    usePlot(host, make, kHeightPx, { data, ...window }, [names.join('\n'), dark.value]);
    const at_ms = index === null ? null : (time[index] ?? 0) * 1000;
    return (
        <figure class="plot">
            <figcaption>
                {names.map((name, at) => (
                    <span class="readout" key={name}>
                        <i class={`swatch series-${(at % 8) + 1}`} aria-hidden="true" />
                        <span class="name" title={name}>
                            {name}
                        </span>
                        <strong>
                            <ValueText
                                name={measure}
                                value={readingOf(values[at] ?? [], index)}
                                unit=""
                            />
                        </strong>
                    </span>
                ))}
                {more > 0 && <span class="faint">and {more} more in the table</span>}
                {at_ms !== null && <time class="faint">{localShort(at_ms)}</time>}
            </figcaption>
            <div class="canvas" ref={host} role="img" aria-label={`${measure} over time`} />
        </figure>
    );
}

function composition(names: readonly string[], points: number): Partial<uPlot.Options> {
    const lines = names.map((_name, at) => {
        const stroke = seriesColour(at);
        const show = points <= kManyPoints;
        return { scale: 'y', stroke, width: 1.5, spanGaps: false, points: { show, size: 4 } };
    });
    return {
        series: [{}, ...lines],
        scales: {
            x: { time: true, auto: false },
            y: { range: (_plot, low, high) => valueRange(low, high, '') },
        },
        axes: [timeAxis(true), valueAxis('y', '', false)],
    };
}

// Under the cursor, or else the latest.
function readingOf(values: readonly (number | null)[], index: number | null): number | null {
    if (index !== null) return values[index] ?? null;
    return values.findLast((value) => value !== null) ?? null;
}
