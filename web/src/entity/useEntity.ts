// SPDX-License-Identifier: Apache-2.0
//
// The state of one entity with all its attributes, refreshed every second, and when each value
// changed while it was shown.
import { useState } from 'preact/hooks';
import { get, segment } from '../api/client';
import { Problem, Superseded } from '../api/problem';
import { noticeNames } from '../catalog/catalog';
import { serverNow } from '../clock/clock';
import { usePoll } from '../clock/poll';
import type { Entity } from '../model/types';
import { freshRows, refreshed, type Row } from '../rows/rows';

const kPauseMs = 1000;

export interface EntityState {
    row: Row | null;
    problem: Problem | null;
}

export function useEntity(id: string): EntityState {
    const [state, setState] = useState<EntityState>({ row: null, problem: null });
    usePoll(
        async (abort) => {
            try {
                const path = `/v1/entities/${segment(id)}`;
                const entity = await get<Entity>(path, { attributes: '*' }, abort);
                noticeNames(Object.keys(entity.attributes));
                setState(({ row }) => ({ row: next(row, entity), problem: null }));
            } catch (error) {
                if (error instanceof Superseded || !(error instanceof Problem)) return;
                if (error.status === 404) setState({ row: null, problem: error });
            }
        },
        kPauseMs,
        [id],
    );
    return state;
}

function next(row: Row | null, entity: Entity): Row | null {
    const rows = row ? refreshed([row], [entity], serverNow()) : freshRows([entity]);
    return rows[0] ?? null;
}
