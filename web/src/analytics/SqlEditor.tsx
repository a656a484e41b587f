// SPDX-License-Identifier: Apache-2.0
//
// The field for a SELECT statement, with what it may name beside it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { kExample, kRelations } from './relations';

interface Props {
    // The statement that was run last.
    applied: string;
    // Of its first fault, in characters from 0.
    fault: number | null;
    busy: boolean;
    onRun: (sql: string) => void;
    onCancel: () => void;
}

const kLeastRows = 6;
const kMostRows = 18;

export function SqlEditor({ applied, fault, busy, onRun, onCancel }: Props) {
    const [text, setText] = useState(applied === '' ? kExample : applied);
    const field = useRef<HTMLTextAreaElement>(null);
    useEffect(() => {
        if (applied !== '') setText(applied);
    }, [applied]);
    // The cursor goes to the fault, once.
    useEffect(() => {
        if (fault === null || field.current === null || text !== applied) return;
        const at = [...applied].slice(0, fault).join('').length;
        field.current.focus();
        field.current.setSelectionRange(at, endOfWord(applied, at));
    }, [fault, applied]);
    const run = () => text.trim() !== '' && onRun(text);
    const rows = Math.min(kMostRows, Math.max(kLeastRows, text.split('\n').length + 1));
    return (
        <form
            class="sqlform"
            onSubmit={(event) => {
                event.preventDefault();
                run();
            }}
        >
            <textarea
                ref={field}
                data-filter
                aria-label="SQL"
                spellcheck={false}
                autocapitalize="off"
                rows={rows}
                value={text}
                onInput={(event) => setText(event.currentTarget.value)}
                onKeyDown={(event) => {
                    if (event.key === 'Escape') event.currentTarget.blur();
                    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
                    event.preventDefault();
                    run();
                }}
            />
            <div class="actions">
                <RunButton busy={busy} onCancel={onCancel} />
                <span class="faint">
                    <kbd>Ctrl</kbd> <kbd>Enter</kbd> runs it; one SELECT, read-only, of this tenant
                </span>
            </div>
            <details class="relations">
                <summary>Relations and columns</summary>
                <dl>
                    {kRelations.map(({ name, row, columns }) => (
                        <div key={name}>
                            <dt>
                                <code>{name}</code> <span class="faint">{row}</span>
                            </dt>
                            <dd>
                                <code>{columns.replaceAll(' ', ', ')}</code>
                            </dd>
                        </div>
                    ))}
                </dl>
            </details>
        </form>
    );
}

export function RunButton({ busy, onCancel }: { busy: boolean; onCancel: () => void }) {
    if (!busy) {
        return (
            <button type="submit" class="primary">
                Run
            </button>
        );
    }
    return (
        <button type="button" onClick={onCancel}>
            Cancel
        </button>
    );
}

function endOfWord(text: string, at: number): number {
    const word = /^\w+/.exec(text.slice(at));
    return at + Math.max(1, word?.[0].length ?? 0);
}
