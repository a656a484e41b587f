// SPDX-License-Identifier: Apache-2.0
import { hrefOf, route, type ViewName } from '../route/route';

const kTabs: [ViewName, string][] = [
    ['entities', 'Entities'],
    ['attributes', 'Attributes'],
    ['status', 'Status'],
];

export function Tabs() {
    const view = route.value.view;
    const current = view === 'entity' || view === 'start' ? 'entities' : view;
    return (
        <nav class="tabs" aria-label="Views">
            {kTabs.map(([name, title]) => (
                <a
                    key={name}
                    href={hrefOf(name)}
                    aria-current={name === current ? 'page' : undefined}
                >
                    {title}
                </a>
            ))}
        </nav>
    );
}
