// SPDX-License-Identifier: Apache-2.0
import { useState } from 'preact/hooks';
import { postForFile } from '../api/client';
import { messageOf } from '../api/problem';
import { Popover } from '../ui/Popover';
import type { Question } from './question';

const kFormats: [string, string][] = [
    ['csv', 'CSV'],
    ['ndjson', 'NDJSON'],
    ['parquet', 'Parquet'],
];

// Asks again, for a file this time: the table on the screen is not all that a file can hold.
export function SaveMenu({ question, name }: { question: Question; name: string }) {
    const [failure, setFailure] = useState('');
    const save = async (format: string, close: () => void) => {
        setFailure('');
        try {
            const file = await postForFile(`${question.path}?format=${format}`, question.body);
            offer(file, `${name}.${format}`);
            close();
        } catch (error) {
            setFailure(messageOf(error));
        }
    };
    return (
        <Popover label="Save the result" class="save" button="Save as ▾">
            {(close) => (
                <>
                    <div class="menu">
                        {kFormats.map(([format, title]) => (
                            <button
                                key={format}
                                type="button"
                                onClick={() => void save(format, close)}
                            >
                                {title}
                            </button>
                        ))}
                    </div>
                    {failure !== '' && <p class="problem">{failure}</p>}
                </>
            )}
        </Popover>
    );
}

function offer(file: Blob, name: string): void {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(file);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
