"""PostgreSQL servers for the benchmark, with the settings that keep every commit."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path

from .processes import TICKS, Failure, Started, clean_environment, cpu_seconds, family

VERSIONS = Path("/usr/lib/postgresql")
USER = "postgres"
# The server as a small production machine has it, but for its memory. Small segments make it quick to create.
SETTINGS = {
    "listen_addresses": "", "max_connections": "200", "shared_buffers": "256MB", "max_wal_size": "4GB",
    "checkpoint_timeout": "15min", "wal_retrieve_retry_interval": "200ms",
}


def programs():
    """The folder of the latest installed server; None if there is none."""
    found = sorted((path for path in VERSIONS.glob("*/bin/initdb")), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    initdb = shutil.which("initdb")
    return Path(initdb).parent if initdb else None


def _as_user():
    """The server refuses to run as root."""
    if os.geteuid() != 0:
        return []
    entry = pwd.getpwnam(USER)
    return ["setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups"]


class Server:
    """One server with a Unix socket in its folder. `fsync` is on."""

    def __init__(self, folder, name):
        self.bin = programs()
        if self.bin is None:
            raise Failure("no PostgreSQL server is installed: apt-get install postgresql")
        # A socket's path must be short, and the server's user must reach it.
        self.folder = Path(f"/tmp/paypage-bench-{os.getpid()}-{name}")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o755)
        if os.geteuid() == 0:
            shutil.chown(self.folder, USER)
        self.log, self.data, self.started = folder / f"{name}.log", self.folder / "data", None

    def create(self):
        self._run("initdb", f"--pgdata={self.data}", "--username=paypage", "--auth=trust", "--encoding=UTF8",
                  "--locale=C", "--no-sync", "--no-instructions", "--data-checksums")
        return self

    def follow(self, primary):
        """Becomes a standby of a server that was created and has not been started."""
        subprocess.run([*_as_user(), "cp", "-a", primary.data, self.data], check=True)
        subprocess.run([*_as_user(), "touch", self.data / "standby.signal"], check=True)
        return self

    def start(self, **settings):
        command = [*_as_user(), self.bin / "postgres", "-D", self.data]
        for name, value in (SETTINGS | {"unix_socket_directories": self.folder} | settings).items():
            command += ["-c", f"{name}={value}"]
        self.started = Started(f"PostgreSQL in {self.folder}", command, self.log, clean_environment(LC_ALL="C"), "/")
        until = time.monotonic() + 60
        while time.monotonic() < until:
            self.started.must_run()
            if subprocess.run([self.bin / "pg_isready", "-q", "-h", self.folder], check=False).returncode == 0:
                return self
            time.sleep(0.02)
        raise Failure(f"PostgreSQL did not start:\n{self.started.told()}")

    @property
    def pid(self):
        return self.started.pid

    def uri(self, database="postgres", *others):
        return f"postgresql://paypage@/{database}?host={','.join(str(each.folder) for each in (self, *others))}"

    def rows(self, sql, database="postgres"):
        ran = subprocess.run(
            [self.bin / "psql", "-XAtq", "-h", self.folder, "-U", "paypage", "-d", database, "-c", sql],
            capture_output=True, text=True, timeout=60, check=False)
        if ran.returncode != 0:
            raise Failure(f"psql failed: {ran.stderr[-500:]}")
        return ran.stdout.splitlines()

    def database(self, name, binary):
        """A new database with the schema of the service."""
        self.rows(f"CREATE DATABASE {name}")
        migrate(binary, self.uri(name))
        return self.uri(name)

    def promote(self):
        self._run("pg_ctl", "promote", "-D", self.data)

    def kill(self):
        """Ends every process of the server at once, as a crash does."""
        # Stopped, it starts no other process.
        os.kill(self.pid, signal.SIGSTOP)
        for member in family(self.pid):
            os.kill(member, signal.SIGKILL)
        self.started.process.wait()

    def cpu_seconds(self):
        """User and system time of the server so far, with that of connections that have ended."""
        total = cpu_seconds(self.pid)
        # Of the children that have ended.
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return total + (int(fields[13]) + int(fields[14])) / TICKS

    def remove(self):
        if self.started:
            if self.started.process.poll() is None:
                # A fast shutdown: it doesn't wait for connections.
                os.kill(self.pid, signal.SIGINT)
                self._wait(10)
            self.started.stop(seconds=3)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _wait(self, seconds):
        try:
            self.started.process.wait(seconds)
        except subprocess.TimeoutExpired:
            pass

    def _run(self, program, *arguments):
        command = [*_as_user(), self.bin / program, *arguments]
        ran = subprocess.run(
            [str(part) for part in command], capture_output=True, text=True, timeout=120, check=False, cwd="/")
        if ran.returncode != 0:
            raise Failure(f"{program} failed: {ran.stderr[-500:]}")


def migrate(binary, uri):
    ran = subprocess.run(
        [binary, "migrate"], env=clean_environment(PAYPAGE_DATABASE_URL=uri), capture_output=True, text=True,
        timeout=60, check=False)
    if ran.returncode != 0:
        raise Failure(f"paypage migrate failed: {ran.stderr[-500:]}")


def copy(binary, path, uri):
    """Copies a database of SQLite into an empty one of PostgreSQL."""
    ran = subprocess.run(
        [binary, "copy", "--from", f"sqlite:{path}", "--to", uri], env=clean_environment(), capture_output=True,
        text=True, timeout=900, check=False)
    if ran.returncode != 0:
        raise Failure(f"paypage copy failed: {ran.stdout[-300:]}{ran.stderr[-500:]}")
