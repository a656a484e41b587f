// SPDX-License-Identifier: Apache-2.0
import { unitFor } from '../catalog/catalog';
import { localShort } from '../format/time';
import { ValueText } from '../format/ValueText';
import { SmallButton } from '../ui/SmallButton';

export interface Reading {
    at_ms: number;
    avg: number;
    min: number;
    max: number;
}

interface Props {
    attribute: string;
    colour: number;
    reading: Reading | null;
    pointed: boolean;
    onRemove: () => void;
}

// Name and value of one curve above its plot: at the cursor, or the latest.
export function Readout({ attribute, colour, reading, pointed, onRemove }: Props) {
    return (
        <span class="readout">
            <i class={`swatch series-${(colour % 8) + 1}`} aria-hidden="true" />
            <span class="name" title={attribute}>
                {attribute}
            </span>
            {reading && <Numbers attribute={attribute} reading={reading} pointed={pointed} />}
            <SmallButton
                label={`Remove ${attribute}`}
                sign="✕"
                class="remove"
                onClick={onRemove}
            />
        </span>
    );
}

function Numbers(props: { attribute: string; reading: Reading; pointed: boolean }) {
    const { attribute, reading, pointed } = props;
    const unit = unitFor(attribute);
    const text = (value: number) => <ValueText name={attribute} value={value} unit={unit} />;
    return (
        <>
            <strong>{text(reading.avg)}</strong>
            {reading.min !== reading.max && (
                <span class="extent">
                    {text(reading.min)} – {text(reading.max)}
                </span>
            )}
            {pointed && <time class="faint">{localShort(reading.at_ms)}</time>}
        </>
    );
}
