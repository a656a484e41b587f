// SPDX-License-Identifier: Apache-2.0
//
// What all plots have in common: one cursor, one time axis, dragging to zoom.
import uPlot from 'uplot';
import { short } from '../format/number';
import { scaleFor } from '../format/unit';
import { cssColour } from '../theme/theme';

export interface Handlers {
    zoom: (from_ms: number, to_ms: number) => void;
    back: () => void;
    // The point under the cursor; null when it left.
    point: (at_ms: number | null, index: number | null) => void;
}

export const kGutterPx = 66;
// Free space right of a plot that has no axis there: half a label of the time axis.
export const kMarginPx = 24;
const kAxisPx = 22;
const kFont = '11px system-ui, sans-serif';
const kMonths = [
    'Jan',
    'Feb',
    'Mar',
    'Apr',
    'May',
    'Jun',
    'Jul',
    'Aug',
    'Sep',
    'Oct',
    'Nov',
    'Dec',
];
const kDragPx = 4;

export function commonOptions(handlers: Handlers, right_px: number): Partial<uPlot.Options> {
    return {
        legend: { show: false },
        padding: [6, right_px, 0, 0],
        cursor: {
            drag: { x: true, y: false, setScale: false, dist: kDragPx },
            points: { size: 6 },
            y: false,
            sync: { key: 'plots', filters: { pub: isMove } },
            bind: { dblclick: (_plot, _target, _handler) => () => (handlers.back(), null) },
        },
        hooks: {
            setSelect: [(plot) => zoomTo(plot, handlers)],
            setCursor: [(plot) => tellPoint(plot, handlers)],
        },
    };
}

// Other plots follow the cursor, but only the one that was dragged zooms.
function isMove(type: string): boolean {
    return type === 'mousemove' || type === 'mouseleave';
}

function zoomTo(plot: uPlot, handlers: Handlers): void {
    const { left, width } = plot.select;
    if (width < kDragPx) return;
    const from_ms = plot.posToVal(left, 'x') * 1000;
    const to_ms = plot.posToVal(left + width, 'x') * 1000;
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    handlers.zoom(from_ms, to_ms);
}

function tellPoint(plot: uPlot, handlers: Handlers): void {
    const { left, idx } = plot.cursor;
    const outside = left === undefined || left === null || left < 0;
    handlers.point(
        outside ? null : plot.posToVal(left, 'x') * 1000,
        outside ? null : (idx ?? null),
    );
}

export function timeAxis(labels: boolean): uPlot.Axis {
    return {
        stroke: cssColour('--text-muted'),
        font: kFont,
        size: labels ? kAxisPx : 0,
        space: 72,
        gap: 4,
        grid: { stroke: cssColour('--grid'), width: 1 },
        ticks: { show: false },
        values: (_plot, splits, _axis, _space, step) =>
            labels ? splits.map((at) => timeLabel(at, step)) : splits.map(() => ''),
    };
}

function timeLabel(at_seconds: number, step_seconds: number): string {
    const at = new Date(at_seconds * 1000);
    const pad = (value: number) => String(value).padStart(2, '0');
    const midnight = at.getHours() === 0 && at.getMinutes() === 0 && at.getSeconds() === 0;
    if (step_seconds >= 86_400 || midnight) return `${at.getDate()} ${kMonths[at.getMonth()]}`;
    const minutes = `${pad(at.getHours())}:${pad(at.getMinutes())}`;
    if (step_seconds >= 60) return minutes;
    const millis = step_seconds < 1 ? `.${String(at.getMilliseconds()).padStart(3, '0')}` : '';
    return `${minutes}:${pad(at.getSeconds())}${millis}`;
}

export function valueAxis(scale: string, unit: string, right: boolean): uPlot.Axis {
    return {
        scale,
        side: right ? 1 : 3,
        stroke: cssColour('--text-muted'),
        font: kFont,
        size: kGutterPx,
        gap: 6,
        // A low plot wants its few lines close together, a high one does not want many.
        space: (_plot, _axis, _low, _high, height_px) => (height_px > 200 ? 40 : 20),
        grid: { show: !right, stroke: cssColour('--grid'), width: 1 },
        ticks: { show: false },
        incrs: (_plot, _axis, low, high) => roundSteps(low, high, unit),
        values: (_plot, splits) => valueLabels(splits, unit),
    };
}

// 1, 2, 5, 10 … of the unit that the labels are written in, so that those are round.
function roundSteps(low: number, high: number, unit: string): number[] {
    const { divisor } = scaleFor(Math.max(Math.abs(low), Math.abs(high)), unit);
    const powers = Array.from({ length: 40 }, (_, at) => 10 ** (at - 12));
    return powers.flatMap((power) => [1, 2, 5].map((step) => step * power * divisor));
}

function valueLabels(splits: number[], unit: string): string[] {
    const size = Math.max(...splits.map(Math.abs));
    const scale = scaleFor(size, unit);
    const step = Math.abs((splits[1] ?? 0) - (splits[0] ?? 0)) / scale.divisor;
    const digits = digitsFor(step);
    return splits.map((value) => {
        const scaled = value / scale.divisor;
        const metric = scale.unit === '' && size >= 100_000;
        const text = metric ? compact(value) : scaled.toFixed(digits);
        return scale.unit === '' ? text : `${text} ${scale.unit}`;
    });
}

// As many as it takes to write the step, which comes to here a little rounded.
function digitsFor(step: number): number {
    let digits = 0;
    for (let rest = step; digits < 6 && Math.abs(rest - Math.round(rest)) > 1e-3; rest *= 10) {
        digits++;
    }
    return digits;
}

function compact(value: number): string {
    if (value === 0) return '0';
    const step = Math.floor(Math.log10(Math.abs(value)) / 3);
    return `${short(value / 1000 ** step)}${['', 'k', 'M', 'G', 'T', 'P'][step] ?? `e${step * 3}`}`;
}

// Zero belongs to the picture unless the values are far from it; some air above the highest.
// Percentages are never enlarged until noise looks like news, and end at 100.
export function valueRange(
    low: number | null,
    high: number | null,
    unit: string,
): [number, number] {
    if (low === null || high === null || !Number.isFinite(low)) return [0, 1];
    if (low === 0 && high === 0) return [0, 1];
    if (unit === '%' && low >= 0 && high <= 100) return percentRange(low, high);
    // A constant value is drawn in the middle.
    if (low === high) return [low - 0.1 * Math.abs(low), high + 0.1 * Math.abs(high)];
    const size = high - low;
    const bottom = low >= 0 && low <= 0.6 * high ? 0 : low - 0.08 * size;
    return [bottom, high + 0.08 * (high - bottom)];
}

const kLeastPercentSpan = 10;

function percentRange(low: number, high: number): [number, number] {
    const bottom = low <= 0.6 * high ? 0 : Math.max(0, Math.min(low, high - kLeastPercentSpan));
    const top = high + 0.08 * (high - bottom);
    return [bottom, Math.min(101, Math.max(top, bottom + kLeastPercentSpan))];
}
