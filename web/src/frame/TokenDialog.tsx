// SPDX-License-Identifier: Apache-2.0
import { useState } from 'preact/hooks';
import { token, token_wanted, useToken } from '../session/session';
import { Dialog } from '../ui/Dialog';

// Asks for a token where the server requires one. It is stored until the tab closes, nowhere else.
export function TokenDialog() {
    const [secret, setSecret] = useState('');
    const reason = token_wanted.value;
    if (reason === null) return null;
    const submit = (event: Event) => {
        event.preventDefault();
        if (secret.trim() !== '') useToken(secret.trim());
        setSecret('');
    };
    return (
        <Dialog title="This server requires a token" onClose={() => (token_wanted.value = null)}>
            <form class="token" onSubmit={submit}>
                {token.value === '' ? (
                    <>
                        <p>An administrator creates one with</p>
                        <pre>atlas tokens create NAME --scopes read</pre>
                    </>
                ) : (
                    <p>{reason}</p>
                )}
                <label>
                    Token
                    <input
                        type="password"
                        autocomplete="off"
                        spellcheck={false}
                        autofocus
                        placeholder="atlas_…"
                        value={secret}
                        onInput={(event) => setSecret(event.currentTarget.value)}
                    />
                </label>
                <p class="faint">Stored in this tab until it is closed.</p>
                <button type="submit" class="primary">
                    Use token
                </button>
            </form>
        </Dialog>
    );
}
