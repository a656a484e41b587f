// SPDX-License-Identifier: Apache-2.0
//
// The state of the page is its URL: `#/entities?filter=…`. Views read `route` and change it with
// `go` (a step that "back" returns from) or `adjust` (the same step, seen a little differently).
import { signal } from '@preact/signals';
import { tenant } from '../session/session';

export type ViewName = 'entities' | 'entity' | 'attributes' | 'analytics' | 'status' | 'start';

export interface Route {
    view: ViewName;
    entity: string;
    params: Readonly<Record<string, string>>;
}

export type Params = Record<string, string | undefined>;

export const route = signal<Route>(parseHash(''));

// The list one came from, with its filter.
let last_list = '';
let steps = 0;

export function startRouter(): void {
    const read = () => {
        const next = parseHash(location.hash);
        tenant.value = next.params['tenant'] ?? '';
        route.value = next;
        if (next.view === 'entities') last_list = location.hash;
    };
    addEventListener('hashchange', () => {
        steps++;
        read();
    });
    read();
}

export function hrefOfList(): string {
    return last_list === '' ? hrefOf('entities') : last_list;
}

// To where one came from; a page that was opened by a link goes to the list instead of away.
export function back(): void {
    if (steps > 0) history.back();
    else location.hash = hrefOfList();
}

export function parseHash(hash: string): Route {
    const [path = '', search = ''] = split(hash.replace(/^#\/?/, ''), '?');
    const [name = '', rest] = split(path, '/');
    const params = Object.fromEntries(new URLSearchParams(search));
    if (name === 'entities' && rest) return { view: 'entity', entity: decode(rest), params };
    const views: ViewName[] = ['entities', 'attributes', 'analytics', 'status', 'start'];
    const view = views.find((known) => known === name) ?? 'entities';
    return { view, entity: '', params };
}

export function hrefOf(view: ViewName, params: Params = {}, entity = ''): string {
    const search = new URLSearchParams();
    const all: Params = { ...params };
    if (tenant.value !== '' && !('tenant' in params)) all['tenant'] = tenant.value;
    for (const [name, value] of Object.entries(all)) if (value) search.set(name, value);
    const path = view === 'entity' ? `entities/${encodeURIComponent(entity)}` : view;
    const text = search.toString();
    return `#/${path}${text === '' ? '' : `?${text}`}`;
}

export function go(view: ViewName, params: Params = {}, entity = ''): void {
    location.hash = hrefOf(view, params, entity);
}

// Changes parameters of the view one is in; undefined removes one.
export function adjust(changes: Params, history: 'push' | 'replace' = 'replace'): void {
    const now = route.peek();
    const href = hrefOf(now.view, { ...now.params, ...changes }, now.entity);
    if (href === location.hash) return;
    if (history === 'push') location.hash = href;
    else {
        window.history.replaceState(null, '', href);
        route.value = parseHash(href);
        if (now.view === 'entities') last_list = href;
    }
}

function split(text: string, mark: string): [string, string | undefined] {
    const at = text.indexOf(mark);
    return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string {
    try {
        return decodeURIComponent(text);
    } catch {
        return text;
    }
}
