// SPDX-License-Identifier: Apache-2.0

interface Props {
    // What it does, for readers who do not see the sign.
    label: string;
    sign: string;
    class?: string;
    disabled?: boolean;
    onClick: () => void;
}

// A button that is one sign beside what it acts on.
export function SmallButton({ label, sign, class: name = '', disabled, onClick }: Props) {
    return (
        <button
            type="button"
            class={`plain small ${name}`}
            aria-label={label}
            disabled={disabled}
            onClick={onClick}
        >
            {sign}
        </button>
    );
}
