// SPDX-License-Identifier: Apache-2.0
//
// Light, dark, or as the system has it. `dark` is what is on the screen right now; curves, which
// are painted and not styled, follow it.
import { computed, effect, signal } from '@preact/signals';

export type Theme = 'system' | 'light' | 'dark';

const kThemeKey = 'atlas.theme';
const kThemes: Theme[] = ['system', 'light', 'dark'];
const system_dark = matchMedia('(prefers-color-scheme: dark)');
const system = signal(system_dark.matches);

export const theme = signal<Theme>(stored());
export const dark = computed(() =>
    theme.value === 'system' ? system.value : theme.value === 'dark',
);

export function startTheme(): void {
    system_dark.addEventListener('change', () => (system.value = system_dark.matches));
    effect(() => {
        document.documentElement.dataset['theme'] = dark.value ? 'dark' : 'light';
    });
}

export function nextTheme(): void {
    const at = kThemes.indexOf(theme.value);
    theme.value = kThemes[(at + 1) % kThemes.length] ?? 'system';
    localStorage.setItem(kThemeKey, theme.value);
}

function stored(): Theme {
    const found = localStorage.getItem(kThemeKey);
    return kThemes.find((known) => known === found) ?? 'system';
}

// The value of a CSS custom property, for canvases.
export function cssColour(name: string): string {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}
