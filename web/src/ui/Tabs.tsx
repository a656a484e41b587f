// SPDX-License-Identifier: Apache-2.0

export interface Tab {
    title: string;
    href: string;
    current: boolean;
}

// A row of links of which one is where the reader is.
export function Tabs({ label, tabs }: { label: string; tabs: readonly Tab[] }) {
    return (
        <nav class="tabs" aria-label={label}>
            {tabs.map(({ title, href, current }) => (
                <a key={title} href={href} aria-current={current ? 'page' : undefined}>
                    {title}
                </a>
            ))}
        </nav>
    );
}
