# SPDX-License-Identifier: Apache-2.0
"""The processes under test, to be killed at will: `atlas up` with its private PostgreSQL, and a
second gateway on the same database."""
import contextlib
import ctypes
import glob
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
MOST_EXITS = 3  # after which the test ends
LIBC = ctypes.CDLL(None)

# Ends PostgreSQL, which outlives whatever started it, when the test ends, however it ends: every
# process that works in the folder of the data. Then removes that, unless it reads "keep".
GUARD = """
import os, pathlib, shutil, signal, sys
said, folder = sys.stdin.read(), sys.argv[1]
for process in pathlib.Path("/proc").glob("[0-9]*"):
    try:
        if os.readlink(process / "cwd") == folder + "/data/postgres":
            os.kill(int(process.name), signal.SIGKILL)
    except OSError:
        pass
if said != "keep":
    shutil.rmtree(folder, ignore_errors=True)
"""


def die_with_parent():
    LIBC.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def environment():
    """Keeps the configuration of the machine away from the test."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ATLAS_", "PG", "XDG_"))}
    return kept | {"ATLAS_CONFIG": str(ROOT / "tests/app/empty.toml"), "ATLAS_DRAIN_DELAY": "0s"}


def wait_until(condition, what, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            raise RuntimeError(f"timed out waiting for {what}")
        time.sleep(0.01)


class Atlas:
    """One atlas. The first start takes a port from the system, later ones the same port."""

    def __init__(self, name, command, log, oracle_of):
        self.name, self.command, self.log = name, command, log
        self.oracle_of = oracle_of  # () -> what to report an exit to that was not asked for
        self.process = None
        self.told = False           # to end
        self.url = None
        self.ready = None
        self.killed = []            # not yet reaped
        self.exits = 0              # that were not asked for
        self.peak_kb = 0

    def spawn(self):
        """Starts it, and does not wait, not even for the end of the one before."""
        listen = self.url or "127.0.0.1:0"
        with open(self.log, "a") as log:
            self.process = subprocess.Popen([*self.command, "--listen", listen],
                                            stdout=subprocess.PIPE, stderr=log, text=True,
                                            preexec_fn=die_with_parent, env=environment())
        self.told = False
        self.ready = threading.Event()
        threading.Thread(target=self._read, args=(self.process.stdout, self.ready),
                         daemon=True).start()

    def _read(self, pipe, ready):
        for line in pipe:
            if "ready at http://" in line:
                self.url = line.split("http://")[1].strip().rstrip("/")
                ready.set()

    def wait_ready(self):
        wait_until(lambda: self.ready.is_set() or not self.running(), f"{self.name} to serve", 120)
        self.note_exit()

    def start(self):
        self.spawn()
        self.wait_ready()

    def running(self):
        return self.process.poll() is None

    def note_exit(self):
        """Reports an exit that was not asked for, and starts it again to go on."""
        if self.told or self.running():
            return
        self.exits += 1
        said = f"{self.name} exited on its own with {self.process.returncode}"
        if self.exits > MOST_EXITS:
            raise RuntimeError(said)
        self.oracle_of().fault(said)
        self.start()

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        """kill -9, without waiting for its end."""
        self.note_memory()
        self.note_exit()
        self.told = True
        self.process.kill()
        self.killed = [process for process in self.killed if process.poll() is None]
        self.killed.append(self.process)

    def stop(self, seconds=60):
        """SIGTERM; returns the exit status."""
        self.note_memory()
        self.note_exit()
        self.told = True
        self.process.terminate()
        return self.process.wait(timeout=seconds)

    def note_memory(self):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
                if line.startswith("VmHWM:"):
                    self.peak_kb = max(self.peak_kb, int(line.split()[1]))


class World:
    """`atlas up` on a temporary folder, and `atlas serve` as the owner of its database. With
    `apart` the analytics store is in a third process."""

    def __init__(self, program, apart=False):
        self.program = program
        self.bin = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="atlas-chaos-"))
        self.dir.chmod(0o755)  # under root, PostgreSQL's user passes through
        self.oracle = None  # of the round
        self.busy = []
        self.guard = subprocess.Popen([sys.executable, "-c", GUARD, str(self.dir)],
                                      stdin=subprocess.PIPE, start_new_session=True)
        up = Atlas("atlas up", [program, "up", "--data", f"{self.dir}/data", "--no-collect"] +
                   (["--set", "analytics.enabled=false"] if apart else []),
                   f"{self.dir}/up.log", lambda: self.oracle)
        up.start()
        self.dsn = subprocess.run([program, "dsn", "--data", f"{self.dir}/data"], check=True,
                                  capture_output=True, text=True, env=environment()).stdout.strip()
        serve = Atlas("atlas serve",
                      [program, "serve", "--database", self.dsn, "--auth", "off"],
                      f"{self.dir}/serve.log", lambda: self.oracle)
        serve.start()
        self.gateways = [up, serve]
        self.store = self.dir / "analytics"
        self.loader = None
        if apart:
            self.loader = Atlas("atlas serve --roles stream,analytics",
                                [program, "serve", "--database", self.dsn, "--auth", "off",
                                 "--roles", "stream,analytics",
                                 "--set", f"analytics.folder={self.store}"],
                                f"{self.dir}/loader.log", lambda: self.oracle)
            self.loader.start()

    def processes(self):
        return self.gateways + ([self.loader] if self.loader else [])

    def postmaster(self):
        """Its pid, or None when no server runs."""
        try:
            pid = int((self.dir / "data/postgres/postmaster.pid").read_text().split()[0])
            return pid if os.readlink(f"/proc/{pid}/cwd") == f"{self.dir}/data/postgres" else None
        except (OSError, ValueError, IndexError):
            return None

    @staticmethod
    def children(pid):
        try:
            listed = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text()
            return [int(child) for child in listed.split()]
        except OSError:
            return []

    @staticmethod
    def send(pids, number):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def kill_postmaster(self):
        """kill -9 of it alone: busy backends outlive it."""
        pid = self.postmaster()
        self.send([pid] if pid else [], signal.SIGKILL)

    def kill_all(self):
        """kill -9 of all its processes, it first, because it would start recovery otherwise."""
        pid = self.postmaster()
        if pid is None:
            return
        self.send([pid], signal.SIGSTOP)
        children = self.children(pid)
        self.send([pid, *children], signal.SIGKILL)

    def freeze(self):
        """Returns what thaw() continues."""
        pid = self.postmaster()
        frozen = [pid, *self.children(pid)] if pid else []
        self.send(frozen, signal.SIGSTOP)
        return frozen

    def thaw(self, frozen):
        self.send(reversed(frozen), signal.SIGCONT)

    def keep_busy(self):
        """A backend that computes for hours, so that it outlives its postmaster."""
        query = "SELECT count(*) FROM " + ", ".join(
            f"generate_series(1, 10000) g{n}" for n in range(3))
        self.busy.append(subprocess.Popen(
            [f"{self.bin}/psql", "-XAtqd", f"{self.conninfo()} application_name=busy", "-c", query],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=die_with_parent))
        wait_until(lambda: self.backends("busy") or self.busy[-1].poll() is not None,
                   "a busy backend")

    def end_busy(self):
        for client in self.busy:
            client.kill()
            client.wait()
        self.busy = []

    def wait_until_up(self):
        wait_until(lambda: self.try_sql("SELECT 1", role="postgres").returncode == 0,
                   "PostgreSQL to serve", 120)

    def backends(self, application):
        found = self.try_sql("SELECT pid FROM pg_stat_activity WHERE application_name = "
                             f"'{application}' AND state = 'active' AND datname = 'atlas'",
                             role="postgres")
        return [int(pid) for pid in found.stdout.split()]

    def conninfo(self, role="atlas"):
        return f"{self.dsn} user={role}"

    def try_sql(self, sql, role="atlas", timeout=60):
        return subprocess.run(
            [f"{self.bin}/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", self.conninfo(role)],
            input=sql, capture_output=True, text=True, timeout=timeout,
            env={**os.environ, "PGCONNECT_TIMEOUT": "10", "PGTZ": "UTC"})

    def sql(self, sql, role="postgres"):
        done = self.try_sql(sql, role)
        if done.returncode != 0:
            raise RuntimeError(f"{done.stderr.strip()}: {sql[:200]}")
        return done.stdout

    def close(self, keep):
        self.end_busy()
        for gateway in self.processes():
            if gateway.running():
                gateway.kill()
            gateway.process.wait()
        if keep:
            print(f"the files are kept in {self.dir}")
        self.guard.communicate(b"keep" if keep else b"")
