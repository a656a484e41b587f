// SPDX-License-Identifier: Apache-2.0

interface Props {
    height_px: number;
    columns: number;
}

// Takes the place of the table rows that `useWindow` leaves out above or below.
export function Gap({ height_px, columns }: Props) {
    if (height_px <= 0) return null;
    return (
        <tr class="gap" aria-hidden="true">
            <td colSpan={columns} style={{ height: `${height_px}px` }} />
        </tr>
    );
}
