// SPDX-License-Identifier: Apache-2.0
import { effect } from '@preact/signals';
import { trouble } from '../connection/connection';
import { route } from '../route/route';

// The title of the browser's tab: what one would look for among twenty of them.
export function startTitle(): void {
    effect(() => {
        const { view, entity, params } = route.value;
        const subject = view === 'entity' ? entity : (params['filter'] ?? '') || view;
        document.title = `${trouble.value === null ? '' : '⚠ '}${subject} · Atlas`;
    });
}
