// SPDX-License-Identifier: Apache-2.0
//
// How data flows through this server, and how far each source of reads is behind.
import { grouped } from '../format/number';
import { duration } from '../format/unit';
import type { StatusPart } from '../model/types';
import { status } from '../pulse/pulse';
import { hrefOf } from '../route/route';
import { Flow } from './Flow';
import { PartTable } from './PartTable';
import { RateChart } from './RateChart';
import { ServerNotes } from './ServerNotes';
import { StreamNotes } from './StreamNotes';

// The notes on the stream say it.
function withoutDetail({ detail: _, ...part }: StatusPart): StatusPart {
    return part;
}

export function StatusView() {
    const now = status.value;
    if (now === null) return <p class="ending faint">Loading…</p>;
    return (
        <section class="status" aria-label="Status">
            <Flow status={now} />
            <StreamNotes stages={now.stages} />
            <RateChart />
            <div class="wide">
                <PartTable title="stage" parts={now.stages.map(withoutDetail)} history="stage " />
                <PartTable title="source" parts={now.sources} />
                <PartTable title="role" parts={now.roles} />
            </div>
            <ServerNotes status={now} />
            <p class="about">
                Atlas {now.version}, up for {duration(Math.round(now.uptime_seconds))},{' '}
                {grouped(now.ingest.accepted_points)} data points accepted since start ·{' '}
                <a href={hrefOf('start')}>how to send data</a>
            </p>
        </section>
    );
}
