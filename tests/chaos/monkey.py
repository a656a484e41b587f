# SPDX-License-Identifier: Apache-2.0
"""The faults of a round and their times, decided by the round's seed before it begins."""
import json
import random
import shutil
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
                                       "kill PostgreSQL", "kill postmaster", "kill both",
                                       "kill both", "kill both", "stop gateway", "stop gateway",
                                       "cut sessions", "end gateway", "drop caches", "repair",
                                       "freeze PostgreSQL"])
            yield self.random.uniform(0.2, self.seconds), what, self.random.randrange(1000)
        for _ in range(self.random.choice([1, 2, 3]) if self.shared.postgres.loader else 0):
            what = self.random.choice(["kill loader", "kill loader", "stop loader", "end loader",
                                       "renew store"])
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
            getattr(self, what.replace(" ", "_").lower())(detail)
        self.shared.over.wait(max(0, begin + self.seconds - time.monotonic()))

    def gateway(self, detail):
        return self.shared.gateways[detail % len(self.shared.gateways)]

    def kill_gateway(self, detail):
        gateway = self.gateway(detail)
        gateway.kill()
        self.shared.over.wait(detail % 3 * 0.1)
        gateway.start()

    def kill_loader(self, detail):
        """Often a second time, while it reads the log from where it was."""
        loader = self.shared.postgres.loader
        for pause in [0.0, 0.05, 0.3, 0.8][:detail % 4 + 1]:
            loader.kill()
            self.shared.over.wait(pause)
            loader.start()
            self.shared.over.wait([0.0, 0.1, 0.4][detail // 4 % 3])

    def stop_loader(self, detail):
        loader = self.shared.postgres.loader
        loader.signal(signal.SIGSTOP)
        self.shared.over.wait([0.05, 0.5, 2.0, 5.0][detail % 4])
        loader.signal(signal.SIGCONT)

    def end_loader(self, detail):
        loader = self.shared.postgres.loader
        status = loader.stop()
        if status != 0:
            self.shared.oracle.fault(f"the loader exited with {status} after SIGTERM")
        self.shared.over.wait(detail % 3 * 0.2)
        loader.start()

    def renew_store(self, detail):
        """Deletes the store, so that it is copied again, and kills the copy."""
        world = self.shared.postgres
        world.loader.kill()
        world.loader.process.wait()
        shutil.rmtree(world.store, ignore_errors=True)
        world.loader.start()
        for pause in [0.0, 0.02, 0.1, 0.3][:detail % 4]:
            self.shared.over.wait(pause)
            world.loader.kill()
            world.loader.start()

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
        world = self.shared.postgres
        pids = world.backends("atlas writer") or world.children(world.postmaster())
        world.send([pids[detail % len(pids)]] if pids else [], signal.SIGKILL)

    def kill_postgresql(self, detail):
        """Every process of it; atlas starts it again. A second time, while it starts."""
        self.shared.postgres.kill_all()
        if detail % 3 == 0:
            self.shared.over.wait(detail % 4 * 0.2)
            self.shared.postgres.kill_all()

    def kill_postmaster(self, detail):
        if detail % 2:
            self.shared.postgres.keep_busy()
        self.shared.postgres.kill_postmaster()

    def kill_both(self, detail):
        """The postmaster and the atlas that supervises it, in either order and at any distance;
        atlas starts again at once on the same port, and while it starts, one of them dies again."""
        world, up = self.shared.postgres, self.shared.gateways[0]
        kills = [world.kill_postmaster, up.kill]
        if detail % 2:
            kills.reverse()
        gap = [0, 0.002, 0.05, 0.5][detail // 2 % 4]
        again = [None, world.kill_postmaster, up.kill][detail // 8 % 3]
        if detail // 24 % 2:
            world.keep_busy()
        kills[0]()
        self.shared.over.wait(gap)
        kills[1]()
        up.spawn()
        if again:
            self.shared.over.wait([0.02, 0.1, 0.3, 0.8][detail // 48 % 4])
            again()
            if up.told:
                up.spawn()
        up.wait_ready()

    def freeze_postgresql(self, detail):
        """Like a disk that hangs: sessions stay open without a response."""
        frozen = self.shared.postgres.freeze()
        self.shared.over.wait([0.3, 1.0, 3.0, 6.0][detail % 4])
        self.shared.postgres.thaw(frozen)

    def cut_sessions(self, detail):
        self.shared.postgres.try_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            f"WHERE application_name LIKE 'atlas %' AND pid % 2 = {detail % 2}", role="postgres")

    def drop_caches(self, detail):
        """Makes gateways drop their caches, as any SQL writer does."""
        self.shared.postgres.try_sql("SELECT atlas_lock_all_shards()", role="postgres")

    def repair(self, detail):
        """Reconciles everything, needed or not, during the writes."""
        self.shared.postgres.try_sql(
            "SELECT atlas_mend_hot_state(array_agg(tenant_id), array_agg(entity_id)) FROM entities",
            role="postgres")

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
