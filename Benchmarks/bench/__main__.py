"""The benchmark of Paypage. `script/bench` builds the binaries and runs it.

Starts every server on loopback, measures each pair in interleaved rounds, prints a table of goals, and stops the
servers. A missed goal is reported and does not fail the run. A wrong answer leaves the rows of its group unmeasured.
The exit status is then 2, and the run goes on.
"""

import argparse
import json
import os
import resource
import signal
import sys
import time
import traceback
from pathlib import Path

from . import (
    hits, idle, machine, memory, million, nodes, pays, pg, profiles, proxied, purge, quick, scale, streams, tls)
from .background import RATE
from .bench import Bench
from .processes import Failure
from .results import absent, as_json, table

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "Benchmarks/last.json"
COUNTS = ROOT / "Benchmarks/instructions.json"
README = ROOT / "Benchmarks/README.md"
MARKS = ("<!-- the table begins -->", "<!-- the table ends -->")

# Each group makes rows of the table, with its own processes.
GROUPS = {
    "page": hits.page, "repay": hits.repay, "latency": hits.latency, "million": million.million, "cold": million.cold,
    "start": million.start, "scale": scale.scale, "firstpay": pays.firstpay, "provider": pays.provider,
    "crowd": pays.crowd, "tls-steady": tls.steady, "tls-burst": tls.burst, "tls-after-pause": tls.after_pause,
    "memory": memory.rest, "memory-warm": memory.warm, "memory-stream": memory.streams, "purge": purge.purge,
    "streams": streams.streams, "proxied": proxied.proxied, "idle": idle.idle, "pg-ledger": pg.ledger,
    "pg-firstpay": pg.firstpay, "pg-page": pg.page, "pg-news": nodes.news, "pg-failover": nodes.failover,
}
ROUNDS, SECONDS = 9, 2
ORDERS = 10_000_000
# The fewest rounds for a committed table: fewer give no interval.
SAVED_ROUNDS = 6

# A group takes two minutes, and the first time some more for its databases. A group of this length has hung.
LONGEST_SECONDS = 45 * 60


class Stopped(Failure):
    """The run was ended from outside."""


def parsed():
    parser = argparse.ArgumentParser(
        prog="script/bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help="count the instructions of each kind of request, and "
                        f"compare them with {COUNTS.relative_to(ROOT)}: status 1 if one grew by more than "
                        f"{quick.TOLERATED_GROWTH:.0%}, 3 if they can't be compared".replace("%", "%%"))
    parser.add_argument("--profile", choices=profiles.LABELS, help="draw flame graphs of a hit, a notice and a first "
                        "pay, as those before or after a change")
    parser.add_argument("--only", metavar="NAME", action="append", choices=GROUPS,
                        help=f"a group of rows; can be repeated: {', '.join(GROUPS)}")
    parser.add_argument("--rounds", type=positive, help=f"rounds of each contender (default: {ROUNDS})")
    parser.add_argument("--seconds", type=positive, help=f"seconds of each round (default: {SECONDS})")
    parser.add_argument("--binary", type=Path, default=ROOT / ".build/release/paypage",
                        help="the build of paypage to measure")
    parser.add_argument("--bare-route", type=Path, default=ROOT / "Benchmarks/.build/release/bare-route",
                        help="the build of bare-route to compare with")
    parser.add_argument("--epoll-floor", type=Path, default=ROOT / "Benchmarks/.build/release/epoll-floor",
                        help="the build of epoll-floor, the least that a request can cost")
    parser.add_argument("--store-bench", type=Path, default=ROOT / ".build/release/store-bench",
                        help="the build of store-bench, which measures a store alone")
    parser.add_argument("--orders", type=positive, default=ORDERS,
                        help=f"orders of the large database of `scale` (default: {ORDERS:,})")
    parser.add_argument("--skip-python", action="store_true", help="skip the Python service")
    parser.add_argument("--save", action="store_true", help="save this run's table as the committed one; with "
                        "--quick the counts")
    parser.add_argument("--check", action="store_true", help="check the arguments only")
    options = parser.parse_args()
    if options.quick and (options.only or options.rounds or options.seconds or options.skip_python):
        parser.error("--quick can't be combined with --only, --rounds, --seconds or --skip-python")
    if options.profile and (options.quick or options.save or options.only):
        parser.error("--profile can't be combined with --quick, --save or --only")
    is_whole = not options.only and not options.skip_python and (options.rounds or SAVED_ROUNDS) >= SAVED_ROUNDS
    if options.save and not options.quick and not is_whole:
        parser.error(f"--save needs a whole run: no --only, no --skip-python, at least {SAVED_ROUNDS} rounds")
    options.rounds, options.seconds = options.rounds or ROUNDS, options.seconds or SECONDS
    options.binary, options.bare_route = options.binary.resolve(), options.bare_route.resolve()
    options.store_bench, options.epoll_floor = options.store_bench.resolve(), options.epoll_floor.resolve()
    needed_now = [options.binary]
    if not options.quick and not options.profile:
        needed_now += [options.bare_route, options.epoll_floor]
        if not options.only or "pg-ledger" in options.only:
            needed_now.append(options.store_bench)
    for needed in () if options.check else needed_now:
        if not os.access(needed, os.X_OK):
            parser.error(f"{needed} does not exist; script/bench builds it")
    return options


def positive(text):
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"invalid value {text}; expected a whole number of 1 or more")
    return int(text)


def run(bench, names):
    rows = []
    for name in names:
        bench.say(f"{name}: {GROUPS[name].__doc__}")
        rows += measured(bench, name)
    return rows


def measured(bench, name):
    """The rows of a group. A group that fails has one row, which tells why."""
    watch = machine.Watch()
    signal.alarm(LONGEST_SECONDS)
    try:
        rows = GROUPS[name](bench)
    except Exception as failure:
        # Must run before the processes end and their logs are deleted.
        bench.keep_logs(name)
        if isinstance(failure, Stopped):
            raise
        if not isinstance(failure, Failure):
            traceback.print_exc()
        bench.say(f"{name} failed: {failure}")
        why = str(failure).strip().splitlines()[0][:200] if str(failure).strip() else type(failure).__name__
        return [absent(name, GROUPS[name].__doc__, "", None, why)]
    finally:
        signal.alarm(0)
        bench.end_group()
    disturbed = watch.shares().warning
    for row in rows:
        row.disturbed = disturbed
    return rows


def save(rows, facts, text):
    COMMITTED.write_text(as_json(rows, facts))
    before, _, rest = README.read_text().partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    README.write_text(f"{before}{MARKS[0]}\n\n{text}\n\n{MARKS[1]}{after}")


def main():
    options = parsed()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(65_536, hard)), hard))
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stopped)
    signal.signal(signal.SIGALRM, hung)
    try:
        if options.check:
            return 0
        status, text = count(options) if options.quick or options.profile else measure(options)
    except (Failure, KeyboardInterrupt) as failure:
        print(f"bench: {str(failure) or 'stopped'}", file=sys.stderr)
        return 2
    except Exception:
        traceback.print_exc()
        return 2
    print(text)
    return status


def count(options):
    """Counts instructions. Returns the status, and the comparison or the profiles."""
    signal.alarm(LONGEST_SECONDS)
    try:
        return profiles.run(ROOT, options) if options.profile else quick.run(ROOT, COUNTS, options)
    finally:
        signal.alarm(0)


def measure(options):
    """Measures the groups. Returns the status and the table."""
    load_at_start = machine.load()
    bench = Bench(ROOT, options)
    try:
        disk, watch = machine.fsync_times(bench.folder), machine.Watch()
        rows = run(bench, options.only or tuple(GROUPS))
        minutes = (time.monotonic() - bench.began) / 60
        length = f"{options.rounds} rounds of {options.seconds} s for most rows, {minutes:.0f} min in all"
        facts = machine.describe(load_at_start, watch.shares(), disk, {"run": length} | told_paces(rows))
    finally:
        # A second Ctrl-C must not leave servers running.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        bench.end()
    text = table(rows) + "\n\n" + "\n".join(f"- {name}: {value}" for name, value in facts.items())
    other = other_machine(facts)
    if options.save:
        save(rows, facts, text)
    return unmeasured(rows), "\n".join([text, "", *other] if other else [text])


def unmeasured(rows):
    return 2 if any(row.absent for row in rows) else 0


def other_machine(facts):
    """Warns that this table and the committed one are of different machines."""
    try:
        there = json.loads(COMMITTED.read_text())["machine"]["machine"].split()[0]
    except (OSError, ValueError, KeyError):
        return []
    here = facts["machine"].split()[0]
    return [] if here == there else [
        f"This machine is {here}, and the committed table's is {there}: their figures can't be compared."]


def told_paces(rows):
    paces = [f"{row.name} {row.pace}" for row in rows if row.beside]
    if not paces:
        return {}
    told = "".join(f"\n  - {pace}" for pace in paces)
    return {f"first pays in the background, of {RATE} a second (ours / theirs)": told}


def stopped(number, _):
    raise Stopped(f"stopped by {signal.Signals(number).name} at {time.strftime('%H:%M:%S')}")


def hung(*_):
    raise Failure(f"it did not end within {LONGEST_SECONDS // 60} minutes")


if __name__ == "__main__":
    sys.exit(main())
