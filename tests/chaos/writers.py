# SPDX-License-Identifier: Apache-2.0
"""The writers: telemetry over HTTP through both gateways, as JSON and as line protocol; SQL into
the view and into staging; one that retires and revives an entity.
Every decision comes from the writer's own random numbers; only timing is not reproduced."""
import datetime
import http.client
import json
import random
import threading
import time

PATIENCE = 15  # seconds until a client stops waiting for a response
POISON = "poison"  # a string that the database rejects and the gateway does not


def instant_of(millis):
    return datetime.datetime.fromtimestamp(millis / 1000, datetime.timezone.utc).isoformat()


class Client:
    """One connection to one gateway at a time. send() returns (status, body), None if there was no
    response, and "unsent" if the request was never sent."""

    def __init__(self, gateways):
        self.gateways = gateways
        self.connections = {}

    def send(self, which, method, path, tenant, body=None, kind="application/json"):
        gateway = self.gateways[which]
        url, connection = self.connections.get(which, (None, None))
        if url != gateway.url:
            url = gateway.url
            host, port = url.split(":")
            connection = http.client.HTTPConnection(host, int(port), timeout=PATIENCE)
            self.connections[which] = (url, connection)
        try:
            connection.connect() if connection.sock is None else None
        except OSError:
            return "unsent"
        try:
            connection.request(method, path, body,
                               {"X-Atlas-Tenant": tenant, "Content-Type": kind})
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text else {}
        except (OSError, http.client.HTTPException, ValueError):
            connection.close()
            return None


class Round:
    """What the writers of one round share."""

    def __init__(self, seed, gateways, postgres, oracle, tenants, base):
        self.seed, self.gateways, self.postgres, self.oracle = seed, gateways, postgres, oracle
        self.tenants = tenants            # names; the middle one sends poison
        self.tenant_ids = {}
        self.base = base                  # milliseconds: the instants are around it
        self.entities = [f"e{n}" for n in range(5)]
        self.over = threading.Event()

    def palette(self):
        """Instants that all writers use repeatedly: of today and of yesterday."""
        return ([self.base + 1000 * n for n in range(8)] +
                [self.base - 86_400_000 + 1000 * n for n in range(3)])


class Writer(threading.Thread):
    """Owns its attributes in all entities of a tenant."""

    def __init__(self, shared, tenant, number):
        super().__init__(daemon=True)
        self.shared, self.tenant, self.number = shared, tenant, number
        self.random = random.Random(f"{shared.seed}:writer:{tenant}:{number}")
        self.client = Client(shared.gateways)
        self.fresh = 0
        self.widens = False
        self.error = None
        self.slowest = 0.0  # seconds until a response

    def names(self):
        return [f"{kind}{self.number}" for kind in "isbdfhwn"]

    def declare_attribute(self, name, type_, hot):
        answer = self.client.send(0, "PUT", f"/v1/attributes/{name}", self.tenant,
                                  json.dumps({"type": type_, "hot": hot}))
        assert answer and answer[0] in (200, 201), answer

    def declare(self):
        """Before the round: a hot int, a string that is not yet hot, and one point of every other
        attribute."""
        self.declare_attribute(f"h{self.number}", "int", True)
        self.declare_attribute(f"n{self.number}", "string", False)
        values = dict(zip(self.names(), [1, "first", True, 0.5, "flips", 1, 1]))
        answer = self.client.send(1, "POST", "/v1/telemetry", self.tenant, json.dumps(
            [{"entity": entity, "at": self.shared.base, "attributes": values}
             for entity in self.shared.entities]))
        assert answer and answer[0] == 200 and answer[1]["rejected"] == 0, answer
        self.shared.oracle.acknowledge([(self.key(entity, self.shared.base, name), value)
                                        for entity in self.shared.entities
                                        for name, value in values.items()])

    def key(self, entity, at, name):
        return (self.tenant, entity, at, name)

    def run(self):
        try:
            while not self.shared.over.is_set():
                self.write_once()
        except Exception as error:  # noqa: BLE001 - reported by the round
            self.error = error

    def value_of(self, name):
        if self.random.random() < 0.1:
            return None
        kind = name[0]
        if kind == "w":
            self.widens = self.widens or self.random.random() < 0.01
            return self.random.randrange(5) + (0.5 if self.widens and self.random.random() < 0.5
                                               else 0)
        return {"i": lambda: self.random.randrange(-3, 4),
                "h": lambda: self.random.randrange(3),
                "s": lambda: self.random.choice(["on", "off", "idle"]),
                "f": lambda: self.random.choice(["x", "y"]),
                "n": lambda: self.random.choice(["new", "newer"]),
                "b": lambda: self.random.random() < 0.5,
                "d": lambda: self.random.randrange(10) + 0.5}[kind]()

    def instant(self):
        """(milliseconds, whether no writer uses it again)"""
        if self.random.random() < 0.6:
            return self.random.choice(self.shared.palette()), False
        self.fresh += 1
        return self.shared.base + 10_000 + self.fresh * 64 + self.number, True

    def items(self):
        out = []
        for _ in range(self.random.choice([1, 1, 2, 5, 20])):
            at, fresh = self.instant()
            names = self.random.sample(self.names(), self.random.randrange(1, 5))
            attributes = {name: self.value_of(name) for name in names}
            bad = self.random.random()
            poisons = bad > 0.94 and self.tenant == self.shared.tenants[1]
            if bad < 0.04 and f"i{self.number}" in attributes:
                attributes[f"i{self.number}"] = "no number"
            elif poisons and fresh:  # at another instant a later item could replace it first
                attributes[f"s{self.number}"] = POISON
            out.append((self.random.choice(self.shared.entities), at, fresh, attributes))
        return out

    @staticmethod
    def refused_by_us(name, value):
        return name[0] == "i" and isinstance(value, str)

    def points_of(self, item):
        entity, at, _, attributes = item
        if POISON in attributes.values():
            return []
        return [(self.key(entity, at, name), value) for name, value in attributes.items()
                if not self.refused_by_us(name, value)]

    def write_once(self):
        items = self.items()
        atomic = self.random.random() < 0.1
        ndjson = self.random.random() < 0.5
        which = self.random.randrange(len(self.shared.gateways))
        lines = [json.dumps({"entity": entity, "at": at, "attributes": attributes})
                 for entity, at, _, attributes in items]
        body = "\n".join(lines) if ndjson else "[" + ",".join(lines) + "]"
        # A client without a response retries, or sometimes writes something else.
        for _ in range(4):
            begin = time.monotonic()
            answer = self.client.send(which, "POST",
                                      "/v1/telemetry" + ("?atomic=true" if atomic else ""),
                                      self.tenant, body,
                                      "application/x-ndjson" if ndjson else "application/json")
            if answer and answer != "unsent":
                self.slowest = max(self.slowest, time.monotonic() - begin)
            if self.judge(answer, items, atomic) or self.random.random() < 0.3:
                return
            if self.shared.over.is_set():
                return
            which = self.random.randrange(len(self.shared.gateways))

    def judge(self, answer, items, atomic):
        """True if there is nothing to retry."""
        oracle = self.shared.oracle
        if answer == "unsent" or (answer and answer[0] == 429):
            time.sleep(0.02)  # until there is a gateway again
            return False
        wanted = [point for item in items for point in self.points_of(item)]
        if answer is None or answer[0] == 503:
            if atomic and any(len(self.points_of(i)) < len(i[3]) for i in items):
                return False  # would be rejected as a whole
            fresh = [self.points_of(i) for i in items if i[2]]
            oracle.doubt(wanted, [sum(fresh, [])] if atomic else fresh)
            oracle.counts["requests in doubt"] += 1
            return False
        status, outcome = answer
        clean = len(wanted) == sum(len(item[3]) for item in items)
        if atomic and not clean:
            if status != 422:
                oracle.fault(f"an atomic request with invalid items got {answer}")
            return True
        if not wanted:
            if status != 422:
                oracle.fault(f"a request with only invalid items got {answer}")
            return True
        if status != 200:
            oracle.fault(f"a valid request got {answer}")
            return True
        if outcome["accepted"] != len(wanted):
            oracle.fault(f"{len(wanted)} of {json.dumps(items)} should be stored: {outcome}")
        oracle.acknowledge(wanted)
        return True


class LineWriter(Writer):
    """Writes line protocol, one line per point: the measurement names the attribute."""

    def names(self):
        return [f"{kind}{self.number}" for kind in "isbdw"]

    def declare(self):
        """All attributes are new in the round, except the one that gets invalid values."""
        self.declare_attribute(f"i{self.number}", "int", False)

    def value_of(self, name):
        value = super().value_of(name)
        return self.value_of(name) if value is None else value  # it has no nulls

    @staticmethod
    def field(value):
        if isinstance(value, bool):
            return "true" if value else "false"
        return {int: f"{value}i", float: f"{value}", str: f'"{value}"'}[type(value)]

    def write_once(self):
        items = self.items()
        lines = [(self.key(entity, at, name), value)
                 for entity, at, _, attributes in items for name, value in attributes.items()]
        body = "".join(f"{key[3]},entity={key[1]} value={self.field(value)} {key[2] * 1_000_000}\n"
                       for key, value in lines)
        for _ in range(4):
            path = self.random.choice(["/write?precision=ns", "/api/v2/write?bucket=any"])
            begin = time.monotonic()
            answer = self.client.send(self.random.randrange(len(self.shared.gateways)), "POST",
                                      path, self.tenant, body, "text/plain; charset=utf-8")
            if answer and answer != "unsent":
                self.slowest = max(self.slowest, time.monotonic() - begin)
            if self.judge(answer, items, False) or self.random.random() < 0.3:
                return
            if self.shared.over.is_set():
                return

    def judge(self, answer, items, atomic):
        if answer in (None, "unsent") or answer[0] in (429, 503):
            return super().judge(answer, items, atomic)
        wanted = [point for item in items for point in self.points_of(item)]
        dropped = sum(len(item[3]) for item in items) - len(wanted)
        status, outcome = answer
        counted = outcome.get("message", "").endswith(f" dropped={dropped}")
        if (status, counted) != ((400, True) if dropped else (204, False)):
            self.shared.oracle.fault(f"{dropped} lines of {items} are invalid, but got {answer}")
            return True
        self.shared.oracle.acknowledge(wanted)
        self.shared.oracle.counts["points in lines"] += len(wanted)
        return True


class SqlWriter(Writer):
    """Writes its attributes by INSERT into the view."""

    def names(self):
        return [f"s{self.number}", f"h{self.number}"]

    def declare(self):
        self.declare_attribute(f"h{self.number}", "int", True)
        self.declare_attribute(f"s{self.number}", "string", True)

    def write_once(self):
        points = {}
        for _ in range(self.random.choice([1, 3, 10])):
            name = self.random.choice(self.names())
            key = self.key(self.random.choice(self.shared.entities), self.instant()[0], name)
            points[key] = self.value_of(name)
        rows = ",".join("('{}','{}',{},{})".format(
            key[1], key[3], "NULL" if value is None else f"'{value}'", key[2])
            for key, value in points.items())
        done = self.shared.postgres.try_sql(
            "INSERT INTO entity_values_ts (entity_id, tenant_id, attribute_id, value, ingested_at) "
            "SELECT e.entity_id, e.tenant_id, a.attribute_id, v.value, to_timestamp(v.at / 1000.0) "
            f"FROM (VALUES {rows}) v (entity, name, value, at) JOIN entities e ON "
            f"e.external_id = v.entity AND e.tenant_id = {self.shared.tenant_ids[self.tenant]} "
            "JOIN attributes a ON a.attribute_name = v.name")
        self.settle(done, list(points.items()))

    def settle(self, done, points):
        """Records the outcome of a psql that wrote these points. Whether they are acknowledged."""
        if done.returncode == 0:
            self.shared.oracle.acknowledge(points)
            return True
        if done.stderr.startswith("psql: error: connection to server"):
            time.sleep(0.05)  # not even sent
        else:
            self.shared.oracle.doubt(points)
        return False


class CopyWriter(SqlWriter):
    """Writes its attributes by COPY into staging, and flushes. Staged rows are lost when the server
    crashes; rows are safe after stage_flush() has returned."""

    def names(self):
        return [f"{kind}{self.number}" for kind in "shd"]

    def declare(self):
        super().declare()
        self.declare_attribute(f"d{self.number}", "double", False)
        tenant = self.shared.tenant_ids[self.tenant]
        self.ids = dict(line.split("|") for line in self.shared.postgres.sql(
            f"SELECT external_id, entity_id FROM entities WHERE tenant_id = {tenant} UNION ALL "
            "SELECT attribute_name, attribute_id FROM attributes").splitlines())

    def write_once(self):
        # A key may have several rows: the last one wins.
        points = []
        for _ in range(self.random.choice([1, 5, 40])):
            name = self.random.choice(self.names())
            points.append((self.key(self.random.choice(self.shared.entities), self.instant()[0],
                                    name), self.value_of(name)))
        tenant = self.shared.tenant_ids[self.tenant]
        rows = "".join("\t".join([self.ids[key[1]], tenant, self.ids[key[3]],
                                  "\\N" if value is None else str(value),
                                  instant_of(key[2])]) + "\n" for key, value in points)
        done = self.shared.postgres.try_sql(
            "COPY entity_values_ingest (entity_id, tenant_id, attribute_id, value, ingested_at) "
            f"FROM STDIN;\n{rows}\\.\nSELECT stage_flush();\n")
        if self.settle(done, points):
            self.shared.oracle.counts["points staged"] += len(points)


class Reaper(Writer):
    """Retires and revives an entity of its own, and writes to it in between."""

    def names(self):
        return [f"s{self.number}", f"i{self.number}"]

    entity = "mortal"
    doubtful = False  # a request that retires or revives may still be under way

    def declare(self):
        self.declare_attribute(f"s{self.number}", "string", True)
        self.declare_attribute(f"i{self.number}", "int", False)
        answer = self.client.send(1, "PUT", f"/v1/entities/{self.entity}", self.tenant, "{}")
        assert answer and answer[0] == 201, answer

    def until_answered(self, method, path, body=None):
        while not self.shared.over.is_set():
            answer = self.client.send(self.random.randrange(len(self.shared.gateways)), method,
                                      path, self.tenant, body)
            if answer and answer != "unsent" and answer[0] not in (503, 429):
                return answer
            self.doubtful = self.doubtful or answer != "unsent"
            time.sleep(0.02)
        return None

    def write_once(self):
        retired = self.random.random() < 0.5
        answer = self.until_answered("DELETE" if retired else "PUT", f"/v1/entities/{self.entity}",
                                     None if retired else "{}")
        if answer and answer[0] not in ((204, 404) if retired else (200, 201)):
            self.shared.oracle.fault(f"life of an entity: {retired=} {answer}")
        for _ in range(self.random.randrange(3) if answer else 0):
            at = self.instant()[0]
            points = [(self.key(self.entity, at, name), self.value_of(name))
                      for name in self.names()]
            body = json.dumps({"entity": self.entity, "at": at,
                               "attributes": {key[3]: value for key, value in points}})
            answer = self.client.send(self.random.randrange(2), "POST", "/v1/telemetry",
                                      self.tenant, body)
            if answer == "unsent":
                continue
            if answer is None or answer[0] == 503:
                self.shared.oracle.doubt(points)
                continue
            if answer[0] == 200:
                self.shared.oracle.acknowledge(points)
            elif answer[0] != 422 or answer[1]["errors"][0]["code"] != "entity_deleted":
                self.shared.oracle.fault(f"telemetry of a mortal entity: {answer}")
            if retired == (answer[0] == 200) and not self.doubtful:
                self.shared.oracle.fault(f"the entity is {retired=}, but got {answer}")
