// SPDX-License-Identifier: Apache-2.0
import { now_ms } from '../clock/clock';
import { ago, exact } from './time';

// A relative time that stays current; it renders only when its text changes.
export function Ago({ at }: { at: string | null | undefined }) {
    if (!at) return <span class="faint">–</span>;
    const at_ms = Date.parse(at);
    return (
        <time dateTime={at} title={exact(at_ms)}>
            {ago(at_ms, now_ms.value)}
        </time>
    );
}
