// SPDX-License-Identifier: Apache-2.0
//
// What /v1/analytics returns, as far as the page reads it.
import type { AttributeType, Metadata, Value } from './types';

export interface ResultColumn {
    name: string;
    type: AttributeType;
}

export interface Result {
    columns: ResultColumn[];
    rows: Value[][];
    // The server's row limit cut it.
    truncated: boolean;
    _metadata: Metadata;
}

export interface QueryParam {
    name: string;
    type: AttributeType;
    // Absent or null: it must be given.
    default?: Value;
    description: string;
}

export interface NamedQuery {
    name: string;
    description: string;
    params: QueryParam[];
    // The statement, with its parameters as $name, where the server shows it.
    sql?: string;
}
