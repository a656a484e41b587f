// SPDX-License-Identifier: Apache-2.0
import { grouped } from '../format/number';
import { kHistoryLength, rate_history } from '../pulse/pulse';
import { Sparkline } from '../ui/Sparkline';

const kWidthPx = 600;
const kHeightPx = 72;

// Data points accepted, second by second, over the last minute.
export function RateChart() {
    const values = rate_history.value;
    const highest = Math.max(0, ...values.map((value) => value ?? 0));
    return (
        <figure class="ratechart">
            <figcaption>
                Data points accepted per second, last minute
                <span class="faint">
                    peak <span class="number">{grouped(Math.round(highest))}</span>
                </span>
            </figcaption>
            <Sparkline
                values={values}
                capacity={kHistoryLength}
                width={kWidthPx}
                height={kHeightPx}
                label="Data points accepted per second over the last minute"
                wide
            />
        </figure>
    );
}
