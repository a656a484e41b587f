// SPDX-License-Identifier: Apache-2.0
//
// The data flow as a picture: clients → ingest → PostgreSQL → reads.
import type { ComponentChildren } from 'preact';
import { ageText } from '../format/time';
import { levelOf } from '../freshness/freshness';
import type { Status } from '../model/types';
import { Dot, type Level } from '../ui/Dot';
import { rateText } from './rate';
import { levelOfState } from './StateMark';

export function Flow({ status }: { status: Status }) {
    const primary = status.sources.find(({ name }) => name === 'primary');
    const gateway = status.roles.find(({ name }) => name === 'gateway');
    const stored = primary?.state ?? 'unknown';
    const reads = primary ? rateText(primary.rate, primary.rate_unit) : '';
    return (
        <div class="flow" role="img" aria-label={describe(status)}>
            <Box title="Clients">HTTP · line protocol · SQL</Box>
            <Pipe label={rateText(status.ingest.points_per_second, 'data_points')} />
            <Box title="Ingest" level={levelOfState(gateway?.state ?? stored)}>
                {gateway?.state ?? stored}
            </Box>
            <Pipe label="commit" />
            <Box title="PostgreSQL" level={levelOfState(stored)}>
                {stored}
            </Box>
            <Pipe label={reads} />
            <div class="readers">
                {status.sources.map(({ name, lag_seconds }) => (
                    <Box key={name} title={`Reads from ${name}`} level={levelOf(lag_seconds)}>
                        {ageText(lag_seconds)}
                        {lag_seconds === null ? '' : ' behind'}
                    </Box>
                ))}
            </div>
        </div>
    );
}

function Box(props: { title: string; level?: Level; children: ComponentChildren }) {
    return (
        <div class={`box ${props.level ?? ''}`}>
            <strong>{props.title}</strong>
            <span>
                {props.level && <Dot level={props.level} />} {props.children}
            </span>
        </div>
    );
}

function Pipe({ label }: { label: string }) {
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
    const sources = status.sources.map(({ name, lag_seconds }) =>
        lag_seconds === null ? `${name} lag unknown` : `${name} ${ageText(lag_seconds)} behind`,
    );
    return `Data flows from clients through ingest and PostgreSQL to reads: ${sources.join(', ')}`;
}
