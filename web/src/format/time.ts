// SPDX-License-Identifier: Apache-2.0
//
// Instants as text: relative where one reads, exact in local time and UTC where one hovers.
import { serverNow } from '../clock/clock';

const kSecond = 1000;
const kMinute = 60 * kSecond;
const kHour = 60 * kMinute;
const kDay = 24 * kHour;

export function ago(at_ms: number, now_ms: number): string {
    const age = now_ms - at_ms;
    if (age < -5 * kSecond) return `in ${span(-age)}`;
    return age < kSecond ? 'now' : `${span(age)} ago`;
}

// One figure and one unit: "14 s", "3 min", "2 h", "5 d".
export function span(length_ms: number): string {
    if (length_ms < kMinute) return `${Math.max(0, Math.floor(length_ms / kSecond))} s`;
    if (length_ms < kHour) return `${Math.floor(length_ms / kMinute)} min`;
    if (length_ms < 2 * kDay) return `${Math.floor(length_ms / kHour)} h`;
    return `${Math.floor(length_ms / kDay)} d`;
}

// Tenths while they matter: "0.2 s", "14 s", "3 min".
export function ageText(seconds: number | null): string {
    if (seconds === null) return 'unknown';
    return seconds < 10 ? `${seconds.toFixed(1)} s` : span(seconds * 1000);
}

export function localTime(at_ms: number): string {
    const at = new Date(at_ms);
    return `${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`;
}

export function localDate(at_ms: number): string {
    const at = new Date(at_ms);
    return `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
}

// Without the date while it is today's.
export function localShort(at_ms: number): string {
    const today = localDate(serverNow()) === localDate(at_ms);
    return today ? localTime(at_ms) : `${localDate(at_ms)} ${localTime(at_ms)}`;
}

// For hovering: local time with its zone, and below it UTC.
export function exact(at_ms: number): string {
    if (!Number.isFinite(at_ms)) return '';
    const at = new Date(at_ms);
    const millis = String(at.getMilliseconds()).padStart(3, '0');
    const local = `${localDate(at_ms)} ${localTime(at_ms)}.${millis} ${zone(at)}`;
    return `${local}\n${at.toISOString().replace('T', ' ').replace('Z', '')} UTC`;
}

function zone(at: Date): string {
    const minutes = -at.getTimezoneOffset();
    const sign = minutes < 0 ? '−' : '+';
    const size = Math.abs(minutes);
    return `${sign}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

function pad(value: number): string {
    return String(value).padStart(2, '0');
}
