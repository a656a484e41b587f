// SPDX-License-Identifier: Apache-2.0
import { AnalyticsView } from '../analytics/AnalyticsView';
import { AttributesView } from '../attributes/AttributesView';
import { useCatalog } from '../catalog/catalog';
import { trouble } from '../connection/connection';
import { EntitiesView } from '../entities/EntitiesView';
import { EntityView } from '../entity/EntityView';
import { go, route } from '../route/route';
import { tenant, token } from '../session/session';
import { StatusView } from '../status/StatusView';
import { nextTheme } from '../theme/theme';
import { useKeys } from '../ui/useKeys';
import { StartView } from '../welcome/StartView';
import { Banner } from './Banner';
import { Help, help_open } from './Help';
import { TokenDialog } from './TokenDialog';
import { TopBar } from './TopBar';
import { ViewTabs } from './ViewTabs';

export function App() {
    useKeys({
        '/': focusFilter,
        '?': () => (help_open.value = true),
        t: nextTheme,
        '1': () => go('entities'),
        '2': () => go('attributes'),
        '3': () => go('analytics'),
        '4': () => go('status'),
    });
    return (
        <div class={`app ${trouble.value === null ? '' : 'gone'}`}>
            <TopBar />
            <div class="tabline">
                <ViewTabs />
                <Banner />
            </div>
            {/* Another tenant or token is another world: every view starts over. */}
            <main key={`${tenant.value} ${token.value}`}>
                <View />
            </main>
            <Help />
            <TokenDialog />
        </div>
    );
}

function View() {
    useCatalog();
    const { view, entity } = route.value;
    if (view === 'entity') return <EntityView key={entity} id={entity} />;
    if (view === 'attributes') return <AttributesView />;
    if (view === 'analytics') return <AnalyticsView />;
    if (view === 'status') return <StatusView />;
    if (view === 'start') return <StartView />;
    return <EntitiesView empty={<StartView />} />;
}

// A view's own filter comes first; views without one have the search of the top bar.
function focusFilter(): void {
    const field =
        document.querySelector<HTMLInputElement>('main [data-filter]') ??
        document.getElementById('entity-search');
    field?.focus();
    if (field instanceof HTMLInputElement) field.select();
}
