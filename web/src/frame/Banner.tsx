// SPDX-License-Identifier: Apache-2.0
import { now_ms } from '../clock/clock';
import { trouble, type Trouble } from '../connection/connection';
import { exact, localShort, span } from '../format/time';

// Says that the server is gone and since when. What was shown stays, greyed by the stylesheet.
export function Banner() {
    const now = trouble.value;
    if (now === null) return null;
    return (
        <div class="banner" role="alert">
            <Mark />
            <span>
                <strong>{headline(now)}</strong> since{' '}
                <time title={exact(now.since_ms)}>{localShort(now.since_ms)}</time>
                <Waited since_ms={now.since_ms} />. Showing the last data received; the page
                reconnects on its own.
                {now.detail !== '' && <span class="detail"> {now.detail}</span>}
            </span>
        </div>
    );
}

function headline(now: Trouble): string {
    return now.kind === 'unreachable'
        ? 'The server is not responding'
        : 'The database is not responding';
}

function Waited({ since_ms }: { since_ms: number }) {
    return (
        <span class="number" aria-live="off">
            {' '}
            ({span(now_ms.value - since_ms)})
        </span>
    );
}

function Mark() {
    return (
        <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
            <path d="M7 1 13.5 13H.5Z" fill="currentColor" />
            <path d="M7 5v4M7 10.5v1" stroke="var(--banner-bg)" stroke-width="1.5" />
        </svg>
    );
}
