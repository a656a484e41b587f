// SPDX-License-Identifier: Apache-2.0
//
// The data flow as a picture: clients → ingest → PostgreSQL → reads; and below it what follows the
// log: the stream and its followers.
import type { ComponentChildren } from 'preact';
import { ageText } from '../format/time';
import { levelOf } from '../freshness/freshness';
import type { Status, StatusPart } from '../model/types';
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
                {status.stages.filter(followsTheLog).map((stage) => (
                    <Box key={stage.name} title={titleOf(stage)} level={levelOfStage(stage)}>
                        {stage.lag_seconds === null
                            ? stage.state
                            : `${ageText(stage.lag_seconds)} behind`}
                        {stage.state === 'processing' && ' · Processing…'}
                    </Box>
                ))}
            </div>
        </div>
    );
}

function followsTheLog({ name }: StatusPart): boolean {
    return name !== 'ingest' && name !== 'log';
}

function titleOf({ name }: StatusPart): string {
    return name === 'stream' ? 'Change stream' : `Follower ${name}`;
}

// By its lag where that is measured; a stage that does not work is never fresh.
function levelOfStage({ state, lag_seconds }: StatusPart): Level {
    return lag_seconds === null ? levelOfState(state) : levelOf(lag_seconds);
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
    const followers = status.stages
        .filter(followsTheLog)
        .map(({ name, state, lag_seconds }) =>
            lag_seconds === null ? `${name} ${state}` : `${name} ${ageText(lag_seconds)} behind`,
        );
    const all = [...sources, ...followers].join(', ');
    return `Data flows from clients through ingest and PostgreSQL to reads: ${all}`;
}
