// SPDX-License-Identifier: Apache-2.0
//
// How data flows through this server, and how far each source of reads is behind.
import { grouped } from '../format/number';
import { duration } from '../format/unit';
import { status } from '../pulse/pulse';
import { hrefOf } from '../route/route';
import { Flow } from './Flow';
import { PartTable } from './PartTable';
import { RateChart } from './RateChart';
import { ServerNotes } from './ServerNotes';

export function StatusView() {
    const now = status.value;
    if (now === null) return <p class="ending faint">Loading…</p>;
    return (
        <section class="status" aria-label="Status">
            <Flow status={now} />
            <RateChart />
            <div class="wide">
                <PartTable title="source" parts={now.sources} />
                <PartTable title="stage" parts={now.stages} />
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
