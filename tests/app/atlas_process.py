# SPDX-License-Identifier: Apache-2.0
"""One running atlas for the tests of the whole program."""
import contextlib
import json
import os
import pathlib
import queue
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("ATLAS_BIN", str(ROOT / "build/release/atlas"))
PATIENCE = 120  # seconds; the machine may be busy with other tests


def environment():
    """Keeps the configuration of the machine away from a test."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("ATLAS_", "PG", "XDG_"))}
    return kept | {"ATLAS_CONFIG": str(ROOT / "tests/app/empty.toml")}


def run(*args, timeout=PATIENCE, env=None):
    """Runs a command of atlas until it exits; `env` is added to its environment."""
    return subprocess.run([BINARY, *args], capture_output=True, text=True, timeout=timeout,
                          env=environment() | (env or {}), check=False)


def migrate(postgres):
    """Makes Atlas's schema in a server's database, whose owner may then stream the log."""
    postgres.sql("ALTER ROLE atlas REPLICATION")
    done = run("migrate", "up", "--database", postgres.conninfo())
    assert done.returncode == 0, done.stderr


def wait_for(condition, what):
    """Polls until the condition returns something true, and returns that."""
    until = time.monotonic() + PATIENCE
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > until:
            raise AssertionError(f"timed out waiting for {what}")
        time.sleep(0.02)


def alive(pid):
    """Whether a process runs; a zombie does not."""
    try:
        state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def kill_if_alive(pid):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


class Atlas:
    """`atlas up` or one like it, ready when the constructor returns."""

    def __init__(self, *args, env=None):
        self.stderr_path = tempfile.NamedTemporaryFile(delete=False).name
        with open(self.stderr_path, "wb") as stderr:
            self.process = subprocess.Popen([BINARY, *args], stdout=subprocess.PIPE, stderr=stderr,
                                            env=environment() | (env or {}),
                                            start_new_session=True)
        lines = queue.Queue()

        def read_lines():
            for line in self.process.stdout:
                lines.put(line.decode())
            lines.put("")

        self.reader = threading.Thread(target=read_lines, daemon=True)
        self.reader.start()
        line = lines.get(timeout=PATIENCE)
        if not line.startswith("Atlas is ready"):
            raise AssertionError(f"not ready: {line}{self.log()}")
        # Without the role gateway there is none.
        self.url = line.removeprefix("Atlas is ready").removeprefix(" at ").strip()

    def log(self):
        return pathlib.Path(self.stderr_path).read_text()

    def request(self, method, path, body=None, headers=None):
        """Status and body; (0, "") without a response."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers or {}, method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.loads(answer.read() or "null")
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.read().decode()
        except OSError:
            return 0, ""

    def write(self, entity, **attributes):
        return self.request("POST", "/v1/telemetry", {"entity": entity, "attributes": attributes})

    def attributes(self, entity):
        status, body = self.request("GET", f"/v1/entities/{entity}")
        return body["attributes"] if status == 200 else None

    def stage(self, name):
        """One of the stages of the status."""
        status, body = self.request("GET", "/v1/status")
        assert status == 200, body
        return next(stage for stage in body["stages"] if stage["name"] == name)

    def deep_check(self, timeout=PATIENCE):
        """Fails unless the analytics store was compared with history, and is the same."""
        done = run("check", "--deep", "--json", env={"ATLAS_URL": self.url}, timeout=timeout)
        said = {c["check"]: c["detail"] for c in map(json.loads, done.stdout.splitlines())}
        same = re.compile(r"[1-9]\d* compared, none differs")
        assert done.returncode == 0 and all(
            same.fullmatch(said.get(what, "")) for what in ("analytics points", "analytics rows")
        ), done.stdout + done.stderr

    def stop(self, number=signal.SIGTERM):
        """Sends a signal and returns the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)

    def kill(self):
        self.process.kill()
        self.process.wait(PATIENCE)

    def close(self):
        if self.process.poll() is None:
            self.stop()
        self.reader.join()
        self.process.stdout.close()
        os.unlink(self.stderr_path)


class DataDir:
    """A data folder; close() ends what still runs in it."""

    made = None  # one that was created and stopped, to be copied: initdb takes seconds

    def __init__(self):
        self.parent = pathlib.Path(tempfile.mkdtemp(prefix="atlas-app-"))
        self.parent.chmod(0o755)
        self.path = self.parent / "data"

    def fill(self):
        """Fills the folder as after a first `atlas up` that has stopped."""
        if DataDir.made is None:
            DataDir.made = DataDir()
            DataDir.made.up().close()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-a", str(DataDir.made.path), str(self.path)], check=True)

    def postmaster(self):
        file = self.path / "postgres/postmaster.pid"
        try:
            return int(file.read_text().splitlines()[0])
        except (OSError, IndexError):
            return None

    def signal_postgres(self, number):
        """Signals the server and all its processes."""
        pid = self.postmaster()
        if pid and alive(pid):
            os.kill(pid, number)
            children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            for child in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(child), number)

    def close(self):
        pid = self.postmaster()
        if pid and alive(pid):
            os.kill(pid, signal.SIGINT)
            wait_for(lambda: not alive(pid), "the end of PostgreSQL")
        shutil.rmtree(self.parent, ignore_errors=True)

    def up(self, *args):
        return Atlas("up", "--data", str(self.path), "--listen", "127.0.0.1:0", "--no-collect",
                     *args)

    def psql(self, sql, dsn=None, user="atlas"):
        dsn = dsn or run("dsn", "--data", str(self.path)).stdout.strip()
        done = subprocess.run(["psql", f"{dsn} user={user}", "-XAtqc", sql], capture_output=True,
                              text=True, timeout=PATIENCE, env=environment(), check=False)
        if done.returncode != 0:
            raise AssertionError(done.stderr)
        return done.stdout.strip()
