"""The service under valgrind's callgrind, which counts the instructions that a process executes.

The kernel's instructions are not counted. Valgrind runs one thread at a time, and shows the program a processor of its
own. So a count hardly depends on the machine, and not on its load.
"""

import re
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from .bench import only_one, sweep
from .mix import Connection, Mix
from .processes import Failure, Started
from .service import Service

VGDB_SECONDS = 300
# The frames of a stack that a profile tells apart.
DEPTH = 40


class Uncontrolled(Failure):
    """Valgrind can't be reached on this machine, as where a process may not trace another."""


class Counted:
    """The service, and the number of instructions that it has executed."""

    def __init__(self, binary, mix, folder, with_stacks=False):
        self._dumps = folder / "callgrind"
        self._dumps.mkdir()
        self._dumped = 0
        command = ["valgrind", "--tool=callgrind", "--instr-atstart=no", "--dump-line=no", "--demangle=no",
                   f"--vgdb-prefix={self._dumps}/vgdb", f"--callgrind-out-file={self._dumps}/out"]
        if with_stacks:
            command.append(f"--separate-callers={DEPTH}")
        # Random seeds of hashes would change the number of collisions.
        settings = mix.settings | {"SWIFT_DETERMINISTIC_HASHING": "1"}
        self._service = Service(binary, mix.database, mix.sandbox, folder, None, settings, "counted", under=command)
        self._tell("instrumentation on")
        self._connection = Connection(self._service.port)

    def ask(self, kind, requests):
        for request, expected in requests:
            status = self._connection.ask(request)
            if status != expected:
                raise Failure(f"{kind} was answered with {status} instead of {expected}")

    def count(self):
        """The instructions of all threads so far."""
        told = self._tell("status internal")
        return sum(int(events) for events in re.findall(r"^events-\d+: (\d+)$", told, re.MULTILINE))

    def dump(self):
        """The file of the instructions since the last dump, by function."""
        self._tell("dump")
        self._dumped += 1
        return self._dumps / f"out.{self._dumped}"

    def _tell(self, command):
        self._service.started.must_run()
        # Without the first option, vgdb waits for a tenth of a second before it interrupts an idle process.
        arguments = ["vgdb", "--max-invoke-ms=1", f"--pid={self._service.pid}", f"--vgdb-prefix={self._dumps}/vgdb"]
        try:
            ran = subprocess.run([*arguments, command], capture_output=True, text=True, timeout=VGDB_SECONDS)
        except subprocess.TimeoutExpired:
            raise Failure(f"valgrind did not answer {command!r}") from None
        if ran.returncode != 0:
            # A service that has ended is another failure.
            self._service.started.must_run()
            raise Uncontrolled(f"valgrind refused {command!r}: {ran.stdout}{ran.stderr}")
        return ran.stdout


@contextmanager
def counted(root, binary, notices, with_stacks=False):
    """A mix of requests whose orders exist, and a service under callgrind. Both end with the block."""
    cache = root / ".build/bench"
    cache.mkdir(parents=True, exist_ok=True)
    # Held until the end of the process.
    counted.alone = only_one(cache)
    sweep(cache)
    mix = None
    with tempfile.TemporaryDirectory(prefix="run-", dir=cache) as made:
        folder = Path(made)
        try:
            # Valgrind 3.19 can't read this debug information. The names of functions remain.
            copy = folder / "paypage"
            subprocess.run(["objcopy", "--strip-debug", binary, copy], check=True, timeout=120)
            mix = Mix(copy, folder, notices)
            yield mix, Counted(copy, mix, folder, with_stacks)
        except Uncontrolled:
            raise
        except (Failure, OSError) as failure:
            logs = "\n".join(started.told() for started in Started.every)
            raise Failure(f"{failure}\n{logs}") from failure
        finally:
            Started.stop_all()
            if mix:
                mix.stop()
