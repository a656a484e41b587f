// SPDX-License-Identifier: Apache-2.0
import { ageText, exact, localTime } from '../format/time';
import { age_seconds, freshness, levelOf } from '../freshness/freshness';
import { Dot, type Level } from '../ui/Dot';
import { Popover } from '../ui/Popover';

const kMeaning: Record<Level, string> = {
    fresh: 'under 1 second behind',
    recent: '1 to 10 seconds behind',
    late: '10 to 60 seconds behind',
    stale: 'more than a minute behind: data may be stale',
    unknown: 'lag unknown',
};

// Dot and number, always visible; a click shows the details.
export function FreshnessButton() {
    const age = age_seconds.value;
    const level = levelOf(age);
    const text = ageText(age);
    return (
        <Popover
            class="freshness"
            label={`Freshness: ${text}, ${kMeaning[level]}`}
            title="How old the data on this page may be"
            button={
                <>
                    <Dot level={level} />
                    <span class="number">{text}</span>
                </>
            }
        >
            {() => <Details level={level} />}
        </Popover>
    );
}

function Details({ level }: { level: Level }) {
    const latest = freshness.value;
    if (latest === null) return <p>No data has been read yet.</p>;
    const as_of = Date.parse(latest.as_of);
    return (
        <>
            <p class={`verdict ${level}`}>
                <Dot level={level} /> {kMeaning[level]}
            </p>
            <dl class="facts">
                <dt>source</dt>
                <dd>{latest.source}</dd>
                <dt>consistency</dt>
                <dd>{latest.consistency}</dd>
                <dt>measured lag</dt>
                <dd class="number">{ageText(latest.lag_seconds)}</dd>
                <dt>data as of</dt>
                <dd class="number" title={exact(as_of)}>
                    {localTime(as_of)}
                </dd>
                <dt>query time</dt>
                <dd class="number">{latest.query_ms.toFixed(1)} ms</dd>
                <dt>from cache</dt>
                <dd>{latest.cached ? 'yes' : 'no'}</dd>
            </dl>
        </>
    );
}
