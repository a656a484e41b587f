# SPDX-License-Identifier: Apache-2.0
"""The faults of a round and their times, decided by the round's seed before it begins."""
import json
import os
import random
import signal
import time

from writers import Client


class Monkey:
    """Runs in the main thread, because a process it starts ends with the thread that started it."""

    def __init__(self, shared, seconds):
        self.shared, self.seconds = shared, seconds
        self.random = random.Random(f"{shared.seed}:monkey")
        self.client = Client(shared.gateways)
        self.plan = sorted(self.decide(), key=lambda event: event[0])

    def decide(self):
        for number in range(2):  # while the first values arrive
            yield self.random.random() * 0.1, "promote", number
        for _ in range(self.random.choice([1, 1, 2, 2, 3])):
            what = self.random.choice(["kill gateway", "kill gateway", "kill backend",
                                       "kill PostgreSQL", "stop gateway", "stop gateway",
                                       "cut sessions", "end gateway", "drop caches", "repair",
                                       "freeze PostgreSQL"])
            yield self.random.uniform(0.2, self.seconds), what, self.random.randrange(1000)
        if self.random.random() < 0.5:
            yield self.random.uniform(0.1, self.seconds), "flip", self.random.randrange(2)

    def stops_gateways(self):
        return any(what == "stop gateway" for _, what, _ in self.plan)

    def describe(self):
        return ", ".join(f"{at:.1f}s {what} {detail}" for at, what, detail in self.plan)

    def run(self):
        begin = time.monotonic()
        for at, what, detail in self.plan:
            self.shared.over.wait(max(0, begin + at - time.monotonic()))
            getattr(self, what.replace(" ", "_"))(detail)
        self.shared.over.wait(max(0, begin + self.seconds - time.monotonic()))

    def gateway(self, detail):
        return self.shared.gateways[detail % len(self.shared.gateways)]

    def kill_gateway(self, detail):
        gateway = self.gateway(detail)
        gateway.kill()
        self.shared.over.wait(detail % 3 * 0.1)
        gateway.start()

    def end_gateway(self, detail):
        """On SIGTERM a gateway commits what is queued and sends the responses."""
        gateway = self.gateway(detail)
        status = gateway.stop()
        if status != 0:
            self.shared.oracle.fault(f"a gateway exited with {status} after SIGTERM")
        gateway.start()

    def stop_gateway(self, detail):
        gateway = self.gateway(detail)
        gateway.signal(signal.SIGSTOP)
        self.shared.over.wait([0.05, 0.5, 2.0, 5.0][detail // 2 % 4])
        gateway.signal(signal.SIGCONT)

    def kill_backend(self, detail):
        """The postmaster then terminates all other backends and recovers."""
        pids = self.shared.postgres.backends("atlas writer")
        if pids:
            try:
                os.kill(pids[detail % len(pids)], signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.shared.postgres.wait_until_up()

    def kill_PostgreSQL(self, detail):
        self.shared.postgres.kill()
        self.shared.over.wait(detail % 4 * 0.4)
        self.shared.postgres.start()

    def freeze_PostgreSQL(self, detail):
        """Like a disk that hangs: sessions stay open without a response."""
        self.shared.postgres.freeze()
        self.shared.over.wait([0.3, 1.0, 3.0, 6.0][detail % 4])
        self.shared.postgres.thaw()

    def cut_sessions(self, detail):
        self.shared.postgres.try_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE application_name LIKE 'atlas %' AND pid % 2 = {detail % 2}", role="root")

    def drop_caches(self, detail):
        """Makes gateways drop their caches, as any SQL writer does."""
        self.shared.postgres.try_sql("SELECT atlas_lock_all_shards()", role="root")

    def repair(self, detail):
        """Reconciles everything, needed or not, during the writes."""
        self.shared.postgres.try_sql(
            "SELECT atlas_mend_hot_state(array_agg(tenant_id), array_agg(entity_id)) FROM entities",
            role="root")

    def promote(self, number):
        self.patch(f"n{number}", True, number, (200, 409, 503))

    def flip(self, number):
        """Demotes an attribute while both gateways write it."""
        self.patch(f"f{number}", False, number, (200, 503))

    def patch(self, name, hot, which, allowed):
        for tenant in self.shared.tenants:
            answer = self.client.send(which, "PATCH", f"/v1/attributes/{name}", tenant,
                                      json.dumps({"hot": hot}), "application/merge-patch+json")
            if answer and answer != "unsent" and answer[0] not in allowed:
                self.shared.oracle.fault(f"hot={hot} of {name}: {answer}")
