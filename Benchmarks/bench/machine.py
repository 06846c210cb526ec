"""Facts about the machine and the software of a run, and other load beside it."""

import hashlib
import os
import platform
import re
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from .processes import TICKS, cpu_seconds_with_ended

CPU = Path("/sys/devices/system/cpu/cpu0")
# The share of the machine's CPU time from which a row tells the disturbance.
MUCH_STEAL, MUCH_FOREIGN = 0.01, 0.05
SYNCS = 200


def load():
    return ", ".join(f"{value:.1f}" for value in os.getloadavg())


def describe(load_at_start, whole_run, disk, more):
    """The facts, one line of text each. `more` of them come last."""
    known = hardware()
    return {
        "when": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "machine": f"{identity(known)} ({', '.join(known.values())})",
        "clock": governor(),
        "disk": disk,
        "load (1, 5, 15 min)": f"{load_at_start} at the start, {load()} at the end",
        "other load": f"{whole_run.steal:.1%} of the CPU time stolen by the host, {whole_run.foreign:.1%} used by "
                      "programs that are not of the run",
        "versions": ", ".join([
            version("nginx", "-v", r"nginx/(\S+)"), version("varnishd", "-V", r"varnish-(\S+)"),
            version("wrk", "-v", r"wrk (?:debian/)?(\S+)"), f"Python {platform.python_version()}",
            version("swift", "--version", r"Swift version (\S+)")]),
    } | more


def identity(known):
    """A short name of the machine's kind. Only tables with the same name may be compared."""
    return hashlib.sha256("\n".join(f"{name} {value}" for name, value in known.items()).encode()).hexdigest()[:8]


def hardware():
    """The facts that the speed depends on, and that stay the same from run to run."""
    info = dict(re.findall(r"^([\w ]+?)\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE))
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1]) >> 20
    steps = [info[name] for name in ("cpu family", "model", "stepping") if name in info]
    return {
        "processor": f"{os.cpu_count()} × {info.get('model name', platform.processor())} {'/'.join(steps)}".strip(),
        "caches": caches(),
        "virtual": "virtual" if "hypervisor" in info.get("flags", "").split() else "not virtual, as far as visible",
        "memory": f"{memory} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
    }


def caches():
    found = []
    for index in sorted((CPU / "cache").glob("index*")):
        kind = (index / "type").read_text().strip()
        suffix = {"Data": "d", "Instruction": "i"}.get(kind, "")
        found.append(f"L{(index / 'level').read_text().strip()}{suffix} {(index / 'size').read_text().strip()}")
    return " ".join(found) or "caches unknown"


def governor():
    try:
        return f"governor {(CPU / 'cpufreq/scaling_governor').read_text().strip()}"
    except OSError:
        return "governor not visible"


def fsync_times(folder):
    """The disk's time to keep 4 KiB, as text."""
    path, times = folder / "fsync", []
    with open(path, "wb", buffering=0) as file:
        for _ in range(SYNCS):
            file.write(bytes(4_096))
            began = time.perf_counter()
            os.fsync(file.fileno())
            times.append((time.perf_counter() - began) * 1e3)
    path.unlink()
    return f"fsync of 4 KiB: p50 {statistics.median(times):.2f} ms, p99 {sorted(times)[SYNCS * 99 // 100]:.2f} ms"


@dataclass
class Shares:
    """Shares of the machine's CPU time."""

    steal: float
    foreign: float

    @property
    def warning(self):
        told = [f"{share:.0%} {name}" for share, most, name in (
            (self.steal, MUCH_STEAL, "of the CPU time stolen by the host"),
            (self.foreign, MUCH_FOREIGN, "used by other programs")) if share >= most]
        return "disturbed: " + ", ".join(told) if told else ""


class Watch:
    """CPU time from now on that the run's processes did not get or use."""

    def __init__(self):
        self.before = self._sample()

    def shares(self):
        total, steal, busy, own = (now - then for now, then in zip(self._sample(), self.before))
        total = max(total, 1)
        return Shares(steal / total, max(0, busy - own * TICKS) / total)

    @staticmethod
    def _sample():
        words = Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
        user, nice, system, idle, waiting, hard, soft, steal = map(int, words)
        busy = user + nice + system + hard + soft
        return busy + idle + waiting + steal, steal, busy, cpu_seconds_with_ended(os.getpid())


def version(program, option, pattern):
    try:
        ran = subprocess.run([program, option], capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return f"{program}: none"
    found = re.search(pattern, ran.stdout + ran.stderr)
    return f"{program} {found[1] if found else 'of unknown version'}"
