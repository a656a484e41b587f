// SPDX-License-Identifier: Apache-2.0
import { useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { unitFor } from '../catalog/catalog';
import { seriesColour } from '../plot/palette';
import {
    commonOptions,
    kMarginPx,
    timeAxis,
    valueAxis,
    valueRange,
    type Handlers,
} from '../plot/plot';
import { usePlot } from '../plot/usePlot';
import { dark } from '../theme/theme';
import type { Curve } from './curve';
import { Readout, type Reading } from './Readout';

interface Props {
    curves: readonly Curve[];
    // The place of each curve among all that are chosen: its colour.
    colours: readonly number[];
    window: { from_ms: number; to_ms: number };
    height_px: number;
    zoom: Handlers['zoom'];
    back: Handlers['back'];
    onRemove: (attribute: string) => void;
}

const kColumns = 3;
const kMaxAxes = 2;

// Averages as lines, the span between minimum and maximum as a pale band around each.
export function CurvePlot(props: Props) {
    const { curves, colours, window, height_px, zoom, back, onRemove } = props;
    const host = useRef<HTMLDivElement>(null);
    const [index, setIndex] = useState<number | null>(null);
    const units = [...new Set(curves.map(({ attribute }) => unitFor(attribute)))];
    const data = useMemo(() => aligned(curves), [curves]);
    const latest = useRef({ zoom, back });
    latest.current = { zoom, back };
    const make = () => {
        const common = commonOptions(
            {
                zoom: (from_ms, to_ms) => latest.current.zoom(from_ms, to_ms),
                back: () => latest.current.back(),
                point: (_at_ms, at) => setIndex(at),
            },
            units.length > 1 ? 0 : kMarginPx,
        );
        return { ...common, ...composition(curves, colours, units) };
    };
    const makeup = [
        curves.map(({ attribute }) => attribute).join('\n'),
        colours.join(),
        units.join(),
        dark.value,
    ];
    usePlot(host, make, height_px, { data, ...window }, makeup);
    return (
        <figure class="plot">
            <figcaption>
                {curves.map(({ attribute }, at) => (
                    <Readout
                        key={attribute}
                        attribute={attribute}
                        colour={colours[at] ?? 0}
                        reading={readingAt(data, at, index)}
                        pointed={index !== null}
                        onRemove={() => onRemove(attribute)}
                    />
                ))}
            </figcaption>
            <div class="canvas" ref={host} role="img" aria-label={describe(curves)} />
        </figure>
    );
}

function composition(
    curves: readonly Curve[],
    colours: readonly number[],
    units: readonly string[],
): Partial<uPlot.Options> {
    const series: uPlot.Series[] = [{}];
    const bands: uPlot.Band[] = [];
    curves.forEach(({ attribute }, at) => {
        const scale = `y${units.indexOf(unitFor(attribute))}`;
        const stroke = seriesColour(colours[at] ?? 0);
        const edge = { scale, stroke: 'transparent', width: 0, points: { show: false } };
        series.push({ scale, stroke, width: 1.5, points: { size: 4, fill: stroke } }, edge, edge);
        bands.push({ series: [at * kColumns + 3, at * kColumns + 2], fill: `${stroke}2b` });
    });
    const scales: uPlot.Scales = { x: { time: true, auto: false } };
    units.forEach((unit, at) => {
        scales[`y${at}`] = { range: (_plot, low, high) => valueRange(low, high, unit) };
    });
    const axes = [
        timeAxis(true),
        ...units.slice(0, kMaxAxes).map((unit, at) => valueAxis(`y${at}`, unit, at > 0)),
    ];
    return { series, bands, scales, axes };
}

function aligned(curves: readonly Curve[]): uPlot.AlignedData {
    const tables = curves.map(({ time, avg, min, max }) => [time, avg, min, max]);
    if (tables.length === 1) return tables[0] as unknown as uPlot.AlignedData;
    return uPlot.join(tables as unknown as uPlot.AlignedData[]);
}

// Under the cursor, or else the latest there is.
function readingAt(data: uPlot.AlignedData, curve: number, index: number | null): Reading | null {
    const column = (offset: number) => data[curve * kColumns + offset] as (number | null)[];
    const averages = column(1);
    let at = index ?? averages.length - 1;
    // In a joined table the neighbouring rows may belong to other curves.
    while (at > 0 && (averages[at] === undefined || averages[at] === null)) at--;
    const avg = averages?.[at];
    if (avg === undefined || avg === null) return null;
    return {
        at_ms: (data[0][at] ?? 0) * 1000,
        avg,
        min: column(2)[at] ?? avg,
        max: column(3)[at] ?? avg,
    };
}

function describe(curves: readonly Curve[]): string {
    return `Curve of ${curves.map(({ attribute }) => attribute).join(', ')}`;
}
