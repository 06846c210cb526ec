"""PostgreSQL servers for the benchmark, with the settings that keep every commit."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from pathlib import Path

from .processes import Failure, Started, clean_environment, cpu_seconds_with_ended, family

VERSIONS = Path("/usr/lib/postgresql")
USER = "postgres"
CONNECTING_SECONDS = 5
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

    def bare(self, sql, clients, seconds, database="postgres"):
        """The figures of one prepared statement, repeated by `pgbench`: what the server itself can do."""
        connected = self.cpu_seconds()
        self._pgbench(sql, clients, database, "-t", 1)
        connecting = self.cpu_seconds() - connected
        # The time begins before the clients have connected. On a busy machine, that takes seconds.
        for length in (seconds, seconds + CONNECTING_SECONDS):
            before = self.cpu_seconds()
            ended = self._pgbench(sql, clients, database, "-T", length)
            used = self.cpu_seconds() - before - connecting
            if ended:
                moments, times = [moment for moment, _ in ended], sorted(took for _, took in ended)
                return {"rate": len(times) / (max(moments) - min(moments)), "p50": times[len(times) // 2],
                        "p99": times[len(times) * 99 // 100], "server": max(0, used) / len(times) * 1e6}
        raise Failure(f"pgbench made no transaction of: {sql}")

    def _pgbench(self, sql, clients, database, *length):
        """The end of each transaction and its microseconds, if the ends differ."""
        script = self.folder / "statement.sql"
        script.write_text(sql + ";\n")
        self._run_here("pgbench", "-n", "-M", "prepared", "-c", clients, "-j", min(clients, 2), *length, "-f", script,
                       "-l", f"--log-prefix={self.folder / 'times'}", "-h", self.folder, "-U", "paypage", database)
        ended = []
        for path in self.folder.glob("times*"):
            for line in path.read_text().splitlines():
                _, _, took, _, second, microsecond = line.split()[:6]
                ended.append((int(second) + int(microsecond) / 1e6, int(took)))
            path.unlink()
        return ended if len({moment for moment, _ in ended}) > 1 else []

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
        return cpu_seconds_with_ended(self.pid)

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
        self._run_here(program, *arguments, user=_as_user())

    def _run_here(self, program, *arguments, user=()):
        command = [*user, self.bin / program, *arguments]
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
