// SPDX-License-Identifier: Apache-2.0
//
// The rows behind the entity table: the first page, further pages by cursor, and what changes.
//
// While the reader is at the top, the table follows the order (`followTop`); further down, or
// with the pointer over the rows, everything keeps its place and only values change in it
// (`refreshInPlace`), so that nothing moves under the reader's hand.
import { batch, signal } from '@preact/signals';
import { get, type Params } from '../api/client';
import { Problem, Superseded, messageOf } from '../api/problem';
import { noticeNames } from '../catalog/catalog';
import type { EntityPage } from '../model/types';
import { freshRows, refreshed, replaced, type Row } from '../rows/rows';

export interface ListQuery {
    filter: string;
    order: string;
    // '' for all hot attributes, else the list of those to show.
    attributes: string;
}

const kFirstPage = 100;
const kCheapMs = 400;
const kNextPage = 500;
const kNewestChanges = 250;
// Beyond this a person filters instead of scrolling; it bounds what the browser holds.
export const kMaxRows = 100_000;

export class EntityList {
    readonly rows = signal<readonly Row[]>([]);
    readonly total = signal<number | null>(null);
    // The state of the last attempt to read; rows of an earlier one stay visible beside a problem.
    readonly loading = signal(true);
    readonly problem = signal<Problem | null>(null);
    readonly failure = signal('');
    readonly complete = signal(false);
    // Changed entities that are not on the screen because the table keeps its order.
    readonly unseen = signal(0);

    private next_token_ = '';
    private fetching_ = false;
    private first_page_ms_ = 0;
    private abort_ = new AbortController();

    constructor(readonly query: ListQuery) {}

    // Loads the first page; what is shown meanwhile is up to the caller.
    async begin(): Promise<void> {
        const page = await this.readFirst();
        if (page) this.take(freshRows(page.entities), page);
    }

    // Whether the order is cheap enough to request repeatedly; otherwise only values are refreshed.
    cheap(): boolean {
        return this.first_page_ms_ < kCheapMs;
    }

    stop(): void {
        this.abort_.abort();
    }

    async more(): Promise<void> {
        if (this.fetching_ || this.complete.peek() || this.next_token_ === '') return;
        this.fetching_ = true;
        const page = await this.read({ page_size: kNextPage, page_token: this.next_token_ });
        this.fetching_ = false;
        if (!page) return;
        const known = new Set(this.rows.peek().map((row) => row.entity));
        const added = page.entities.filter(({ entity }) => !known.has(entity));
        this.take([...this.rows.peek(), ...freshRows(added)], page);
    }

    async followTop(now_ms: number): Promise<void> {
        if (this.fetching_) return;
        const page = await this.readFirst();
        if (page) this.take(replaced(this.rows.peek(), page.entities, now_ms), page);
    }

    async refreshInPlace(now_ms: number): Promise<void> {
        const newest = { page_size: kNewestChanges, order_by: 'updated_at desc' };
        const page = await this.read(newest);
        if (!page) return;
        const known = new Set(this.rows.peek().map((row) => row.entity));
        batch(() => {
            this.rows.value = refreshed(this.rows.peek(), page.entities, now_ms);
            this.unseen.value = page.entities.filter(({ entity }) => !known.has(entity)).length;
        });
    }

    async count(): Promise<void> {
        const page = await this.read({ page_size: 1, count: 'exact' });
        if (page) this.total.value = page.total_size ?? null;
    }

    params(changes: Params = {}): Params {
        const { filter, order, attributes } = this.query;
        return { filter, order_by: order, attributes, ...changes };
    }

    private async readFirst(): Promise<EntityPage | null> {
        const page = await this.read({ page_size: kFirstPage });
        if (page) this.first_page_ms_ = page._metadata.query_ms;
        return page;
    }

    private async read(changes: Params): Promise<EntityPage | null> {
        try {
            const params = this.params(changes);
            const page = await get<EntityPage>('/v1/entities', params, this.abort_.signal);
            noticeNames(page.entities.flatMap(({ attributes }) => Object.keys(attributes)));
            batch(() => {
                this.problem.value = null;
                this.failure.value = '';
                this.loading.value = false;
            });
            return page;
        } catch (error) {
            if (!(error instanceof Superseded)) this.fail(error);
            return null;
        }
    }

    private fail(error: unknown): void {
        batch(() => {
            this.loading.value = false;
            if (error instanceof Problem && error.status === 400) this.problem.value = error;
            else this.failure.value = messageOf(error);
        });
    }

    private take(rows: readonly Row[], page: EntityPage): void {
        batch(() => {
            this.next_token_ = page.next_page_token;
            this.rows.value = rows;
            this.complete.value = page.next_page_token === '' || rows.length >= kMaxRows;
            this.unseen.value = 0;
        });
    }
}
