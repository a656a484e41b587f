# SPDX-License-Identifier: Apache-2.0
"""A fresh Debian 12 in a folder, made once and kept, and a machine that boots a copy of it."""
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

SUITE = "bookworm"
PATIENCE = 120  # seconds; the machine may be busy with other tests
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")


def run(*command, **options):
    """What a command prints; it has to succeed."""
    command = [str(part) for part in command]
    done = subprocess.run(command, capture_output=True, text=True, check=False, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command}: {done.stdout}{done.stderr}")
    return done.stdout


def wait_for(condition, what):
    """Polls until the condition gives something true, and returns it."""
    until = time.monotonic() + PATIENCE
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > until:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(0.1)


def base(packages):
    """A minimal Debian 12 with systemd, and those packages downloaded, not installed."""
    key = hashlib.sha256(" ".join([SUITE, "1", *packages]).encode()).hexdigest()[:12]
    folder = CACHE / "atlas-dev" / f"debian-{SUITE}-{key}"
    if folder.exists():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = pathlib.Path(tempfile.mkdtemp(prefix="debian.", dir=folder.parent))
    try:
        fresh.chmod(0o755)
        run("debootstrap", "--variant=minbase", SUITE, fresh)
        apt = ("chroot", fresh, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y",
               "--no-install-recommends")
        run(*apt, "update")
        run(*apt, "install", "systemd")
        run(*apt, "--download-only", "install", *packages)
        fresh.rename(folder)
    except OSError:
        if not folder.exists():  # another run may have been first
            raise
    finally:
        if fresh.exists():
            shutil.rmtree(fresh)
    return folder


def children(pid):
    return pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


class Machine:
    """A copy of a folder, booted with systemd, without network; gone after close()."""

    def __init__(self, folder):
        # One at a time: the control groups of two would be the same.
        self.lock = open(CACHE / "atlas-dev/debian.lock", "w", encoding="ascii")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="atlas-package-"))
        run("cp", "-a", f"{folder}/.", self.root)
        # Should this process be killed, then so is the first process of a process namespace, and
        # all others in it.
        self.process = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "unshare", "--pid", "--fork", "--kill-child",
             "--mount-proc", "systemd-nspawn", "--quiet", "--register=no", "--keep-unit",
             "--private-network", "--console=pipe", "--boot", f"--directory={self.root}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.leader = None

    def booted(self):
        """Whether it comes up, waited for; not every machine can have another one inside."""
        def state():
            if self.process.poll() is not None:
                return "ended"
            leaders = [leader for nspawn in children(self.process.pid)
                       for leader in children(nspawn)]
            if not leaders:
                return None
            self.leader = leaders[0]
            said = self.ask("systemctl", "is-system-running").stdout.strip()
            return said if said in ("running", "degraded") else None
        return wait_for(state, "the boot") != "ended"

    def ask(self, *command, **options):
        """Runs a command in it."""
        options = {"capture_output": True, "text": True, "check": False,
                   "env": {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8",
                           "DEBIAN_FRONTEND": "noninteractive"}} | options
        return subprocess.run(["nsenter", "--target", self.leader, "--all", "--root", "--wd",
                               *command], **options)

    def run(self, *command, **options):
        """What a command in it prints; it has to succeed."""
        done = self.ask(*command, **options)
        if done.returncode != 0:
            raise AssertionError(f"{command}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def close(self):
        """Ends it as a power failure would."""
        self.process.kill()
        self.process.communicate()
        if self.leader:
            wait_for(lambda: not pathlib.Path(f"/proc/{self.leader}").exists(), "its end")
        run("rm", "-rf", self.root)
        self.lock.close()
