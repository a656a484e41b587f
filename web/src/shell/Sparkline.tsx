// SPDX-License-Identifier: Apache-2.0

interface Props {
    values: readonly (number | null)[];
    // The number of values the full width stands for; fewer begin at the right.
    capacity: number;
    width: number;
    height: number;
    label: string;
}

// The last minute of a figure, in the height of a line. Zero is the bottom.
export function Sparkline({ values, capacity, width, height, label }: Props) {
    const top = Math.max(1e-9, ...values.map((value) => value ?? 0));
    const step = width / (capacity - 1);
    const left = width - step * (values.length - 1);
    const y = (value: number) => height - 1 - (value / top) * (height - 2);
    let path = '';
    let pen = 'M';
    values.forEach((value, at) => {
        if (value === null) return void (pen = 'M');
        path += `${pen}${(left + at * step).toFixed(1)} ${y(value).toFixed(1)}`;
        pen = 'L';
    });
    return (
        <svg class="sparkline" width={width} height={height} role="img" aria-label={label}>
            <path d={path} />
        </svg>
    );
}
