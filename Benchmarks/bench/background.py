"""First pays of other orders at a steady rate, while hits are measured."""

import itertools
import sys
import time
from pathlib import Path

from .processes import Failure, Started, clean_environment, cpu_seconds
from .service import API_KEY

RATE = 200
# Below this rate the machine was less busy than the table says.
TOO_FEW = 0.9 * RATE
BESIDE = Path(__file__).resolve().parent.parent


class Background:
    """Starts `bench.writes` and directs it to one server or another."""

    # Unique across runs, because a database outlives its run.
    runs = itertools.count()

    def __init__(self, folder):
        self.started = Started(
            "the first pays in the background", [sys.executable, "-m", "bench.writes", RATE, API_KEY],
            folder / "writes.log", clean_environment(PYTHONDONTWRITEBYTECODE="1"), BESIDE, pipe=True)

    def go_on_at(self, service):
        self._said(f"to {service.port} w{int(time.time() * 10):x}_{next(self.runs)}_")

    def pause(self):
        self._said("pause")

    def count(self):
        """The number of first pays so far."""
        return self._said("count")

    def cost_for(self, service, seconds):
        """The CPU seconds that one first pay costs the service without other load."""
        self.go_on_at(service)
        time.sleep(0.5)
        before, already = cpu_seconds(service.pid), self.count()
        time.sleep(seconds)
        cost = (cpu_seconds(service.pid) - before) / max(1, self.count() - already)
        self.pause()
        return cost

    def _said(self, line):
        """The number of first pays so far. A command that changes the load is answered once the earlier pays have been
        answered.
        """
        self.started.must_run()
        self.started.process.stdin.write(line + "\n")
        self.started.process.stdin.flush()
        words = self.started.process.stdout.readline().split()
        if len(words) != 6:
            raise Failure(f"the first pays in the background failed:\n{self.started.told()}")
        if int(words[3]):
            raise Failure(f"{words[3]} first pays in the background were refused, {words[1]} succeeded")
        return int(words[1])
