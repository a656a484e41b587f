// SPDX-License-Identifier: Apache-2.0
import { curlCommand } from '../api/curl';
import { grouped } from '../format/number';
import { CopyButton } from '../ui/CopyButton';
import { ColumnChooser } from './ColumnChooser';
import type { EntityList } from './list';

interface Props {
    list: EntityList;
    chosen: readonly string[];
    usual: boolean;
    // undefined returns to the default columns.
    onChoose: (names: readonly string[] | undefined) => void;
}

export function Toolbar({ list, chosen, usual, onChoose }: Props) {
    return (
        <div class="toolbar">
            <Found list={list} />
            <ColumnChooser chosen={chosen} usual={usual} onChoose={onChoose} />
            <CopyButton
                label="Copy as curl"
                title="Copy this table's request as a curl command"
                text={() => curlCommand('/v1/entities', list.params({ page_size: 100 }))}
            />
        </div>
    );
}

function Found({ list }: { list: EntityList }) {
    const total = list.total.value;
    // A filter that does not parse has no count, not even zero.
    if (list.problem.value !== null) return <span class="found" role="status" />;
    const text = total === null ? '…' : grouped(total);
    return (
        <span class="found" role="status">
            <span class="number">{text}</span> found
        </span>
    );
}
