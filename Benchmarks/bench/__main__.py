"""The benchmark of Paypage. `script/bench` builds the binaries and runs it.

Starts every server on loopback, measures each pair in interleaved rounds, prints a table of goals, and stops the
servers. A missed goal is reported and does not fail the run. A wrong answer fails the run.
"""

import argparse
import os
import resource
import signal
import sys
import time
import traceback
from pathlib import Path

from . import costs, hits, machine, million, nodes, pays, pg, quick, tls
from .background import RATE
from .bench import Bench
from .processes import Failure
from .results import as_json, table

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "Benchmarks/last.json"
README = ROOT / "Benchmarks/README.md"
MARKS = ("<!-- the table begins -->", "<!-- the table ends -->")

# Each group makes rows of the table, with its own processes.
GROUPS = {
    "page": hits.page, "repay": hits.repay, "latency": hits.latency, "million": million.million, "cold": million.cold,
    "start": million.start, "firstpay": pays.firstpay, "provider": pays.provider, "crowd": pays.crowd,
    "tls-burst": tls.burst, "tls-after-pause": tls.after_pause, "memory": costs.memory, "purge": costs.purge,
    "pg-ledger": pg.ledger, "pg-firstpay": pg.firstpay, "pg-page": pg.page, "pg-news": nodes.news,
    "pg-failover": nodes.failover,
}
# The fewest rounds for a committed table.
SAVED_ROUNDS = 5

# A run takes twenty minutes. A run of this length has hung.
LONGEST_SECONDS = 60 * 60


def parsed():
    parser = argparse.ArgumentParser(
        prog="script/bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False)
    parser.add_argument("--quick", action="store_true", help="compare the ratios of hits with the committed table, in "
                        "short rounds: status 1 if one fell by more than 20 %%, 3 if the rounds are too noisy")
    parser.add_argument("--only", metavar="NAME", action="append", choices=GROUPS,
                        help=f"a group of rows; can be repeated: {', '.join(GROUPS)}")
    parser.add_argument("--rounds", type=positive, help="rounds of each contender (default: 5)")
    parser.add_argument("--seconds", type=positive, help="seconds of each round (default: 5)")
    parser.add_argument("--binary", type=Path, default=ROOT / ".build/release/paypage",
                        help="the build of paypage to measure")
    parser.add_argument("--bare-route", type=Path, default=ROOT / "Benchmarks/.build/release/bare-route",
                        help="the build of bare-route to compare with")
    parser.add_argument("--store-bench", type=Path, default=ROOT / ".build/release/store-bench",
                        help="the build of store-bench, which measures a store alone")
    parser.add_argument("--skip-python", action="store_true", help="skip the Python service")
    parser.add_argument("--save", action="store_true", help="save this run's table as the committed one")
    parser.add_argument("--check", action="store_true", help="check the arguments only")
    options = parser.parse_args()
    if options.quick and (options.save or options.only or options.rounds or options.seconds or options.skip_python):
        parser.error("--quick can't be combined with --save, --only, --rounds, --seconds or --skip-python")
    if options.save and (options.only or options.skip_python or (options.rounds or SAVED_ROUNDS) < SAVED_ROUNDS):
        parser.error(f"--save needs a whole run: no --only, no --skip-python, at least {SAVED_ROUNDS} rounds")
    options.rounds = options.rounds or (quick.ROUNDS if options.quick else 5)
    options.seconds = options.seconds or (quick.SECONDS if options.quick else 5)
    options.binary, options.bare_route = options.binary.resolve(), options.bare_route.resolve()
    options.store_bench = options.store_bench.resolve()
    needed_now = [options.binary, options.bare_route]
    if not options.quick and (not options.only or "pg-ledger" in options.only):
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
    if bench.options.quick:
        # Created before the time limit starts.
        bench.main, bench.es256
        began = time.monotonic()
    for name in names:
        if bench.options.quick:
            bench.until = began + quick.UNTIL_SECONDS[name]
        bench.say(f"{name}: {GROUPS[name].__doc__}")
        try:
            rows += GROUPS[name](bench)
        except BaseException:
            # Must run before the processes end and their logs are deleted.
            bench.keep_logs()
            raise
        finally:
            bench.end_group()
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
    for number in (signal.SIGTERM, signal.SIGALRM, signal.SIGHUP):
        signal.signal(number, stopped)
    signal.alarm(LONGEST_SECONDS)
    names = options.only or (quick.GROUPS if options.quick else tuple(GROUPS))
    load_at_start = machine.load()
    bench = None
    try:
        before = quick.committed(COMMITTED) if options.quick else {}
        if options.check:
            return 0
        bench = Bench(ROOT, options)
        rows = run(bench, names)
        facts = machine.describe(load_at_start, told_paces(rows))
        text = table(rows) + "\n\n" + "\n".join(f"- {name}: {value}" for name, value in facts.items())
        status, said = quick.compare(rows, before) if options.quick else (0, [])
    except (Failure, KeyboardInterrupt) as failure:
        print(f"bench: {str(failure) or 'stopped'}", file=sys.stderr)
        return 2
    except Exception:
        traceback.print_exc()
        return 2
    finally:
        signal.alarm(0)
        # A second Ctrl-C must not leave servers running.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if bench:
            bench.end()
    print(text)
    if options.save:
        save(rows, facts, text)
    if said:
        print("\n".join(["", *said]))
    return status


def told_paces(rows):
    paces = [f"{row.name} {row.pace}" for row in rows if row.beside]
    if not paces:
        return {}
    return {f"first pays in the background, of {RATE} a second (ours / theirs)": "".join(f"\n  - {pace}" for pace in paces)}


def stopped(number, _):
    raise Failure(f"stopped by {signal.Signals(number).name} at {time.strftime('%H:%M:%S')}")


if __name__ == "__main__":
    sys.exit(main())
