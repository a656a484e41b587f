// SPDX-License-Identifier: Apache-2.0
import { hrefOf, route, type ViewName } from '../route/route';
import { Tabs } from '../ui/Tabs';

const kTitles: [ViewName, string][] = [
    ['entities', 'Entities'],
    ['attributes', 'Attributes'],
    ['analytics', 'Analytics'],
    ['status', 'Status'],
];

export function ViewTabs() {
    const view = route.value.view;
    const current = view === 'entity' || view === 'start' ? 'entities' : view;
    const tabs = kTitles.map(([name, title]) => ({
        title,
        href: hrefOf(name),
        current: name === current,
    }));
    return <Tabs label="Views" tabs={tabs} />;
}
