"""The processes of a run. Only they are ever signalled, and all of them are gone when the run ends."""

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
LOOPBACK = "127.0.0.1"


class Failure(Exception):
    """The run cannot continue, or its figures are not reliable."""


def free_port():
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def clean_environment(**more):
    """The environment without Paypage's settings, which would change the measurement."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PAYPAGE_")} | more


class Started:
    """A started process, in a process group with its children."""

    every = []

    def __init__(self, name, command, log, environment=None, folder=None, pipe=False):
        self.name, self.log = name, Path(log)
        with open(log, "ab") as output:
            self.process = subprocess.Popen(
                [str(part) for part in command], env=environment or clean_environment(), cwd=folder, text=True,
                stdin=subprocess.PIPE if pipe else subprocess.DEVNULL,
                stdout=subprocess.PIPE if pipe else output, stderr=output, start_new_session=True)
        Started.every.append(self)

    @property
    def pid(self):
        return self.process.pid

    def told(self):
        return self.log.read_text(errors="replace")[-2_000:]

    def must_run(self):
        if self.process.poll() is not None:
            raise Failure(f"{self.name} exited with status {self.process.returncode}:\n{self.told()}")

    def wait_for_port(self, port, seconds=30):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.must_run()
            try:
                socket.create_connection((LOOPBACK, port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise Failure(f"{self.name} does not listen on {port}:\n{self.told()}")

    def stop(self, seconds=35):
        """Asks the process to end, and kills it if it does not."""
        if self.process.poll() is None:
            self._signal(signal.SIGTERM)
            try:
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                pass
        # Also kills children that outlived their parent.
        self._signal(signal.SIGKILL)
        self.process.wait()
        if self in Started.every:
            Started.every.remove(self)

    def _signal(self, number):
        try:
            os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass

    @staticmethod
    def stop_all():
        for started in reversed(list(Started.every)):
            started.stop(seconds=3)


def family(pid):
    """The process and its descendants."""
    children = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, look = [], [pid]
    while look:
        found.append(look.pop())
        look += children.get(found[-1], [])
    return found


def cpu_seconds(pid):
    """User and system time of the process and its descendants."""
    return _ticks(pid, 2) / TICKS


def cpu_seconds_with_ended(pid):
    """The same, with that of descendants that have ended."""
    return _ticks(pid, 4) / TICKS


def _ticks(pid, fields_of_time):
    total = 0
    for member in family(pid):
        try:
            fields = Path(f"/proc/{member}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        total += sum(map(int, fields[11:11 + fields_of_time]))
    return total


def resident(pid):
    """Resident memory in bytes: the total, and the part that is not backed by files."""
    status = dict(
        line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines() if ":" in line)
    return tuple(int(status[name].split()[0]) * 1_024 for name in ("VmRSS", "RssAnon"))


def bytes_read(pid):
    """Bytes read from files and connections so far, with or without disk access."""
    lines = Path(f"/proc/{pid}/io").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("rchar")).split()[1])
