// SPDX-License-Identifier: Apache-2.0
//
// Questions about all of history: the queries that come with Atlas, ones put together from choices,
// and SQL. What is asked is in the URL: `#/analytics?query=top_movers&p.count=7`,
// `#/analytics?mode=build&attribute=pressure`, `#/analytics?sql=SELECT…`.
import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { serverNow } from '../clock/clock';
import type { NamedQuery } from '../model/analytics';
import { adjust, hrefOf, route, type Params } from '../route/route';
import { useKeys } from '../ui/useKeys';
import { Builder } from './Builder';
import { builtOf, builtQuestion, type Built } from './build';
import { ParamForm, type Texts } from './ParamForm';
import {
    isRequired,
    kParamPrefix,
    namedQuestion,
    sqlOf,
    sqlQuestion,
    type Question,
} from './question';
import { useQueries } from './queries';
import { ResultPane } from './ResultPane';
import { SqlEditor } from './SqlEditor';
import { useAnswer } from './useAnswer';

const kUsual = 'attribute_usage';
const kTitled = /^([^:.]{3,48}): (.+)$/s;

export function AnalyticsView() {
    const { params } = route.value;
    const { list, failure } = useQueries();
    const by_sql = params['sql'] !== undefined || params['mode'] === 'sql';
    const mode = by_sql ? 'sql' : params['mode'] === 'build' ? 'build' : '';
    const query = mode === '' ? chosenOf(list, params['query']) : undefined;
    const missing = list !== null && mode === '' && query === undefined;
    return (
        <section class="analytics" aria-label="Analytics">
            <QueryList list={list ?? []} chosen={query?.name ?? ''} mode={mode} />
            <div class="desk">
                {by_sql && <SqlDesk sql={params['sql'] ?? ''} />}
                {mode === 'build' && <BuildDesk />}
                {query && <QueryDesk key={query.name} query={query} />}
                {missing && <p class="ending">There is no query {params['query']}.</p>}
                {list === null && mode === '' && (
                    <p class="ending faint">{failure === '' ? 'Loading…' : failure}</p>
                )}
            </div>
        </section>
    );
}

// By default one that can be asked as it is, and says what there is.
function chosenOf(
    list: readonly NamedQuery[] | null,
    name: string | undefined,
): NamedQuery | undefined {
    if (name !== undefined) return list?.find((query) => query.name === name);
    const usual = list?.find((query) => query.name === kUsual);
    return usual ?? list?.find(({ params }) => !params.some(isRequired)) ?? list?.[0];
}

interface ListProps {
    list: readonly NamedQuery[];
    chosen: string;
    mode: string;
}

function QueryList({ list, chosen, mode }: ListProps) {
    return (
        <nav class="queries" aria-label="Queries">
            <a
                href={hrefOf('analytics', { mode: 'build' })}
                aria-current={mode === 'build' || undefined}
            >
                <strong>Build a question</strong>
                <span class="faint">measure, group, window, filter</span>
            </a>
            <a
                class="last"
                href={hrefOf('analytics', { mode: 'sql' })}
                aria-current={mode === 'sql' || undefined}
            >
                <strong>SQL</strong>
                <span class="faint">a statement of your own</span>
            </a>
            {list.map((query) => (
                <a
                    key={query.name}
                    href={hrefOf('analytics', { query: query.name })}
                    aria-current={query.name === chosen || undefined}
                    title={purposeOf(query)}
                >
                    <strong>{titleOf(query)}</strong>
                    <span class="faint">{purposeOf(query)}</span>
                </a>
            ))}
        </nav>
    );
}

function QueryDesk({ query }: { query: NamedQuery }) {
    const texts = textsOf(route.value.params);
    const [round, setRound] = useState(0);
    const question = namedQuestion(query, texts);
    const run = (next: Texts) => {
        setRound(round + 1);
        const changes: Params = {};
        for (const { name } of query.params) changes[kParamPrefix + name] = next[name] || undefined;
        adjust({ ...changes, query: query.name });
    };
    const sql = sqlOf(query, texts, serverNow());
    return (
        <Desk question={question} sql={sql} name={query.name} round={round}>
            {(busy, cancel) => (
                <>
                    <header class="deskhead">
                        <h1>{titleOf(query)}</h1>
                        <p class="faint">{purposeOf(query)}</p>
                        {sql !== null && <a href={hrefOf('analytics', { sql })}>Open as SQL</a>}
                    </header>
                    <ParamForm
                        query={query}
                        applied={texts}
                        busy={busy}
                        onRun={run}
                        onCancel={cancel}
                    />
                </>
            )}
        </Desk>
    );
}

function SqlDesk({ sql }: { sql: string }) {
    const [round, setRound] = useState(0);
    const run = (text: string) => {
        setRound(round + 1);
        adjust({ sql: text, mode: undefined }, 'push');
    };
    return (
        <Desk
            question={sql === '' ? null : sqlQuestion(sql)}
            sql={sql}
            name="result"
            round={round}
        >
            {(busy, cancel, fault) => (
                <SqlEditor
                    applied={sql}
                    fault={fault}
                    busy={busy}
                    onRun={run}
                    onCancel={cancel}
                />
            )}
        </Desk>
    );
}

function BuildDesk() {
    const { params } = route.value;
    const [round, setRound] = useState(0);
    const built = builtOf(params);
    // The window begins where it began when the question was asked.
    const question = useMemo(() => {
        const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
        return builtQuestion(built, serverNow(), timeZone);
    }, [JSON.stringify(built), round]);
    const run = (next: Built) => {
        setRound(round + 1);
        adjust({ ...next });
    };
    return (
        <Desk question={question} sql={null} name="result" round={round}>
            {(busy, cancel) => (
                <>
                    <header class="deskhead">
                        <h1>Build a question</h1>
                        <p class="faint">Answered from all of history, rolled up where it can be</p>
                    </header>
                    <Builder applied={built} busy={busy} onRun={run} onCancel={cancel} />
                </>
            )}
        </Desk>
    );
}

interface DeskProps {
    question: Question | null;
    sql: string | null;
    name: string;
    round: number;
    children: (busy: boolean, cancel: () => void, fault: number | null) => ComponentChildren;
}

// The form above, and below it what came of it. `l` asks again every few seconds.
function Desk({ question, sql, name, round, children }: DeskProps) {
    const live = route.value.params['live'] !== undefined;
    const answer = useAnswer(question, live, round);
    const turnLive = () => adjust({ live: live ? undefined : '1' });
    useKeys({ l: turnLive });
    const { result, failure, position, unavailable, busy, cancel } = answer;
    return (
        <>
            {children(busy && !live, cancel, position === null ? null : position - 1)}
            {failure !== '' && (
                <p class="problem" role="alert">
                    {unavailable && <strong>Analytics is not available. </strong>}
                    {failure}
                </p>
            )}
            {result && question && (
                <div class={`resultpane ${busy && !live ? 'old' : ''}`}>
                    <ResultPane
                        {...{ result, question, sql, name, live }}
                        onLive={turnLive}
                    />
                </div>
            )}
            {question === null && route.value.params['mode'] !== 'sql' && (
                <p class="ending faint">Fill in what is required, then run it.</p>
            )}
            {result === null && busy && <p class="ending faint">Asking…</p>}
        </>
    );
}

function textsOf(params: Readonly<Record<string, string>>): Texts {
    return Object.fromEntries(
        Object.entries(params)
            .filter(([name]) => name.startsWith(kParamPrefix))
            .map(([name, text]) => [name.slice(kParamPrefix.length), text]),
    );
}

// "Top movers: the entities whose …" has its title before the colon.
function titleOf({ name, description }: NamedQuery): string {
    return kTitled.exec(description)?.[1] ?? capitalized(name.replaceAll('_', ' '));
}

function purposeOf({ description }: NamedQuery): string {
    return capitalized(kTitled.exec(description)?.[2] ?? description);
}

function capitalized(text: string): string {
    return text.charAt(0).toUpperCase() + text.slice(1);
}
