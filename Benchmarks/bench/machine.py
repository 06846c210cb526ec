"""Facts about the machine and the software of a run."""

import os
import platform
import re
import subprocess
import time
from pathlib import Path


def load():
    return ", ".join(f"{value:.1f}" for value in os.getloadavg())


def describe(load_at_start, more):
    """The facts, one line of text each. `more` of them come last."""
    cpu = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())[1]) >> 20
    return {
        "when": time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        "machine": f"{os.cpu_count()} × {cpu[1] if cpu else platform.processor()}, {memory} GiB",
        "kernel": f"{platform.system()} {platform.release()}",
        "load (1, 5, 15 min)": f"{load_at_start} at the start, {load()} at the end",
        "versions": ", ".join([
            version("nginx", "-v", r"nginx/(\S+)"), version("varnishd", "-V", r"varnish-(\S+)"),
            version("wrk", "-v", r"wrk (?:debian/)?(\S+)"), f"Python {platform.python_version()}",
            version("swift", "--version", r"Swift version (\S+)")]),
    } | more


def version(program, option, pattern):
    try:
        ran = subprocess.run([program, option], capture_output=True, text=True, timeout=30, check=False)
    except OSError:
        return f"{program}: none"
    found = re.search(pattern, ran.stdout + ran.stderr)
    return f"{program} {found[1] if found else 'of unknown version'}"
