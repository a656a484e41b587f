// SPDX-License-Identifier: Apache-2.0
//
// Keeps one uPlot in an element: rebuilt when its make-up changes, otherwise only given data.
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';

interface Feed {
    data: uPlot.AlignedData;
    from_ms: number;
    to_ms: number;
}

export function usePlot(
    host: RefObject<HTMLElement>,
    make: () => Partial<uPlot.Options>,
    height_px: number,
    feed: Feed,
    makeup: readonly unknown[],
): RefObject<uPlot> {
    const plot = useRef<uPlot>(null);
    const held = useRef(false);
    const latest = useRef(feed);
    latest.current = feed;
    useEffect(() => {
        const element = host.current;
        if (element === null) return undefined;
        const size = { width: Math.max(80, element.clientWidth), height: height_px };
        const made = new uPlot(
            { ...size, ...make() } as uPlot.Options,
            latest.current.data,
            element,
        );
        plot.current = made;
        show(made, latest.current);
        // Points that arrive during a drag would move what is being selected.
        const grab = () => {
            held.current = true;
            const release = () => {
                held.current = false;
                if (plot.current) show(plot.current, latest.current);
            };
            addEventListener('mouseup', () => setTimeout(release), { once: true });
        };
        made.over.addEventListener('mousedown', grab);
        const resized = new ResizeObserver(() => {
            const width = Math.max(80, element.clientWidth);
            if (width !== made.width) made.setSize({ width, height: height_px });
        });
        resized.observe(element);
        return () => {
            resized.disconnect();
            made.destroy();
            plot.current = null;
        };
    }, [height_px, ...makeup]);
    useEffect(() => {
        if (plot.current && !held.current) show(plot.current, feed);
    }, [feed.data, feed.from_ms, feed.to_ms]);
    return plot;
}

function show(plot: uPlot, { data, from_ms, to_ms }: Feed): void {
    plot.batch(() => {
        plot.setData(data, false);
        plot.setScale('x', { min: from_ms / 1000, max: to_ms / 1000 });
    });
}
