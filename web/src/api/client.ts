// SPDX-License-Identifier: Apache-2.0
//
// Every request the page makes goes through here: it gets the tenant, the token and a time limit,
// and its outcome is reported to `connection` and `freshness`.
import { reachable, unavailable, unreachable } from '../connection/connection';
import { noteMetadata } from '../freshness/freshness';
import type { Metadata } from '../model/types';
import { askForToken, sessionHeaders } from '../session/session';
import { parseJson } from './json';
import { Problem, Superseded, Unreachable } from './problem';

export type Params = Record<string, string | number | undefined>;

const kRequestTimeoutMs = 15_000;
const kFileLimitMs = 600_000;

export function get<T>(path: string, params: Params = {}, signal?: AbortSignal): Promise<T> {
    return send<T>('GET', path + query(params), undefined, signal);
}

// `limit_ms` is how long to wait for the response: an analytical question may take a while.
export function post<T>(
    path: string,
    body: unknown,
    signal?: AbortSignal,
    limit_ms?: number,
): Promise<T> {
    return send<T>('POST', path, body, signal, limit_ms);
}

// The response as a file.
export async function postForFile(path: string, body: unknown): Promise<Blob> {
    const response = await reach('POST', path, body, undefined, kFileLimitMs);
    const file = await response.blob().catch((error: unknown) => {
        throw lost(error, undefined);
    });
    reachable();
    if (!response.ok) throw refused(response, await file.text());
    return file;
}

export function patch<T>(path: string, body: unknown): Promise<T> {
    return send<T>('PATCH', path, body);
}

// A path segment: names may hold any character.
export function segment(name: string): string {
    return encodeURIComponent(name);
}

export function query(params: Params): string {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(params)) {
        if (value !== undefined && value !== '') search.set(name, String(value));
    }
    const text = search.toString();
    return text === '' ? '' : `?${text}`;
}

async function send<T>(
    method: string,
    url: string,
    body?: unknown,
    signal?: AbortSignal,
    limit_ms = kRequestTimeoutMs,
): Promise<T> {
    const response = await reach(method, url, body, signal, limit_ms);
    const text = await response.text().catch((error: unknown) => {
        throw lost(error, signal);
    });
    reachable();
    if (!response.ok) throw refused(response, text);
    const body_read = parseJson<T & { _metadata?: Metadata }>(text === '' ? 'null' : text);
    if (body_read?._metadata) noteMetadata(body_read._metadata);
    return body_read;
}

async function reach(
    method: string,
    url: string,
    body: unknown,
    signal: AbortSignal | undefined,
    limit_ms: number,
): Promise<Response> {
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), limit_ms);
    const abort = () => limit.abort();
    signal?.addEventListener('abort', abort);
    const headers: Record<string, string> = sessionHeaders();
    if (body !== undefined) headers['Content-Type'] = contentType(method);
    try {
        const payload = body === undefined ? null : JSON.stringify(body);
        return await fetch(url, { method, headers, body: payload, signal: limit.signal });
    } catch (error) {
        throw lost(error, signal, limit_ms);
    } finally {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
    }
}

function contentType(method: string): string {
    return method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
}

function lost(
    error: unknown,
    signal: AbortSignal | undefined,
    limit_ms = kRequestTimeoutMs,
): Error {
    if (signal?.aborted) return new Superseded('replaced by a newer request');
    unreachable();
    return new Unreachable(
        error instanceof DOMException && error.name === 'AbortError'
            ? `The server did not respond within ${limit_ms / 1000} s.`
            : `The server cannot be reached (${String(error)}).`,
    );
}

function refused(response: Response, text: string): Problem {
    let problem = new Problem(response.status, {});
    try {
        problem = new Problem(response.status, parseJson(text));
    } catch {
        // A proxy's HTML page says no more than its status does.
    }
    if (response.status === 401) askForToken(problem.message);
    // Without an analytics store all other views work as ever.
    const aside = problem.code === 'analytics_unavailable';
    if (!aside && response.status >= 502 && response.status <= 504) unavailable(problem.message);
    return problem;
}
