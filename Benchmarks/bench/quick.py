"""`--quick`: whether a request takes more instructions than the committed counts say."""

import json
import platform
import re
import sqlite3
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from .callgrind import Uncontrolled, counted
from .processes import Failure

# A kind of request that takes this much more is a regression.
TOLERATED_GROWTH = 0.10

SAME, GREW, NOT_COMPARABLE = 0, 1, 3

# The least count is found when so many batches come within this share of it.
AGREEING, AGREEMENT = 6, 0.015
FEWEST_BATCHES, MOST_BATCHES = 16, 120


@dataclass(frozen=True)
class Size:
    """The requests before the measurement, and those of each batch. A batch is so short that many batches are over
    before a job of the service runs, once a second.
    """

    first: int
    batch: int


# The first pays come last: their attempts are due for a query 15 seconds later.
SIZES = {
    "page": Size(300, 12), "repay": Size(100, 10), "repay-user": Size(100, 8), "repay-new-token": Size(100, 5),
    "order": Size(70, 2), "notice": Size(20, 1), "webhook": Size(12, 1), "first-pay": Size(12, 1),
}

# The features of the real processor that valgrind 3.19 passes on. Libraries choose their code by them.
FEATURES = ("sse4_2", "cx16", "avx", "avx2", "f16c", "rdrand", "rdseed")


@dataclass
class Counts:
    """The instructions for one request of each kind, and what they depend on."""

    instructions: dict
    # Counts with other conditions are not compared.
    conditions: dict
    # Other libraries may explain a difference.
    libraries: dict

    def text(self):
        return json.dumps(self.__dict__, indent=1) + "\n"


def committed(path):
    try:
        counts = Counts(**json.loads(path.read_text()))
        if all(int(count) > 0 for count in counts.instructions.values()):
            return counts
    except FileNotFoundError:
        raise Failure(f"{path} does not exist; --quick --save creates it") from None
    except (ValueError, TypeError, AttributeError):
        pass
    raise Failure(f"{path} has no counts to compare with; --quick --save creates new ones")


def compare(now, before):
    """The status of the run, and its reasons as text."""
    if now.conditions != before.conditions:
        others = differences(now.conditions, before.conditions)
        return NOT_COMPARABLE, ["not comparable with the committed counts:", *others]
    if now.instructions.keys() != before.instructions.keys():
        raise Failure(f"this run counted {sorted(now.instructions)}, the committed counts are of "
                      f"{sorted(before.instructions)}; --quick --save creates new ones")
    status, said = SAME, []
    for kind, was in before.instructions.items():
        growth = now.instructions[kind] / was - 1
        words = f"{kind}: {now.instructions[kind]:,} instructions, {was:,} in the committed counts ({growth:+.1%})"
        if growth > TOLERATED_GROWTH:
            status = GREW
            said.append(f"grew by more than {TOLERATED_GROWTH:.0%}: {words}")
        elif growth < -TOLERATED_GROWTH:
            said.append(f"fell by more than {TOLERATED_GROWTH:.0%}, so renew the counts by --quick --save: {words}")
    if said and now.libraries != before.libraries:
        said += ["the libraries differ too:", *differences(now.libraries, before.libraries)]
    return status, said or [f"no kind of request grew by more than {TOLERATED_GROWTH:.0%}"]


def differences(now, before):
    return [f"  {name}: {now.get(name)} here, {before.get(name)} in the committed counts"
            for name in sorted(now.keys() | before.keys()) if now.get(name) != before.get(name)]


def count(root, binary):
    """The instructions for one request of each kind."""
    size = SIZES["notice"]
    counts = {}
    with counted(root, binary, size.first + MOST_BATCHES * size.batch) as (mix, service):
        for kind, size in SIZES.items():
            service.ask(kind, mix.requests(kind, 0, size.first))
            batches = [each / size.batch for each in until_they_agree(mix, service, kind, size)]
            counts[kind] = round(min(batches))
            print(f"bench: {kind}: {counts[kind]:,} instructions, the least of {len(batches)} batches", file=sys.stderr,
                  flush=True)
    return counts


def until_they_agree(mix, service, kind, size):
    """The instructions of each batch. A job that runs beside a batch only adds some, so the least count is right if
    others come near it.
    """
    batches, before = [], service.count()
    while len(batches) < MOST_BATCHES:
        service.ask(kind, mix.requests(kind, size.first + len(batches) * size.batch, size.batch))
        after = service.count()
        batches.append(after - before)
        before = after
        agreeing = sum(each <= min(batches) * (1 + AGREEMENT) for each in batches)
        if len(batches) >= FEWEST_BATCHES and agreeing >= AGREEING:
            break
    return batches


def conditions():
    flags = set(re.search(r"^flags\s*:(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)[1].split())
    return {
        "swift": first_line("swift", "--version"), "valgrind": first_line("valgrind", "--version"),
        "processor": " ".join([platform.machine(), *(name for name in FEATURES if name in flags)]),
    }


def libraries():
    return {"libc": " ".join(platform.libc_ver()), "sqlite": sqlite3.sqlite_version,
            "curl": first_line("curl", "--version")}


def first_line(*command):
    said = subprocess.run(command, capture_output=True, text=True, timeout=60).stdout.splitlines()
    if not said:
        raise Failure(f"{' '.join(command)} printed nothing")
    return said[0]


def run(root, path, options):
    """Counts, and compares or saves the counts. Returns the status and the text to print."""
    before = None if options.save else committed(path)
    try:
        now = Counts(count(root, options.binary), conditions(), libraries())
    except Uncontrolled as reason:
        return NOT_COMPARABLE, f"not counted: {reason}"
    if options.save:
        path.write_text(now.text())
        return SAME, now.text().rstrip()
    lines = ["| a request | instructions | committed |", "|---|---|---|"]
    lines += [f"| {kind} | {number:,} | {before.instructions.get(kind, 0):,} |"
              for kind, number in now.instructions.items()]
    status, said = compare(now, before)
    return status, "\n".join([*lines, "", *said])
