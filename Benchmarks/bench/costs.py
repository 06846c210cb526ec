"""Fixed costs: memory at rest, idle connections, and the clock jobs' effect on hits."""

import socket
import sqlite3
import statistics
import time

from .hits import CALM, SAMPLES
from .load import ask, must_be_whole, page_request, with_cpu
from .bench import WARM
from .measure import expect_page, in_turn
from .processes import LOOPBACK, Failure, resident
from .results import Row, beside, interval, milliseconds, spread
from .rivals import fill
from .seed import DAY, UNSWEPT, Clones, expired

MEBIBYTE = 1 << 20
IDLE = 2_000
# The time until memory that only the start needs is released.
SETTLE_SECONDS = 3

OVER, LATE = 200_000, 20_000
# A ratio of two p99s of short-lived processes needs many short rounds.
MORE_ROUNDS, CLOCK_SECONDS, GOAL = 4, 3, 1.2


def memory(bench):
    """Memory of an idle service, and the cost of an idle connection."""
    service = bench.service(bench.folder / "empty.sqlite")
    time.sleep(SETTLE_SECONDS)
    at_rest, of_its_own = resident(service.pid)
    database = bench.copy(bench.small, "idle")
    other = bench.service(database, "idle")
    # Warms up, so that one-time allocations are not counted.
    fill(other.port, (page_request(bench.small.number(n)) for n in range(1, 2_001)))
    before, _ = resident(other.pid)
    connections = _idle_connections(other.port, bench.small)
    time.sleep(SETTLE_SECONDS)
    after, _ = resident(other.pid)
    for connection in connections:
        connection.close()
    bench.say(f"  at rest {at_rest / MEBIBYTE:.1f} MiB; {before / MEBIBYTE:.1f} to {after / MEBIBYTE:.1f} MiB")
    return [
        Row("memory/rest", "memory at rest, an empty database", "", "< 40 MiB", at_rest < 40 * MEBIBYTE,
            f"**{at_rest / MEBIBYTE:.0f} MiB**, {of_its_own / MEBIBYTE:.0f} without files that are mapped"),
        Row("memory/idle", f"memory of an idle connection ({IDLE:,} of them, after one hit each)", "", "reported",
            None, f"**{(after - before) / IDLE / 1_024:.1f} KiB**"),
    ]


def _idle_connections(port, seeded):
    made = []
    for index in range(1, IDLE + 1):
        connection = socket.create_connection((LOOPBACK, port), timeout=10)
        connection.sendall(page_request(seeded.number(index)).encode())
        seen = b""
        while len(seen) < len(seeded.content):
            part = connection.recv(65_536)
            if not part:
                raise Failure("an idle connection was closed")
            seen += part
        made.append(connection)
    return made


def purge(bench):
    """Hits on four connections, with and without purge and sweep running."""
    # Orders that must not be purged yet end in the future. The database is kept for days, and none may become due.
    over, not_yet = expired(days_ago=2), expired(days_ago=-20)
    databases = {
        "with": bench.seeder.database("overdue", [
            Clones(WARM), Clones(OVER, 16 * DAY, over), Clones(LATE, 16 * DAY, UNSWEPT)]),
        # The same number of orders, but none is due for a purge or a sweep.
        "without": bench.seeder.database("settled", [
            Clones(WARM), Clones(OVER + LATE, 16 * DAY, not_yet)]),
    }
    figures = {name: [] for name in databases}
    requests = bench.page_requests(databases["with"], range(1, WARM + 1), "warm")
    since = dict.fromkeys(databases, 0)
    for number in range(bench.options.rounds + MORE_ROUNDS):
        for name, seeded in in_turn(list(databases.items()), number):
            measured, note = _beside_the_clock(bench, name, seeded, requests, since[name])
            since[name] += measured.requests // CALM["threads"]
            figures[name].append(measured)
            bench.say(f"  {name} the clock's work, round {number + 1}: {measured.rate:,.0f}/s, "
                      f"p99 {measured.p99 / 1e3:.2f} ms{note}")
    ratios = [one.p99 / other.p99 for one, other in zip(figures["with"], figures["without"])]
    least, greatest = interval(ratios)
    undecided = least <= GOAL < greatest
    return [Row(
        "purge", "GET page, hit, 4 connections, p99 while purge and sweep run", "without", f"≤ {GOAL} ×",
        None if undecided else statistics.median(ratios) <= GOAL, spread(ratios),
        latency=f"{milliseconds(figures['with'])}; {milliseconds(figures['without'])}",
        beside=beside(figures["with"], figures["without"]), undecided=undecided)]


def _beside_the_clock(bench, name, seeded, requests, since):
    """One round that begins with the service's start, when the clock jobs run first. The pages are therefore cold."""
    database = bench.copy(seeded, "clock")
    service = bench.service(database, name)
    bench.background.go_on_at(service)
    expect_page(service.port, seeded, SAMPLES)
    left = _left_to_purge(database)
    seconds = min(bench.options.seconds, CLOCK_SECONDS)
    measured = with_cpu(service.pid, lambda: ask(service.port, requests, **CALM, seconds=seconds, since=since),
                        bench.background)
    must_be_whole(measured, "hits beside the clock")
    still = _left_to_purge(database)
    bench.background.pause()
    service.stop()
    if name == "without":
        return measured, ""
    swept = sum("clock.job=" in line and "clock.job=purge" not in line
                for line in service.log.read_text(errors="replace").splitlines() if "clock job finished" in line)
    if still == left or not swept:
        raise Failure(f"the clock did no work: {left} orders to purge, {still} afterwards, {swept} sweeps")
    return measured, f" ({left - still:,} orders purged meanwhile, {still:,} left, {swept} runs of the sweep)"


def _left_to_purge(database):
    """The number of orders that have been over for a day."""
    db = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)
    try:
        return db.execute("SELECT count(*) FROM pages_to_purge WHERE left_new_at < ?",
                          (int(time.time() * 1_000) - DAY,)).fetchone()[0]
    finally:
        db.close()
