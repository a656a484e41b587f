// SPDX-License-Identifier: Apache-2.0
//
// The data flow as a picture: clients → ingest → PostgreSQL → reads.
import type { ComponentChildren } from 'preact';
import type { Status } from '../api/types';
import { Dot } from '../freshness/Dot';
import { levelOf, type Level } from '../freshness/freshness';
import { ageText } from '../freshness/text';
import { grouped } from '../format/number';
import { levelOfState } from './StateMark';

export function Flow({ status }: { status: Status }) {
    const rate = status.ingest?.points_per_second ?? null;
    const primary = status.sources.find(({ name }) => name === 'primary');
    const ingest = status.roles.find(({ name }) => name === 'ingest' || name === 'gateway');
    const stored = levelOfState(primary?.state ?? 'unknown');
    return (
        <div class="flow" role="img" aria-label={describe(status)}>
            <Box title="Clients" level="fresh">
                HTTP, line protocol, SQL
            </Box>
            <Arrow label={rate === null ? '' : `${grouped(Math.round(rate))} points/s`} />
            <Box title="Ingest" level={ingest ? levelOfState(ingest.state) : stored}>
                {ingest?.state ?? 'running'}
            </Box>
            <Arrow label="commit" />
            <Box title="PostgreSQL" level={stored}>
                {primary?.state ?? 'unknown'}
            </Box>
            <Arrow label={primary?.rate == null ? 'read' : `${grouped(primary.rate)}/s`} />
            <div class="readers">
                {status.sources.map(({ name, lag_seconds }) => (
                    <Box key={name} title={`Reads from ${name}`} level={levelOf(lag_seconds)}>
                        {ageText(lag_seconds)} behind
                    </Box>
                ))}
            </div>
        </div>
    );
}

function Box(props: { title: string; level: Level; children: ComponentChildren }) {
    return (
        <div class={`box ${props.level}`}>
            <strong>{props.title}</strong>
            <span>
                <Dot level={props.level} /> {props.children}
            </span>
        </div>
    );
}

function Arrow({ label }: { label: string }) {
    return (
        <div class="pipe">
            <span class="number">{label}</span>
            <svg viewBox="0 0 80 10" preserveAspectRatio="none" aria-hidden="true">
                <path d="M0 5H74" />
            </svg>
            <svg class="tip" viewBox="0 0 8 10" aria-hidden="true">
                <path d="M0 0 8 5 0 10Z" />
            </svg>
        </div>
    );
}

function describe(status: Status): string {
    const sources = status.sources.map(
        ({ name, lag_seconds }) => `${name} ${ageText(lag_seconds)} behind`,
    );
    return `Data flows from clients through ingest and PostgreSQL to reads: ${sources.join(', ')}`;
}
