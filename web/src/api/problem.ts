// SPDX-License-Identifier: Apache-2.0
//
// Why a request failed. Three kinds, because a person reacts differently to each: the server
// refused it, the server did not respond, or a newer request replaced it.

interface ProblemJson {
    title?: string;
    detail?: string;
    code?: string;
    position?: number;
    expected?: string;
}

export class Problem extends Error {
    readonly status: number;
    readonly code: string;
    readonly title: string;
    readonly position: number | null;

    constructor(status: number, body: ProblemJson) {
        super(body.detail ?? body.title ?? `The server returned HTTP ${status}.`);
        this.status = status;
        this.code = body.code ?? '';
        this.title = body.title ?? `HTTP ${status}`;
        this.position = typeof body.position === 'number' ? body.position : null;
    }
}

export class Unreachable extends Error {}

export class Superseded extends Error {}

export function messageOf(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
