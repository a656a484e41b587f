// SPDX-License-Identifier: Apache-2.0
//
// The fleet the scenarios look at: pumps with a status, a zone and a priority, and one of them
// with an hour of history.

export const kPumps = 1200;
const kZones = ['berlin', 'lyon', 'porto'];
const kHistoryPoints = 720;
const kPausesMs = 5000;

export function pump(number, changes = {}) {
    return {
        entity: `pump-${String(number).padStart(4, '0')}`,
        type: 'pump',
        attributes: {
            status: number % 4 === 0 ? 'standby' : 'online',
            zone: kZones[number % 3],
            armed: number % 2 === 0,
            ...changes,
        },
    };
}

export function fleet() {
    return Array.from({ length: kPumps }, (_, number) => pump(number));
}

// One observation every five seconds up to now: a slow wave, and a status that changes twice.
export function history(entity, now_ms) {
    return Array.from({ length: kHistoryPoints }, (_, at) => {
        const age = kHistoryPoints - at;
        return {
            entity,
            type: 'pump',
            at: now_ms - age * kPausesMs,
            attributes: {
                pressure: 4 + Math.round(1000 * Math.sin(at / 40)) / 1000 + 0.5,
                flow_bytes_per_second: 2_000_000 + at * 1000,
                status: at > 300 && at < 400 ? 'standby' : 'online',
            },
        };
    });
}
