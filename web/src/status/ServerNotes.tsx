// SPDX-License-Identifier: Apache-2.0
import { grouped } from '../format/number';
import type { ForeignSlot, Status } from '../model/types';

// What of the database server is not up to Atlas: weak settings, and slots of others.
export function ServerNotes({ status }: { status: Status }) {
    if (status.warnings.length === 0 && status.slots.length === 0) return null;
    return (
        <ul aria-label="notes on the server">
            {status.warnings.map((warning) => (
                <li key={warning}>{warning}</li>
            ))}
            {status.slots.map((slot) => (
                <li key={slot.name}>{slotText(slot)}</li>
            ))}
        </ul>
    );
}

function slotText({ name, active, retained_bytes }: ForeignSlot): string {
    const megabytes = grouped(Math.round(Number(retained_bytes) / 1048576));
    const reader = active ? 'is being read' : 'has no reader';
    return `Slot ${name}, not made by Atlas, ${reader} and retains ${megabytes} MB of log`;
}
