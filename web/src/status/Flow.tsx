// SPDX-License-Identifier: Apache-2.0
//
// The data flow as a picture: clients → ingest → PostgreSQL → stream → its followers, and below
// each what is read from it.
import { Fragment, type ComponentChildren } from 'preact';
import { ageText } from '../format/time';
import { levelOf } from '../freshness/freshness';
import type { Status, StatusPart } from '../model/types';
import { Dot, type Level } from '../ui/Dot';
import { rateText } from './rate';
import { levelOfState } from './StateMark';

const kTitles: Record<string, string> = {
    ingest: 'Ingest',
    log: 'PostgreSQL',
    stream: 'Stream',
    index: 'Live index',
    analytics: 'Analytics',
};
// The stage whose data a source reads.
const kStageOf: Record<string, string> = { primary: 'log', live: 'index' };
const kInline = ['ingest', 'log', 'stream'];

export function Flow({ status }: { status: Status }) {
    const { stages, sources } = status;
    const line = stages.filter(({ name }) => kInline.includes(name));
    const followers = stages.filter(({ name }) => !kInline.includes(name));
    const streams = line.some(({ name, state }) => name === 'stream' && !isBroken(state));
    const readsOf = (name: string) =>
        sources.filter((source) => (kStageOf[source.name] ?? source.name) === name);
    // A source that belongs to no stage, such as a replica, reads from the log's side.
    const others = sources.filter(
        (source) => !stages.some(({ name }) => name === (kStageOf[source.name] ?? source.name)),
    );
    return (
        <div class="flow" role="img" aria-label={describe(status)}>
            <Box title="Clients">HTTP · SQL</Box>
            {line.map((stage) => (
                <Fragment key={stage.name}>
                    <Pipe label={labelOf(stage)} broken={isBroken(stage.state)} />
                    <Place>
                        <Stage stage={stage} />
                        {readsOf(stage.name).map((source) => (
                            <Reads key={source.name} source={source} />
                        ))}
                        {stage.name === 'log' &&
                            others.map((source) => (
                                <Reads key={source.name} source={source} lagging />
                            ))}
                    </Place>
                </Fragment>
            ))}
            {followers.length > 0 && (
                <Pipe
                    label={labelOf(followers[0])}
                    broken={!streams || isBroken(followers[0]?.state ?? '')}
                />
            )}
            {followers.length > 0 && (
                <div class="readers">
                    {followers.map((stage) => (
                        <Place key={stage.name}>
                            <Stage stage={stage} />
                            {readsOf(stage.name).map((source) => (
                                <Reads key={source.name} source={source} />
                            ))}
                        </Place>
                    ))}
                </div>
            )}
        </div>
    );
}

function Place({ children }: { children: ComponentChildren }) {
    return <div class="place">{children}</div>;
}

function Stage({ stage }: { stage: StatusPart }) {
    const { name, state, lag_seconds, position } = stage;
    return (
        <Box title={kTitles[name] ?? name} level={levelOfStage(stage)}>
            {stateText(state, lag_seconds)}
            {position !== null && <code>{position}</code>}
        </Box>
    );
}

// What is read from a stage, in one line. A source without a stage says its lag, too.
function Reads({ source, lagging }: { source: StatusPart; lagging?: boolean }) {
    const { name, state, lag_seconds, rate, rate_unit } = source;
    return (
        <p class="reads" title={`Reads from ${name}, ${state}`}>
            <svg width="9" height="12" viewBox="0 0 9 12" aria-hidden="true">
                <path d="M4.5 0V10M1 7 4.5 11 8 7" />
            </svg>
            {lagging && (
                <>
                    {name} <Dot level={levelOf(lag_seconds)} /> {ageText(lag_seconds)}
                </>
            )}{' '}
            <span class="number">{rateText(rate, rate_unit)}</span>
        </p>
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

function Pipe({ label, broken }: { label: string; broken: boolean }) {
    return (
        <div class={`pipe ${broken ? 'broken' : ''}`}>
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

// The rate at which data arrives there.
function labelOf(stage: StatusPart | undefined): string {
    if (stage === undefined) return '';
    return stage.name === 'log' ? 'commit' : rateText(stage.rate, stage.rate_unit);
}

// Nothing arrives there.
function isBroken(state: string): boolean {
    const level = levelOfState(state);
    return level === 'late' || level === 'stale';
}

// Its lag, unless its state says worse.
function levelOfStage({ state, lag_seconds }: StatusPart): Level {
    const by_state = levelOfState(state);
    const runs = by_state === 'fresh' || by_state === 'recent';
    return lag_seconds === null || !runs ? by_state : levelOf(lag_seconds);
}

function stateText(state: string, lag_seconds: number | null): string {
    if (state === 'processing') return `Processing… ${ageText(lag_seconds)}`;
    if (levelOfState(state) !== 'fresh' || lag_seconds === null) return state;
    return `${ageText(lag_seconds)} behind`;
}

function describe({ stages, sources }: Status): string {
    const text = ({ name, state, lag_seconds }: StatusPart) =>
        lag_seconds === null ? `${name} ${state}` : `${name} ${ageText(lag_seconds)} behind`;
    const flow = stages.map(text).join(', ');
    return `Data flows from clients through ${flow}; reads: ${sources.map(text).join(', ')}`;
}
