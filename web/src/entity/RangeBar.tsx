// SPDX-License-Identifier: Apache-2.0
import { exact, localShort } from '../format/time';
import { kRanges, type Window } from './range';

interface Props {
    range: string;
    window: Window;
    one: boolean;
    step: string;
    onRange: (range: string) => void;
    onLive: () => void;
    onBack: () => void;
    onPlots: () => void;
}

export function RangeBar(props: Props) {
    const { range, window, one, step, onRange, onLive, onBack, onPlots } = props;
    return (
        <div class="rangebar" role="toolbar" aria-label="Time range">
            <div class="segments">
                {Object.keys(kRanges).map((name) => (
                    <button
                        key={name}
                        type="button"
                        aria-pressed={window.live && name === range}
                        onClick={() => onRange(name)}
                    >
                        {name}
                    </button>
                ))}
            </div>
            <button
                type="button"
                class="live"
                aria-pressed={window.live}
                title="Follow the latest data (l)"
                onClick={onLive}
            >
                <i aria-hidden="true" /> Live
            </button>
            {!window.live && (
                <button
                    type="button"
                    class="zoomed"
                    title="Back to the previous range (double click)"
                    onClick={onBack}
                >
                    <time title={exact(window.from_ms)}>{localShort(window.from_ms)}</time> –{' '}
                    <time title={exact(window.to_ms)}>{localShort(window.to_ms)}</time> ✕
                </button>
            )}
            <span class="spacer" />
            <span
                class="step faint"
                title="Line: average of each bucket. Band: its minimum to its maximum."
            >
                {step} buckets
            </span>
            <div class="segments">
                <button type="button" aria-pressed={!one} onClick={() => one && onPlots()}>
                    separate
                </button>
                <button type="button" aria-pressed={one} onClick={() => one || onPlots()}>
                    combined
                </button>
            </div>
        </div>
    );
}
