// SPDX-License-Identifier: Apache-2.0
//
// Loads the points behind the plots of one entity, all at first and then only what is new. Older
// buckets are re-read now and then, because late data may still arrive for them.
import { signal } from '@preact/signals';
import { get, segment, type Params } from '../api/client';
import { Problem } from '../api/problem';
import { formatNames } from '../language/names';
import type { Series, SeriesPage } from '../model/types';
import { bucketsOf, changesOf, curveOf, merged, trimmed } from './curve';
import type { Bucket, Change, Curve } from './curve';
import { stepText, type Window } from './range';

export interface Tracks {
    window: Window;
    curves: ReadonlyMap<string, Curve>;
    changes: ReadonlyMap<string, readonly Change[]>;
}

export interface TrackQuery {
    entity: string;
    numeric: readonly string[];
    banded: readonly string[];
    step_ms: number;
}

const kAggregates = 'avg,min,max';
const kPageSize = 100_000;
const kMaxPages = 10;
const kRefetchedSteps = 3;
const kExtensionsUntilReload = 60;
const kLookBackMs = 7 * 86_400_000;

export class TrackLoader {
    readonly tracks = signal<Tracks | null>(null);
    readonly failure = signal('');

    private buckets_ = new Map<string, Bucket[]>();
    private changes_ = new Map<string, Change[]>();
    private covered_ms_ = 0;
    private extensions_ = 0;

    constructor(readonly query: TrackQuery) {}

    // Loads everything up to the end of `window`; reads only what is new when the rest is known.
    async load(window: Window, abort: AbortSignal): Promise<void> {
        const fresh = this.covered_ms_ === 0 || this.extensions_ >= kExtensionsUntilReload;
        const overlap_ms = kRefetchedSteps * Math.max(this.query.step_ms, 1000);
        const tail_ms = this.covered_ms_ - overlap_ms;
        const from_ms = fresh ? window.from_ms : Math.max(window.from_ms, tail_ms);
        try {
            await Promise.all([
                this.loadBuckets(from_ms, window, abort),
                this.loadChanges(from_ms, window, abort),
            ]);
        } catch (error) {
            // A server that does not respond is the banner's business.
            if (error instanceof Problem) this.failure.value = error.message;
            return;
        }
        this.extensions_ = fresh ? 0 : this.extensions_ + 1;
        this.covered_ms_ = window.to_ms;
        this.failure.value = '';
        this.publish(window);
    }

    private async loadBuckets(from_ms: number, window: Window, abort: AbortSignal): Promise<void> {
        const { numeric, step_ms } = this.query;
        const begin_ms = this.firstBucket(from_ms);
        const found = await this.readSteps(numeric, kAggregates, begin_ms, window, abort);
        for (const name of numeric) {
            const added = found.filter(({ attribute }) => attribute === name).flatMap(bucketsOf);
            const known = this.buckets_.get(name) ?? [];
            this.buckets_.set(name, merged(known, added, begin_ms, window.from_ms - step_ms));
        }
    }

    private async loadChanges(from_ms: number, window: Window, abort: AbortSignal): Promise<void> {
        const { banded } = this.query;
        const begin_ms = this.firstBucket(from_ms);
        const unknown = banded.filter((name) => !this.changes_.has(name));
        const [found] = await Promise.all([
            this.readSteps(banded, 'last', begin_ms, window, abort),
            ...unknown.map((name) => this.lookBack(name, window.from_ms, abort)),
        ]);
        for (const name of banded) {
            const added = found.filter(({ attribute }) => attribute === name).flatMap(changesOf);
            const known = merged(this.changes_.get(name) ?? [], added, begin_ms, 0);
            this.changes_.set(name, trimmed(known, window.from_ms));
        }
    }

    // The value a band begins with was observed before the window opens.
    private async lookBack(name: string, at_ms: number, abort: AbortSignal): Promise<void> {
        const latest = { order_by: 'time desc', page_size: 1 };
        const found = await this.read([name], at_ms - kLookBackMs, at_ms, abort, latest);
        this.changes_.set(name, found.flatMap(changesOf).slice(0, 1));
    }

    // Upwards, so that the longest range does not become longer than the server allows.
    private firstBucket(from_ms: number): number {
        return Math.ceil(from_ms / this.query.step_ms) * this.query.step_ms;
    }

    private async readSteps(
        names: readonly string[],
        agg: string,
        from_ms: number,
        window: Window,
        abort: AbortSignal,
    ): Promise<Series[]> {
        if (names.length === 0) return [];
        const step = stepText(this.query.step_ms);
        return this.read(names, from_ms, window.to_ms, abort, { step, agg });
    }

    private async read(
        names: readonly string[],
        from_ms: number,
        to_ms: number,
        abort: AbortSignal,
        extra: Params,
    ): Promise<Series[]> {
        const path = `/v1/entities/${segment(this.query.entity)}/series`;
        const found: Series[] = [];
        let page_token = '';
        for (let page_number = 0; page_number < kMaxPages; page_number++) {
            const page = await get<SeriesPage>(
                path,
                {
                    attributes: formatNames(names),
                    from: Math.floor(from_ms),
                    to: Math.ceil(to_ms),
                    time: 'unix_ms',
                    page_size: kPageSize,
                    ...extra,
                    page_token,
                },
                abort,
            );
            found.push(...page.series);
            page_token = page.next_page_token;
            if (page_token === '' || extra['page_size'] === 1) break;
        }
        return found;
    }

    private publish(window: Window): void {
        const { numeric, banded, step_ms } = this.query;
        const curve = (name: string) => curveOf(name, this.buckets_.get(name) ?? [], step_ms);
        this.tracks.value = {
            window,
            curves: new Map(numeric.map((name) => [name, curve(name)])),
            changes: new Map(banded.map((name) => [name, this.changes_.get(name) ?? []])),
        };
    }
}
