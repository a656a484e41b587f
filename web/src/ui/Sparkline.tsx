// SPDX-License-Identifier: Apache-2.0

interface Props {
    values: readonly (number | null)[];
    // The number of values that fill the width; fewer begin at the right.
    capacity: number;
    width: number;
    height: number;
    label: string;
    // Fills the width of its place; `width` is then only the scale of its points.
    wide?: boolean;
}

// The last minute of a figure, in the height of a line. Zero is the bottom.
export function Sparkline({ values, capacity, width, height, label, wide }: Props) {
    const top = Math.max(1e-9, ...values.map((value) => value ?? 0));
    const step = width / (capacity - 1);
    const left = width - step * (values.length - 1);
    const y = (value: number) => height - 1 - (value / top) * (height - 2);
    let path = '';
    let pen = 'M';
    values.forEach((value, at) => {
        if (value === null) return void (pen = 'M');
        path += `${pen}${(left + at * step).toFixed(1)} ${y(value).toFixed(1)}`;
        // A line of no length is drawn as a dot: a value between two silences is still one.
        if (pen === 'M' && (values[at + 1] ?? null) === null) path += 'h0';
        pen = 'L';
    });
    return (
        <svg
            class="sparkline"
            width={wide ? '100%' : width}
            height={height}
            viewBox={`0 0 ${width} ${height}`}
            preserveAspectRatio="none"
            role="img"
            aria-label={label}
        >
            <path d={path} vector-effect="non-scaling-stroke" />
        </svg>
    );
}
