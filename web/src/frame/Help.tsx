// SPDX-License-Identifier: Apache-2.0
import { signal } from '@preact/signals';
import { Dialog } from '../ui/Dialog';

export const help_open = signal(false);

const kShortcuts: [string[], string][] = [
    [['/'], 'filter or search'],
    [['j', 'k'], 'next row, previous row'],
    [['Enter'], 'open the row'],
    [['Esc'], 'back'],
    [['l'], 'turn live updates on or off'],
    [['Ctrl Enter'], 'run the statement'],
    [['t'], 'theme: system, light, dark'],
    [['1', '2', '3', '4'], 'entities, attributes, analytics, status'],
    [['?'], 'this help'],
];

const kCurves: [string, string][] = [
    ['drag', 'zoom into a time range'],
    ['double click', 'back to the previous range'],
];

export function Help() {
    if (!help_open.value) return null;
    return (
        <Dialog title="Keyboard and mouse" onClose={() => (help_open.value = false)}>
            <dl class="shortcuts">
                {kShortcuts.map(([keys, text]) => (
                    <div key={text}>
                        <dt>
                            {keys.map((key) => (
                                <kbd key={key}>{key}</kbd>
                            ))}
                        </dt>
                        <dd>{text}</dd>
                    </div>
                ))}
                {kCurves.map(([gesture, text]) => (
                    <div key={text}>
                        <dt class="gesture">{gesture}</dt>
                        <dd>{text}</dd>
                    </div>
                ))}
            </dl>
        </Dialog>
    );
}
