"""The effect of the clock's jobs on hits."""

import sqlite3
import time

from .bench import WARM
from .clones import Clones
from .hits import CALM, SAMPLES
from .load import ask, must_be_whole, page_path, with_cpu
from .measure import expect_page, in_turn
from .processes import Failure
from .results import tail_row
from .seed import UNSWEPT, expired
from .templates import DAY

OVER, LATE = 200_000, 20_000
# A ratio of two p99s of short-lived processes needs many short rounds.
MORE_ROUNDS, CLOCK_SECONDS, GOAL = 2, 3, 1.2


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
    floor, beneath = _floor(bench, databases["without"]), []
    figures = {name: [] for name in databases}
    requests = bench.page_requests(databases["with"], range(1, WARM + 1), "warm")
    since = dict.fromkeys(databases, 0)
    for number in range(bench.options.rounds + MORE_ROUNDS):
        for name, seeded in in_turn(list(databases.items()), number):
            measured, note = _beside_the_clock(
                bench, name, seeded, requests, since[name], (floor, beneath) if name == "with" else None)
            since[name] += measured.requests // CALM["threads"]
            figures[name].append(measured)
            bench.say(f"  {name} the clock's work, round {number + 1}: {measured.rate:,.0f}/s, "
                      f"p99 {measured.p99 / 1e3:.2f} ms{note}")
    row = tail_row("purge", "GET page, hit, 4 connections, while purge and sweep run: p99", "without", GOAL,
                   figures["with"], figures["without"], beneath)
    # It has the clock's share.
    row.cpu = ""
    return [row]


def _floor(bench, seeded):
    service = bench.service(bench.copy(seeded, "clock"), "floor")
    floor = bench.floor(service, page_path(seeded.number(1)))
    service.stop()
    return floor


def _beside_the_clock(bench, name, seeded, requests, since, floor):
    """One round that begins with the service's start, when the clock jobs run first. The pages are therefore cold. The
    epoll server is measured after it, beside the same first pays.
    """
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
    if floor:
        server, rounds = floor
        rounds.append(ask(server.port, requests, **CALM, seconds=seconds))
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
