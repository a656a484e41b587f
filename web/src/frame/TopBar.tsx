// SPDX-License-Identifier: Apache-2.0
import { grouped } from '../format/number';
import { kHistoryLength, rate_history } from '../pulse/pulse';
import { hrefOf } from '../route/route';
import { nextTheme, theme } from '../theme/theme';
import { Sparkline } from '../ui/Sparkline';
import { EntitySearch } from './EntitySearch';
import { FreshnessButton } from './FreshnessButton';
import { help_open } from './Help';
import { TenantSwitch } from './TenantSwitch';

export function TopBar() {
    return (
        <header class="topbar">
            <a class="brand" href={hrefOf('entities')}>
                <img src="favicon.svg" width="18" height="18" alt="" /> <span>Atlas</span>
            </a>
            <TenantSwitch />
            <EntitySearch />
            <Rate />
            <FreshnessButton />
            <ThemeButton />
            <button
                type="button"
                class="plain icon help"
                aria-label="Keyboard shortcuts"
                title="Keyboard shortcuts (?)"
                onClick={() => (help_open.value = true)}
            >
                ?
            </button>
        </header>
    );
}

function Rate() {
    const history = rate_history.value;
    const latest = history.findLast((value) => value !== null) ?? null;
    return (
        <a
            class="rate"
            href={hrefOf('status')}
            title="Data points accepted per second, last minute"
        >
            <span class="number">{latest === null ? '–' : grouped(Math.round(latest))}</span>
            <span class="unit">points/s</span>
            <Sparkline
                values={history}
                capacity={kHistoryLength}
                width={72}
                height={18}
                label="Data points accepted per second over the last minute"
            />
        </a>
    );
}

function ThemeButton() {
    return (
        <button
            type="button"
            class="plain icon"
            aria-label={`Change theme, now ${theme.value}`}
            title={`Theme: ${theme.value} (t)`}
            onClick={nextTheme}
        >
            <svg width="14" height="14" viewBox="0 0 14 14" aria-hidden="true">
                <circle
                    cx="7"
                    cy="7"
                    r="5.8"
                    fill="none"
                    stroke="currentColor"
                    stroke-width="1.3"
                />
                <path d={kThemeShapes[theme.value]} fill="currentColor" />
            </svg>
        </button>
    );
}

// Half, none or all of the circle filled: as the system has it, light, dark.
const kThemeShapes = {
    system: 'M7 1.2a5.8 5.8 0 0 1 0 11.6Z',
    light: '',
    dark: 'M7 1.2a5.8 5.8 0 1 1 0 11.6a5.8 5.8 0 1 1 0-11.6Z',
};
