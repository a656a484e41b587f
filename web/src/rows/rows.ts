// SPDX-License-Identifier: Apache-2.0
//
// Rows of the entity table and what changes in them. Pure: entities in, rows out.
import type { Entity, Value } from '../model/types';

export interface Row extends Entity {
    // When this page learned of a new value, by attribute; '' is the row itself.
    changed_ms: Readonly<Record<string, number>>;
}

export const kMarkedMs = 1000;
const kUnchanged = {};

export function freshRows(entities: Entity[]): Row[] {
    return entities.map((entity) => ({ ...entity, changed_ms: kUnchanged }));
}

// The same entities in their new order, remembering what is new against `before`.
export function replaced(before: readonly Row[], entities: Entity[], now_ms: number): Row[] {
    const known = new Map(before.map((row) => [row.entity, row]));
    return entities.map((entity) => {
        const row = known.get(entity.entity);
        return row ? updated(row, entity, now_ms) : { ...entity, changed_ms: { '': now_ms } };
    });
}

// The same rows in the same order with newer values where `entities` has them.
export function refreshed(before: readonly Row[], entities: Entity[], now_ms: number): Row[] {
    const news = new Map(entities.map((entity) => [entity.entity, entity]));
    return before.map((row) => {
        const entity = news.get(row.entity);
        return entity ? updated(row, entity, now_ms) : row;
    });
}

function updated(row: Row, entity: Entity, now_ms: number): Row {
    const changed: Record<string, number> = {};
    for (const [name, at_ms] of Object.entries(row.changed_ms)) {
        if (now_ms - at_ms < kMarkedMs) changed[name] = at_ms;
    }
    const names = new Set([...Object.keys(row.attributes), ...Object.keys(entity.attributes)]);
    for (const name of names) {
        if (!same(row.attributes[name], entity.attributes[name])) changed[name] = now_ms;
    }
    return { ...entity, changed_ms: changed };
}

export function same(a: Value | undefined, b: Value | undefined): boolean {
    if (a === b) return true;
    if (typeof a !== 'object' || typeof b !== 'object') return false;
    return JSON.stringify(a) === JSON.stringify(b);
}
