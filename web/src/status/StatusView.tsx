// SPDX-License-Identifier: Apache-2.0
//
// How data flows through this server, and how far behind each place is that answers are read from.
import type { Json, Role, Source } from '../api/types';
import { Dot } from '../freshness/Dot';
import { levelOf } from '../freshness/freshness';
import { ageText } from '../freshness/text';
import { grouped } from '../format/number';
import { duration } from '../format/unit';
import { Sparkline } from '../shell/Sparkline';
import { Flow } from './Flow';
import { kHistoryLength, lag_history, status } from './poll';
import { RateChart } from './RateChart';
import { StateMark } from './StateMark';

export function StatusView() {
    const now = status.value;
    if (now === null) return <p class="ending faint">Asking the server…</p>;
    return (
        <section class="status" aria-label="Status">
            <Flow status={now} />
            <RateChart />
            <h2>Sources</h2>
            <table class="plain-table">
                <thead>
                    <tr>
                        <th scope="col">source</th>
                        <th scope="col">state</th>
                        <th scope="col" class="numeric">
                            lag
                        </th>
                        <th scope="col">last minute</th>
                        <th scope="col" class="numeric">
                            rate
                        </th>
                        <th scope="col">position</th>
                    </tr>
                </thead>
                <tbody>
                    {now.sources.map((source) => (
                        <SourceLine key={source.name} source={source} />
                    ))}
                </tbody>
            </table>
            <h2>Roles</h2>
            <table class="plain-table">
                <thead>
                    <tr>
                        <th scope="col">role</th>
                        <th scope="col">state</th>
                        <th scope="col">details</th>
                    </tr>
                </thead>
                <tbody>
                    {now.roles.map((role) => (
                        <RoleLine key={role.name} role={role} />
                    ))}
                </tbody>
            </table>
            <p class="about">
                Atlas {now.version}, up for {duration(Math.round(now.uptime_seconds))}
            </p>
        </section>
    );
}

function SourceLine({ source }: { source: Source }) {
    const level = levelOf(source.lag_seconds);
    return (
        <tr>
            <th scope="row">{source.name}</th>
            <td>
                <StateMark state={source.state} />
            </td>
            <td class={`numeric lag ${level}`}>
                <Dot level={level} /> <span class="number">{ageText(source.lag_seconds)}</span>
            </td>
            <td>
                <Sparkline
                    values={lag_history.value[source.name] ?? []}
                    capacity={kHistoryLength}
                    width={110}
                    height={18}
                    label={`Lag of ${source.name} over the last minute`}
                />
            </td>
            <td class="numeric">{source.rate == null ? '–' : `${grouped(source.rate)}/s`}</td>
            <td>
                <code>{source.position ?? '–'}</code>
            </td>
        </tr>
    );
}

function RoleLine({ role }: { role: Role }) {
    const details = Object.entries(role).filter(([name]) => name !== 'name' && name !== 'state');
    return (
        <tr>
            <th scope="row">{role.name}</th>
            <td>
                <StateMark state={role.state} />
            </td>
            <td class="details">
                {details.map(([name, value]) => (
                    <span key={name}>
                        {name.replaceAll('_', ' ')} <b>{detailText(value)}</b>
                    </span>
                ))}
            </td>
        </tr>
    );
}

function detailText(value: Json | undefined): string {
    if (typeof value === 'number')
        return Number.isInteger(value) ? grouped(value) : value.toFixed(2);
    return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
