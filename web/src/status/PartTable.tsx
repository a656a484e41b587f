// SPDX-License-Identifier: Apache-2.0
import { ageText } from '../format/time';
import { quantity } from '../format/unit';
import { levelOf } from '../freshness/freshness';
import type { StatusPart } from '../model/types';
import { kHistoryLength, lag_history } from '../pulse/pulse';
import { Dot } from '../ui/Dot';
import { Sparkline } from '../ui/Sparkline';
import { rateText } from './rate';
import { StateMark } from './StateMark';

interface Props {
    title: string;
    parts: readonly StatusPart[];
    // What the histories of their lag are called, before their names.
    history?: string;
}

// Parts of the server, one a line: its state, its lag, its rate and its position.
export function PartTable({ title, parts, history = '' }: Props) {
    return (
        <table class="plain-table" aria-label={`${title}s`}>
            <thead>
                <tr>
                    <th scope="col">{title}</th>
                    <th scope="col">state</th>
                    <th scope="col" class="numeric">
                        lag
                    </th>
                    <th scope="col">last minute</th>
                    <th scope="col" class="numeric">
                        rate
                    </th>
                    <th scope="col">position</th>
                    <th scope="col">detail</th>
                </tr>
            </thead>
            <tbody>
                {parts.map((part) => (
                    <Line key={part.name} part={part} history={history} />
                ))}
            </tbody>
        </table>
    );
}

function Line({ part, history }: { part: StatusPart; history: string }) {
    return (
        <tr>
            <th scope="row">{part.name}</th>
            <td>
                <StateMark state={part.state} />
            </td>
            <Lag part={part} history={lag_history.value[history + part.name]} />
            <td class="numeric">{rateText(part.rate, part.rate_unit)}</td>
            <td>
                <code>{part.position ?? ''}</code>
            </td>
            <td class="details">
                {part.retained_bytes ? <Retained bytes={part.retained_bytes} /> : null}
                {part.detail ?? ''}
            </td>
        </tr>
    );
}

function Retained({ bytes }: { bytes: number | bigint }) {
    const { number, unit } = quantity(Number(bytes), 'B');
    return (
        <span title="Log that the server keeps for this stage">
            retains <b class="number">{number}</b> {unit}
        </span>
    );
}

interface LagProps {
    part: StatusPart;
    history: readonly (number | null)[] | undefined;
}

// Roles have no history of lag; one may still have a lag.
function Lag({ part: { name, lag_seconds }, history }: LagProps) {
    const silent = history === undefined || history.every((value) => value === null);
    if (lag_seconds === null && silent) {
        return (
            <>
                <td />
                <td />
            </>
        );
    }
    const level = levelOf(lag_seconds);
    return (
        <>
            <td class="numeric">
                <Dot level={level} /> <span class="number">{ageText(lag_seconds)}</span>
            </td>
            <td>
                {history && (
                    <Sparkline
                        values={history}
                        capacity={kHistoryLength}
                        width={110}
                        height={18}
                        label={`Lag of ${name} over the last minute`}
                    />
                )}
            </td>
        </>
    );
}
