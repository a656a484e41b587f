# SPDX-License-Identifier: Apache-2.0
"""The processes under test: a private PostgreSQL and gateways, to be killed at will."""
import ctypes
import glob
import os
import pwd
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import time

SETTINGS = """
listen_addresses = ''
fsync = off
full_page_writes = off
wal_level = logical
shared_buffers = 64MB
max_connections = 100
jit = off
dynamic_shared_memory_type = mmap
log_min_messages = warning
log_min_error_statement = panic
"""


LIBC = ctypes.CDLL(None)


def die_with_parent():
    LIBC.prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


class Postgres:
    """Runs in a temporary folder, on a socket only; under root as an unprivileged user."""

    def __init__(self):
        self.bin = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.dir = tempfile.mkdtemp(prefix="atlas-chaos-")
        self.user = {}
        if os.geteuid() == 0:
            account = pwd.getpwnam("postgres")
            os.chown(self.dir, account.pw_uid, account.pw_gid)
            self.user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        subprocess.run([f"{self.bin}/initdb", "-D", f"{self.dir}/data", "-U", "root", "-A", "trust",
                        "-E", "UTF8", "--no-locale", "--no-sync"], check=True, cwd=self.dir,
                       stdout=subprocess.DEVNULL, **self.user)
        with open(f"{self.dir}/data/postgresql.auto.conf", "a") as conf:
            conf.write(SETTINGS + f"unix_socket_directories = '{self.dir}'\n")
        self.lock = threading.Lock()
        self.process = None
        self.start()
        self.sql("CREATE ROLE atlas LOGIN CREATEROLE", database="postgres")
        self.sql("CREATE DATABASE atlas OWNER atlas", database="postgres")

    def conninfo(self, database="atlas", role="atlas"):
        return f"host={self.dir} dbname={database} user={role}"

    def start(self):
        with open(f"{self.dir}/log", "a") as log:
            self.process = subprocess.Popen(
                [f"{self.bin}/postgres", "-D", f"{self.dir}/data"], stdout=log, stderr=log,
                cwd=self.dir, preexec_fn=die_with_parent, start_new_session=True, **self.user)
        self.wait_until_up()

    def wait_until_up(self, seconds=60):
        until = time.monotonic() + seconds
        while self.try_sql("SELECT 1", database="postgres", role="root").returncode != 0:
            if time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL does not start, see {self.dir}/log")

    def children(self):
        try:
            with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children") as list_:
                return [int(pid) for pid in list_.read().split()]
        except FileNotFoundError:
            return []

    def kill(self):
        """kill -9 of all processes, the postmaster first, which would start recovery otherwise."""
        self.process.send_signal(signal.SIGSTOP)
        children = self.children()
        self.process.kill()
        self.process.wait()
        for pid in children:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        while any(os.path.exists(f"/proc/{pid}") for pid in children):
            time.sleep(0.01)

    def try_sql(self, sql, database="atlas", role="atlas", timeout=60):
        return subprocess.run(
            [f"{self.bin}/psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d",
             self.conninfo(database, role)], input=sql, capture_output=True, text=True,
            timeout=timeout, env={**os.environ, "PGCONNECT_TIMEOUT": "10", "PGTZ": "UTC"})

    def sql(self, sql, database="atlas", role="root"):
        done = self.try_sql(sql, database, role)
        if done.returncode != 0:
            raise RuntimeError(f"{done.stderr.strip()}: {sql[:200]}")
        return done.stdout

    def stop(self, keep):
        self.kill()
        if keep:
            print(f"PostgreSQL's files are kept in {self.dir}")
        else:
            shutil.rmtree(self.dir, ignore_errors=True)


class Gateway:
    """`atlas serve` on a free port; its log goes to a file."""

    def __init__(self, program, database, log):
        self.program, self.database, self.log = program, database, log
        self.process = None
        self.url = None
        self.peak_kb = 0
        self.start()

    def start(self):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                [self.program, "serve", "--database", self.database, "--listen", "127.0.0.1:0",
                 "--auth", "off"],
                stdout=subprocess.PIPE, stderr=log, text=True, preexec_fn=die_with_parent,
                env={**os.environ, "ATLAS_DRAIN_DELAY": "0s"})
        lines = queue.Queue()
        threading.Thread(target=self._read, args=(self.process.stdout, lines), daemon=True).start()
        line = lines.get(timeout=60)
        if "ready at http://" not in line:
            raise RuntimeError(f"the gateway does not start, see {self.log}: {line!r}")
        self.url = line.split("http://")[1].strip().rstrip("/")

    @staticmethod
    def _read(pipe, lines):
        for line in pipe:
            lines.put(line)
        lines.put("it exited")

    def signal(self, number):
        self.process.send_signal(number)

    def kill(self):
        self.note_memory()
        self.process.kill()
        self.process.wait()

    def stop(self, seconds=20):
        """SIGTERM; returns the exit status."""
        self.note_memory()
        self.process.terminate()
        return self.process.wait(timeout=seconds)

    def note_memory(self):
        try:
            with open(f"/proc/{self.process.pid}/status") as status:
                for line in status:
                    if line.startswith("VmHWM:"):
                        self.peak_kb = max(self.peak_kb, int(line.split()[1]))
        except (FileNotFoundError, ProcessLookupError):
            pass

    def running(self):
        return self.process.poll() is None
