// SPDX-License-Identifier: Apache-2.0
import { useState } from 'preact/hooks';

interface Props {
    label: string;
    title?: string;
    // Asked when clicked, so that what is copied is what is on the screen then.
    text: () => string;
}

const kSaidMs = 1500;

export function CopyButton({ label, title, text }: Props) {
    const [said, setSaid] = useState('');
    const copy = async () => {
        setSaid((await copied(text())) ? 'Copied' : 'Copy failed');
        setTimeout(() => setSaid(''), kSaidMs);
    };
    return (
        <button type="button" class="copy" title={title} onClick={() => void copy()}>
            <span aria-live="polite">{said || label}</span>
        </button>
    );
}

// The clipboard interface exists on secure origins only; plain HTTP gets the old way.
async function copied(text: string): Promise<boolean> {
    try {
        await navigator.clipboard.writeText(text);
        return true;
    } catch {
        const area = document.createElement('textarea');
        area.value = text;
        document.body.append(area);
        area.select();
        const done = document.execCommand('copy');
        area.remove();
        return done;
    }
}
