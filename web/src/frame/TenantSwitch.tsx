// SPDX-License-Identifier: Apache-2.0
import { useEffect, useState } from 'preact/hooks';
import { parseJson } from '../api/json';
import { hrefOf } from '../route/route';
import { tenant, token } from '../session/session';
import { Popover } from '../ui/Popover';
import { useFocus } from '../ui/useFocus';

const kDefault = 'default';

interface TenantList {
    tenants: { name: string; is_active: boolean }[];
}

// A token decides the tenant: with one there is nothing to choose.
export function TenantSwitch() {
    if (token.value !== '') return <span class="tenant fixed">the token's tenant</span>;
    const shown = tenant.value || kDefault;
    return (
        <Popover
            class="tenant"
            label={`Switch tenant, now ${shown}`}
            button={
                <>
                    {shown} <span aria-hidden="true">▾</span>
                </>
            }
        >
            {(close) => <Choice close={close} />}
        </Popover>
    );
}

function Choice({ close }: { close: () => void }) {
    const [names, setNames] = useState<string[]>([]);
    const [typed, setTyped] = useState('');
    const field = useFocus<HTMLInputElement>();
    useEffect(() => void knownTenants().then(setNames), []);
    const choose = (name: string) => {
        location.hash = hrefOf('entities', { tenant: name === kDefault ? '' : name });
        close();
    };
    const submit = (event: Event) => {
        event.preventDefault();
        if (typed.trim() !== '') choose(typed.trim());
    };
    return (
        <form onSubmit={submit}>
            <input
                aria-label="Tenant name"
                placeholder="tenant name"
                spellcheck={false}
                ref={field}
                value={typed}
                onInput={(event) => setTyped(event.currentTarget.value)}
            />
            <ul class="menu">
                {names
                    .filter((name) => name.includes(typed.trim()))
                    .map((name) => (
                        <li key={name}>
                            <button
                                type="button"
                                aria-current={name === (tenant.value || kDefault)}
                                onClick={() => choose(name)}
                            >
                                {name}
                            </button>
                        </li>
                    ))}
            </ul>
        </form>
    );
}

// Listing tenants takes an administrator of tenant `system`; others type the name.
async function knownTenants(): Promise<string[]> {
    try {
        const headers = { 'X-Atlas-Tenant': 'system' };
        const response = await fetch('/v1/tenants?page_size=200', { headers });
        if (!response.ok) return [kDefault];
        const { tenants } = parseJson<TenantList>(await response.text());
        return tenants.filter((one) => one.is_active).map(({ name }) => name);
    } catch {
        return [kDefault];
    }
}
