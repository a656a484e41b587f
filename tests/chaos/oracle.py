# SPDX-License-Identifier: Apache-2.0
"""What the writers know: per data point the value acknowledged last, and every value whose outcome
is unknown. One writer writes a key, so its acknowledged writes have an order."""
import collections
import json
import threading

MISSING = "(missing)"
NULL = "(null)"


def shown(value):
    """A JSON value as entity_values_ts shows it."""
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


class Oracle:
    def __init__(self):
        self.lock = threading.Lock()
        self.acknowledged = {}                          # key -> text
        self.maybe = collections.defaultdict(set)       # key -> texts
        self.groups = []                                # lists of (key, text): all or none
        self.faults = []
        self.counts = collections.Counter()

    def fault(self, text):
        with self.lock:
            self.faults.append(text)

    def acknowledge(self, points):
        with self.lock:
            for key, value in points:
                self.acknowledged[key] = shown(value)
            self.counts["acknowledged points"] += len(points)

    def doubt(self, points, groups=()):
        with self.lock:
            for key, value in points:
                self.maybe[key].add(shown(value))
            self.groups += [[(key, shown(value)) for key, value in group] for group in groups]
            self.counts["points in doubt"] += len(points)

    def check_history(self, actual):
        """`actual` maps keys to texts. Appends every difference to `faults`."""
        for key, value in actual.items():
            allowed = {self.acknowledged.get(key, MISSING)} | self.maybe.get(key, set())
            if value not in allowed:
                self.fault(f"{key} is {value}, allowed: {sorted(allowed)}")
        for key, value in self.acknowledged.items():
            if key not in actual:
                self.fault(f"{key} = {value} was acknowledged and is missing")
        for group in self.groups:
            there = [actual.get(key, MISSING) == text for key, text in group]
            if any(there) and not all(there):
                self.fault(f"half of an observation was stored: "
                           f"{[(key, actual.get(key, MISSING), text) for key, text in group]}")


def check_state(oracle, actual, states, hot, last_days):
    """Compares current state with the history read in the same snapshot: the latest value per hot
    attribute. `states` maps (tenant, entity) to hot_attrs, `hot` is the set of (tenant, attribute)
    that are hot, `last_days` maps (tenant, entity) to Unix days."""
    latest = {}
    for (tenant, entity, at, attribute), value in actual.items():
        known = latest.setdefault((tenant, entity), {}).get(attribute)
        if known is None or at > known[0]:
            latest[(tenant, entity)][attribute] = (at, value)
    for who, attrs in states.items():
        expected = {name: value for name, (_, value) in latest.get(who, {}).items()
                    if (who[0], name) in hot and value != NULL}
        found = {name: shown(value) for name, value in json.loads(attrs).items()}
        if found != expected:
            differing = {name: (found.get(name, MISSING), expected.get(name, MISSING))
                         for name in found.keys() | expected.keys()
                         if found.get(name) != expected.get(name)}
            oracle.fault(f"state of {who}: (found, expected) {differing}")
        instants = [at for at, _ in latest.get(who, {}).values()]
        day = max(instants) // 86_400_000 if instants else None
        if last_days[who] != day:
            oracle.fault(f"last day of {who} is {last_days[who]}, not {day}")
