// SPDX-License-Identifier: Apache-2.0
//
// What came of a question: its age, a picture where one suits it, and all of it as a table.
import { useMemo, useState } from 'preact/hooks';
import { curlPost } from '../api/curl';
import { grouped } from '../format/number';
import type { Result } from '../model/analytics';
import { CopyButton } from '../ui/CopyButton';
import { AsOf, Warnings } from './AsOf';
import { BarChart } from './BarChart';
import { chartOf, measuresOf } from './chart';
import { LineChart } from './LineChart';
import type { Question } from './question';
import { ResultTable } from './ResultTable';
import { SaveMenu } from './SaveMenu';
import { leadingMeasure } from './values';

interface Props {
    result: Result;
    question: Question;
    // The statement; null where the server does not say it.
    sql: string | null;
    name: string;
    live: boolean;
    onLive: () => void;
}

export function ResultPane({ result, question, sql, name, live, onLive }: Props) {
    const { rows, truncated, _metadata: metadata } = result;
    return (
        <>
            <div class="resultbar">
                <AsOf metadata={metadata} />
                <span class="faint">
                    <span class="number">{grouped(rows.length)}</span>{' '}
                    {rows.length === 1 ? 'row' : 'rows'}
                    {truncated && ', cut by the limit'} ·{' '}
                    <span class="number">{metadata.query_ms.toFixed(1)}</span> ms
                </span>
                <span class="spacer" />
                <button
                    type="button"
                    class="live"
                    aria-pressed={live}
                    title="Ask again every few seconds (l)"
                    onClick={onLive}
                >
                    <i aria-hidden="true" /> Live
                </button>
                <CopyButton
                    label="Copy as curl"
                    title="Copy this question as a curl command"
                    text={() => curlPost(question.path, question.body)}
                />
                {sql !== null && (
                    <CopyButton
                        label="Copy as SQL"
                        title="Copy the statement, for the field of SQL or `atlas analytics sql`"
                        text={() => sql}
                    />
                )}
                <SaveMenu question={question} name={name} />
            </div>
            <Warnings metadata={metadata} />
            <Picture result={result} />
            <ResultTable result={result} />
        </>
    );
}

function Picture({ result }: { result: Result }) {
    const measures = useMemo(() => measuresOf(result), [result]);
    const [chosen, setChosen] = useState('');
    const leading = useMemo(() => leadingMeasure(result, measures), [result]);
    const measure = measures.includes(chosen) ? chosen : leading;
    const chart = useMemo(() => chartOf(result, measure), [result, measure]);
    if (chart === null) return null;
    return (
        <div class="picture">
            {measures.length > 1 && (
                <div class="segments" role="toolbar" aria-label="Drawn column">
                    {measures.map((name) => (
                        <button
                            key={name}
                            type="button"
                            aria-pressed={name === measure}
                            onClick={() => setChosen(name)}
                        >
                            {name}
                        </button>
                    ))}
                </div>
            )}
            {chart.kind === 'lines' ? <LineChart chart={chart} /> : <BarChart chart={chart} />}
        </div>
    );
}
