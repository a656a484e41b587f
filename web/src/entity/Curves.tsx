// SPDX-License-Identifier: Apache-2.0
//
// The right half of an entity: its chosen attributes over time.
import { useMemo, useRef } from 'preact/hooks';
import { catalog, unitFor } from '../catalog/catalog';
import { serverNow } from '../clock/clock';
import { usePoll } from '../clock/poll';
import { adjust, route } from '../route/route';
import { useKeys } from '../ui/useKeys';
import { useWidth } from '../ui/useWidth';
import { BandPlot } from './BandPlot';
import type { Curve } from './curve';
import { CurvePlot } from './CurvePlot';
import { kGutterPx, kMarginPx } from '../plot/plot';
import { kRanges, kUsualRange, stepFor, stepLabel, windowOf, zoomed } from './range';
import { RangeBar } from './RangeBar';
import { TrackLoader, type Tracks } from './tracks';
import { drawnAs } from './usual';

interface Props {
    entity: string;
    attributes: readonly string[];
    onRemove: (attribute: string) => void;
}

const kSeveralPx = 132;
const kOnePx = 360;
const kFixedPauseMs = 30_000;

export function Curves({ entity, attributes, onRemove }: Props) {
    const host = useRef<HTMLDivElement>(null);
    const width_px = useWidth(host) - kGutterPx - kMarginPx;
    const { params } = route.value;
    const wanted = windowOf(params, serverNow());
    const length_ms = wanted.to_ms - wanted.from_ms;
    const step_ms = stepFor(length_ms, Math.max(200, width_px));
    const types = attributes.map((name) => drawnAs(catalog.value.get(name)?.type));
    const fixed = wanted.live ? '' : `${wanted.from_ms} ${wanted.to_ms}`;
    const key = JSON.stringify([entity, attributes, types, length_ms, fixed, step_ms]);
    const loader = useMemo(() => {
        const drawn = (kind: string) => attributes.filter((_name, at) => types[at] === kind);
        return new TrackLoader({
            entity,
            numeric: drawn('curve'),
            banded: drawn('band'),
            step_ms,
        });
    }, [key]);
    const measured = width_px > 0;
    usePoll(
        async (abort) => {
            if (!measured) return;
            await loader.load(windowOf(route.peek().params, serverNow()), abort);
        },
        wanted.live ? pauseFor(step_ms) : kFixedPauseMs,
        [loader, measured],
    );
    const zooms = useRef<{ from?: string; to?: string }[]>([]);
    const zoom = (from_ms: number, to_ms: number) => {
        zooms.current.push({ from: params['from'], to: params['to'] });
        adjust(zoomed(from_ms, to_ms), 'push');
    };
    const back = () => {
        const before = zooms.current.pop();
        adjust({ from: before?.from, to: before?.to }, 'push');
    };
    const live = () => {
        const { from_ms, to_ms } = windowOf(params, serverNow());
        zooms.current = [];
        adjust(wanted.live ? zoomed(from_ms, to_ms) : { from: undefined, to: undefined });
    };
    useKeys({ l: live });
    const shown = useLastShown(loader.tracks.value);
    const one = params['plots'] === 'one';
    return (
        <section class="curves" aria-label="Curves" ref={host}>
            <RangeBar
                range={
                    params['range'] && params['range'] in kRanges ? params['range'] : kUsualRange
                }
                window={wanted}
                one={one}
                step={stepLabel(step_ms)}
                onRange={(range) => {
                    zooms.current = [];
                    adjust({ range, from: undefined, to: undefined }, 'push');
                }}
                onLive={live}
                onBack={back}
                onPlots={() => adjust({ plots: one ? undefined : 'one' })}
            />
            {loader.failure.value !== '' && <p class="problem">{loader.failure.value}</p>}
            {shown && <Plots {...{ attributes, tracks: shown, one, zoom, back, onRemove }} />}
            {attributes.length === 0 && (
                <p class="ending faint">Choose attributes on the left to plot them here.</p>
            )}
        </section>
    );
}

interface PlotsProps {
    attributes: readonly string[];
    tracks: Tracks;
    one: boolean;
    zoom: (from_ms: number, to_ms: number) => void;
    back: () => void;
    onRemove: (attribute: string) => void;
}

function Plots({ attributes, tracks, one, zoom, back, onRemove }: PlotsProps) {
    const { window, curves, changes } = tracks;
    const common = { window, zoom, back };
    const banded = attributes.filter((name) => changes.has(name));
    const numeric = attributes.filter((name) => curves.has(name));
    const units = new Set(numeric.map(unitFor));
    const groups = one && numeric.length > 0 ? [numeric] : numeric.map((name) => [name]);
    return (
        <>
            {banded.map((name) => (
                <BandPlot
                    key={name}
                    attribute={name}
                    changes={changes.get(name) ?? []}
                    right_px={one && units.size > 1 ? kGutterPx : kMarginPx}
                    {...common}
                    onRemove={() => onRemove(name)}
                />
            ))}
            {groups.map((names) => (
                <Group
                    key={names.join('\n')}
                    names={names}
                    colours={names.map((name) => numeric.indexOf(name))}
                    curves={curves}
                    height_px={one ? kOnePx : kSeveralPx}
                    {...common}
                    onRemove={onRemove}
                />
            ))}
        </>
    );
}

interface GroupProps extends Omit<Parameters<typeof CurvePlot>[0], 'curves'> {
    names: readonly string[];
    curves: ReadonlyMap<string, Curve>;
}

function Group({ names, curves, ...rest }: GroupProps) {
    const drawn = useMemo(
        () => names.flatMap((name) => curves.get(name) ?? []),
        [curves, names.join('\n')],
    );
    return <CurvePlot curves={drawn} {...rest} />;
}

// Until the first points of a new choice are there, the old ones stay.
function useLastShown(tracks: Tracks | null): Tracks | null {
    const last = useRef<Tracks | null>(null);
    if (tracks !== null) last.current = tracks;
    return last.current;
}

// A bucket that takes a minute to fill need not be read every second.
function pauseFor(step_ms: number): number {
    return Math.min(15_000, Math.max(1000, step_ms / 5));
}
