// SPDX-License-Identifier: Apache-2.0
import { useMemo, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import { bandColour } from '../plot/palette';
import { commonOptions, kGutterPx, timeAxis, type Handlers } from '../plot/plot';
import { usePlot } from '../plot/usePlot';
import { cssColour, dark } from '../theme/theme';
import { SmallButton } from '../ui/SmallButton';
import { stretchesOf, type Change, type Stretch } from './curve';

interface Props {
    attribute: string;
    changes: readonly Change[];
    window: { from_ms: number; to_ms: number };
    // What plots below have at their right, so that all time axes agree.
    right_px: number;
    zoom: Handlers['zoom'];
    back: Handlers['back'];
    onRemove: () => void;
}

const kHeightPx = 30;
const kFont = '11px system-ui, sans-serif';
const kLabelPaddingPx = 6;

// The values of a string or bool over time: a strip in the colour of each value, labelled where
// there is room.
export function BandPlot({ attribute, changes, window, right_px, zoom, back, onRemove }: Props) {
    const host = useRef<HTMLDivElement>(null);
    const [pointed_ms, setPointed] = useState<number | null>(null);
    const { from_ms, to_ms } = window;
    const stretches = useMemo(
        () => stretchesOf(changes, from_ms, to_ms),
        [changes, from_ms, to_ms],
    );
    const latest = useRef({ zoom, back, stretches });
    latest.current = { zoom, back, stretches };
    const make = () => {
        const common = commonOptions(
            {
                zoom: (from, to) => latest.current.zoom(from, to),
                back: () => latest.current.back(),
                point: (at_ms) => setPointed(at_ms),
            },
            right_px,
        );
        const draw = (plot: uPlot) => paint(plot, latest.current.stretches);
        return { ...common, ...composition(), hooks: { ...common.hooks, draw: [draw] } };
    };
    const data = useMemo<uPlot.AlignedData>(
        () => [
            [from_ms / 1000, to_ms / 1000],
            [0, 0],
        ],
        [stretches],
    );
    usePlot(host, make, kHeightPx, { data, from_ms, to_ms }, [dark.value, right_px]);
    const at_ms = pointed_ms ?? to_ms - 1;
    const now = stretches.find((stretch) => stretch.from_ms <= at_ms && at_ms < stretch.to_ms);
    return (
        <figure class="plot band">
            <figcaption>
                <span class="readout">
                    <i class="swatch stripes" aria-hidden="true" />
                    <span class="name">{attribute}</span>
                    <strong>{now?.value ?? '–'}</strong>
                    <SmallButton
                        label={`Remove ${attribute}`}
                        sign="✕"
                        class="remove"
                        onClick={onRemove}
                    />
                </span>
            </figcaption>
            <div class="canvas" ref={host} role="img" aria-label={`Values of ${attribute}`} />
        </figure>
    );
}

function composition(): Partial<uPlot.Options> {
    return {
        series: [{}, { show: true, stroke: 'transparent', points: { show: false } }],
        scales: { x: { time: true, auto: false }, y: { range: [0, 1] } },
        axes: [
            timeAxis(false),
            { size: kGutterPx, values: () => [], grid: { show: false }, ticks: { show: false } },
        ],
    };
}

function paint(plot: uPlot, stretches: readonly Stretch[]): void {
    const { ctx, bbox } = plot;
    const ratio = devicePixelRatio;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.font = scaled(kFont, ratio);
    ctx.textBaseline = 'middle';
    ctx.textAlign = 'left';
    const text_colour = cssColour('--text');
    for (const stretch of stretches) {
        const left = plot.valToPos(stretch.from_ms / 1000, 'x', true);
        const width = Math.max(ratio, plot.valToPos(stretch.to_ms / 1000, 'x', true) - left);
        paintStretch(ctx, stretch.value, left, width, bbox, text_colour);
    }
    ctx.restore();
}

function paintStretch(
    ctx: CanvasRenderingContext2D,
    value: string,
    left: number,
    width: number,
    bbox: uPlot.BBox,
    text_colour: string,
): void {
    const ratio = devicePixelRatio;
    const colour = bandColour(value);
    ctx.globalAlpha = 0.3;
    ctx.fillStyle = colour;
    ctx.fillRect(left, bbox.top, width, bbox.height);
    ctx.globalAlpha = 1;
    ctx.fillRect(left, bbox.top + bbox.height - 3 * ratio, width, 3 * ratio);
    const padding = kLabelPaddingPx * ratio;
    const begin = Math.max(left, bbox.left) + padding;
    if (begin + ctx.measureText(value).width + padding > left + width) return;
    ctx.fillStyle = text_colour;
    ctx.fillText(value, begin, bbox.top + bbox.height / 2 - ratio);
}

function scaled(font: string, ratio: number): string {
    return font.replace(/^\d+/, (size) => String(Number(size) * ratio));
}
