// SPDX-License-Identifier: Apache-2.0
//
// The tenant's attributes, loaded once and reloaded when an unknown name turns up. Every view
// looks up type, unit and hot flag of a name here.
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get, patch, segment } from '../api/client';
import { repeat } from '../clock/poll';
import { unitOf } from '../format/unit';
import type { Attribute, AttributePage } from '../model/types';

const kPageSize = 1000;
const kMaxAttributes = 50_000;
const kReloadPauseMs = 5000;
const kRetryMs = 2000;
const kLifeMs = 60_000;

export type Catalog = ReadonlyMap<string, Attribute>;

export const catalog = signal<Catalog>(new Map());
export const catalog_loaded = signal(false);

let loaded_at_ms = 0;

export async function loadCatalog(abort?: AbortSignal): Promise<void> {
    loaded_at_ms = Date.now();
    const found = new Map<string, Attribute>();
    let page_token = '';
    do {
        const params = { page_size: kPageSize, page_token };
        const page = await get<AttributePage>('/v1/attributes', params, abort);
        for (const attribute of page.attributes) found.set(attribute.name, attribute);
        page_token = page.next_page_token;
    } while (page_token !== '' && found.size < kMaxAttributes);
    catalog.value = found;
    catalog_loaded.value = true;
}

// Keeps the catalog for as long as the caller is on the page, and forgets it afterwards.
export function useCatalog(): void {
    useEffect(() => {
        const stop = repeat(async (abort) => {
            const age_ms = Date.now() - loaded_at_ms;
            if (!catalog_loaded.peek() || age_ms > kLifeMs) await loadCatalog(abort);
        }, kRetryMs);
        return () => {
            stop();
            catalog.value = new Map();
            catalog_loaded.value = false;
        };
    }, []);
}

// Names seen in a response; new ones mean that the catalog has grown.
export function noticeNames(names: Iterable<string>): void {
    if (!catalog_loaded.peek() || Date.now() - loaded_at_ms < kReloadPauseMs) return;
    for (const name of names) {
        if (catalog.peek().has(name)) continue;
        void loadCatalog().catch(() => undefined);
        return;
    }
}

export async function setHot(name: string, hot: boolean): Promise<void> {
    const changed = await patch<Attribute>(`/v1/attributes/${segment(name)}`, { hot });
    const next = new Map(catalog.peek());
    const known = next.get(name);
    if (known) next.set(name, { ...known, ...changed, hot: changed?.hot ?? hot });
    catalog.value = next;
}

export function unitFor(name: string): string {
    return unitOf(name, catalog.value.get(name)?.unit);
}

export function isNumericType(name: string): boolean {
    const type = catalog.value.get(name)?.type;
    return type === 'int' || type === 'double' || type === 'decimal';
}
