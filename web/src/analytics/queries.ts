// SPDX-License-Identifier: Apache-2.0
//
// The queries that come with the server, read once for each visit of the view.
import { useState } from 'preact/hooks';
import { get } from '../api/client';
import { messageOf, Problem } from '../api/problem';
import { usePoll } from '../clock/poll';
import type { NamedQuery } from '../model/analytics';

const kRetryMs = 5000;

export interface Queries {
    // null while they are not known.
    list: readonly NamedQuery[] | null;
    failure: string;
}

export function useQueries(): Queries {
    const [queries, setQueries] = useState<Queries>({ list: null, failure: '' });
    usePoll(
        async (abort) => {
            if (queries.list !== null) return;
            try {
                const found = await get<{ queries: NamedQuery[] }>(
                    '/v1/analytics/queries',
                    {},
                    abort,
                );
                setQueries({ list: found.queries, failure: '' });
            } catch (error) {
                setQueries({ list: null, failure: reasonOf(error) });
            }
        },
        kRetryMs,
        [],
    );
    return queries;
}

function reasonOf(error: unknown): string {
    if (!(error instanceof Problem) || error.status !== 404) return messageOf(error);
    return 'This server has no analytics.';
}
