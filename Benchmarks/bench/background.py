"""The shop's other customers: first pays at a steady rate, while hits are measured."""

import itertools
import sys
import time
from pathlib import Path

from .processes import Failure, Started, clean_environment, cpu_seconds
from .service import API_KEY

RATE = 200
BESIDE = Path(__file__).resolve().parent.parent


class Background:
    """Starts `bench.writes`, and points it at one server or another."""

    # Numbers that no run before has used: a database outlives its run.
    runs = itertools.count()

    def __init__(self, folder):
        self.paid = self.seconds = 0
        self.since = None
        self.started = Started(
            "the first pays in the background", [sys.executable, "-m", "bench.writes", RATE, API_KEY],
            folder / "writes.log", clean_environment(PYTHONDONTWRITEBYTECODE="1"), BESIDE, pipe=True)

    def go_on_at(self, service):
        self._say(f"to {service.port} w{int(time.time() * 10):x}_{next(self.runs)}_")
        self.since = time.monotonic()

    def pause(self):
        self._say("pause")

    def stop(self):
        self._say("end")
        self.started.stop()

    def cost_for(self, service, seconds):
        """The CPU seconds of each second that they alone take of the service."""
        self.go_on_at(service)
        time.sleep(0.5)
        before, began = cpu_seconds(service.pid), time.monotonic()
        time.sleep(seconds)
        return (cpu_seconds(service.pid) - before) / (time.monotonic() - began)

    @property
    def rate(self):
        """How many a second were paid indeed."""
        return self.paid / self.seconds if self.seconds else 0

    def _say(self, line):
        self.started.must_run()
        said_at = time.monotonic()
        self.started.process.stdin.write(line + "\n")
        self.started.process.stdin.flush()
        words = self.started.process.stdout.readline().split()
        if len(words) != 6:
            raise Failure(f"the first pays in the background failed:\n{self.started.told()}")
        if int(words[3]):
            raise Failure(f"{words[3]} first pays in the background were refused, {words[1]} paid")
        if self.since is not None:
            self.paid += int(words[1])
            self.seconds += said_at - self.since
            self.since = None
