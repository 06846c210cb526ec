"""Ten million stored orders compared with ten thousand: hits, start, the clock's work, lists and searches."""

import http.client
import random
import shutil
import sqlite3
import statistics
import time
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

from .bench import WARM
from .clones import Clones
from .hits import BUSY, contender
from .load import page_request
from .measure import in_turn, interleave
from .processes import LOOPBACK, Failure, bytes_read
from .results import Row, at_least, ratio_row
from .rivals import fill
from .seed import UNSWEPT, expired
from .service import as_merchant
from .templates import DAY

GOAL = 0.8
SMALL, SMALL_LIVE = 10_000, 5_000
# Bytes of the database for each order, and those that stay free on the disk.
ORDER_BYTES, SPARE = 2_600, 8 << 30
# Days since the end of an order whose data is not blanked yet, and of one whose data is. The database is kept for days.
RECENT, BLANKED = (2, 380), (401, 730)
# How often each kind of order is among twenty.
FREQUENCY = {"paid": 16, "refunded": 1, "closed": 1, "expired": 2}
# The work of one sweep: pages to purge, providers to query, buyers' data to blank.
TO_PURGE, TO_QUERY, TO_BLANK = 2_000, 500, 500
# The orders of a list's period: so many that each filter finds a whole list in both databases.
IN_PERIOD = 2_000
# A round of searches looks for so many orders.
SEARCHED = 20
MEBIBYTE = 1 << 20


@dataclass
class Side:
    """A database of the comparison, and its service while one runs."""

    name: str
    seeded: object
    path: Path
    live: int
    service: object = None

    @property
    def live_orders(self):
        return range(self.seeded.orders - self.live + 1, self.seeded.orders + 1)


def scale(bench):
    """The same binary on ten million orders and on ten thousand."""
    sides, scaled_down = _sides(bench)
    what = f"{sides[0].seeded.orders:,} orders stored{scaled_down}"
    rows = [_starts(bench, sides, what), _sweeps(bench, sides, what)]
    for side in sides:
        side.service = bench.service(side.path, side.name)
    return [_hits(bench, sides, what), *rows, *_lists(bench, sides, what)]


def mixture(count, live):
    """Orders of two years: most are over, and the latest ones have live pages."""
    over = count - live
    recent = over * RECENT[1] // BLANKED[1]
    return [_over(over - recent, BLANKED, 401), _over(recent, RECENT, 2), Clones(live)]


def _over(count, days, age):
    kinds = tuple(f"{kind}-{age}" for kind, often in FREQUENCY.items() for _ in range(often))
    return Clones(count, days[0] * DAY, kinds=kinds, apart=(days[1] - days[0]) * DAY // count)


def _sides(bench):
    wanted, folder = bench.options.orders, bench.seeder.folder
    kept = folder / "scale.sqlite"
    free = shutil.disk_usage(folder).free + (kept.stat().st_size if kept.exists() else 0)
    count = max(min(wanted, (free - SPARE) // ORDER_BYTES // 100_000 * 100_000), 2 * WARM)
    scaled_down = "" if count == wanted else f" (scaled down: only {free >> 30} GiB free)"
    large = bench.seeder.database("scale", mixture(count, WARM))
    small = bench.seeder.database("scale-small", mixture(SMALL, SMALL_LIVE))
    return [Side("large", large, Path(large.path), WARM),
            Side("small", small, bench.copy(small, "scale-small"), SMALL_LIVE)], scaled_down


def _starts(bench, sides, what):
    """From the start of the process to its first successful `/readyz`."""
    seconds, read = {"large": [], "small": []}, []
    for number in range(bench.options.rounds + 1):
        for side in in_turn(sides, number):
            service = bench.service(side.path, side.name)
            # The first start reads files that no process has read.
            if number:
                seconds[side.name].append(service.seconds_to_ready)
                read += [bytes_read(service.pid)] if side.name == "large" else []
            service.stop()
    return _row("scale/start", f"start to ready, {what}", seconds, f"{max(read) / MEBIBYTE:.1f} MiB read")


def _sweeps(bench, sides, what):
    """From the start of the process until the same number of due orders has been worked on."""
    seconds = {"large": [], "small": []}
    for number in range(1, bench.options.rounds + 1):
        for side in in_turn(sides, number):
            bench.seeder.add(side.path, [
                Clones(TO_PURGE, 16 * DAY, expired(2)), Clones(TO_QUERY, 16 * DAY, UNSWEPT),
                Clones(TO_BLANK, 402 * DAY, expired(401))])
            began = time.monotonic()
            service = bench.service(side.path, side.name)
            _wait_until_swept(side.path)
            seconds[side.name].append(time.monotonic() - began)
            service.stop()
        bench.say(f"  swept after {seconds['large'][-1]:.2f} s, {seconds['small'][-1]:.2f} s")
    done = f"{TO_PURGE:,} purges, {TO_QUERY} queries of providers, {TO_BLANK} orders blanked"
    return _row("scale/sweep", f"start to the end of {done}, {what}", seconds)


def _wait_until_swept(path, seconds=120):
    until = time.monotonic() + seconds
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)
    try:
        while time.monotonic() < until:
            now = int(time.time() * 1_000)
            left = db.execute(
                """
                SELECT (SELECT count(*) FROM pages_to_purge WHERE left_new_at < ?1 - ?2)
                    + (SELECT count(*) FROM attempts WHERE ask_at < ?1)
                    + (SELECT count(*) FROM orders
                       WHERE blanked_at IS NULL AND left_new_at IS NOT NULL AND left_new_at < ?1 - 400 * ?2)
                """, (now, DAY)).fetchone()[0]
            if not left:
                return
            time.sleep(0.02)
    finally:
        db.close()
    raise Failure(f"{left} orders are still due after {seconds} s")


def _hits(bench, sides, what):
    contenders = []
    for side in sides:
        bench.say(f"asking for {side.live:,} pages once, of the {side.name} database")
        fill(side.service.port, (page_request(side.seeded.number(n)) for n in side.live_orders))
        requests = bench.page_requests(side.seeded, side.live_orders, f"scale-{side.name}")
        cost = bench.background.cost_for(side.service, 3)
        samples = (side.live_orders[0], side.live_orders[-1])
        contenders.append(contender(side.name, side.service, side.seeded, requests, side.service, cost, samples))
    figures = interleave(bench, contenders, **BUSY)
    return ratio_row("scale/hit", f"GET page, hit, {what}, {WARM:,} warm", f"{SMALL:,} orders, {SMALL_LIVE:,} warm", GOAL,
                     figures["large"], figures["small"])


def _lists(bench, sides, what):
    calls = {side.name: _calls(side) for side in sides}
    told = {"list": f"lists of orders, events and deliveries by every filter, {what}",
            "search": f"searches by user, number, attempt, payment and refund, {what}",
            "list-new": f"list of new orders, of which {WARM:,} are open, {what}",
            "watch": f"metrics, and what waits for a person, with {WARM:,} open orders, {what}"}
    rows = []
    for group, words in told.items():
        # By name: the milliseconds of each round.
        taken = {side.name: {name: [] for name in calls[side.name][group]} for side in sides}
        for number in range(bench.options.rounds + 1):
            for side in in_turn(sides, number):
                connection = http.client.HTTPConnection(LOOPBACK, side.service.port, timeout=120)
                for name, targets in calls[side.name][group].items():
                    spent = [_get(connection, target) for target in targets]
                    if number:
                        taken[side.name][name].append(sum(spent))
                connection.close()
        seconds = {name: [sum(times) for times in zip(*each.values())] for name, each in taken.items()}
        medians = {name: {side: statistics.median(taken[side][name]) / len(calls[side][group][name]) for side in taken}
                   for name in taken["large"]}
        slowest = min(medians, key=lambda name: medians[name]["small"] / medians[name]["large"])
        large, small = medians[slowest]["large"] * 1e3, medians[slowest]["small"] * 1e3
        for name, each in medians.items():
            bench.say(f"  {group} {name}: {each['large'] * 1e3:.2f} ms, {each['small'] * 1e3:.2f} ms")
        rows.append(_row(f"scale/{group}", words, seconds,
                         f"most slowed down: `{slowest}`, {large:.1f} ms against {small:.1f}",
                         None if group in ("list-new", "watch") else GOAL))
    return rows


def _get(connection, target):
    began = time.perf_counter()
    connection.request("GET", target, headers=as_merchant())
    answer = connection.getresponse()
    body = answer.read()
    if answer.status != 200:
        raise Failure(f"{target} was answered with {answer.status}: {body[:300]!r}")
    return time.perf_counter() - began


def _calls(side):
    """Targets of requests by group and by name."""
    db = sqlite3.connect(f"file:{side.path}?mode=ro", uri=True)
    chance = random.Random(7)
    last = side.seeded.orders - side.live

    def picked(query):
        found = []
        while len(found) < SEARCHED:
            row = db.execute(query, (side.seeded.number(chance.randint(1, last)),)).fetchone()
            found += [row[0]] if row else []
        return found

    middle = db.execute("SELECT number, created_at, updated_at FROM orders WHERE number >= ? ORDER BY number LIMIT 1",
                        (side.seeded.number(last // 2),)).fetchone()
    number, created, updated = middle
    begin = db.execute("SELECT created_at FROM orders WHERE number >= ? ORDER BY number LIMIT 1",
                       (side.seeded.number(last // 2 - IN_PERIOD),)).fetchone()[0]
    period = {"created_after": _timestamp(begin), "created_before": _timestamp(created)}
    searches = {
        "user_id": picked("SELECT user_id FROM orders WHERE number >= ? AND user_id <> '' LIMIT 1"),
        "trade_no": picked("SELECT trade_no FROM attempts WHERE trade_no >= ? LIMIT 1"),
        "transaction_id": picked("SELECT transaction_id FROM attempts JOIN receipts USING (trade_no)"
                                 " WHERE attempts.trade_no >= ? LIMIT 1"),
        "refund_no": picked("SELECT refund_no FROM refunds WHERE order_number >= ? LIMIT 1"),
    }
    numbers = picked("SELECT number FROM orders WHERE number >= ? LIMIT 1")
    db.close()
    payments = {
        "all": {}, "all, far behind": {"cursor": f"{updated}-{number}"},
        **{f"state={state}": {"state": state} for state in ("paid", "closed", "expired")},
        "state=paid, far behind": {"state": "paid", "cursor": f"{updated}-{number}"},
        "created": period, "created, far behind": {**period, "cursor": f"c{created - 60_000}-{number}"},
        **{f"created, state={state}": {**period, "state": state} for state in ("paid", "closed", "expired")},
        "updated_after": {"updated_after": _timestamp(updated)},
        "updated_after, state=closed": {"updated_after": _timestamp(updated), "state": "closed"},
    }
    events = {"events": {}, **{f"events type={kind}": {"type": kind} for kind in (
        "order.paid", "refund.succeeded", "payment.late", "refund.failed")}}
    deliveries = {"deliveries": {}, **{f"deliveries state={state}": {"state": state} for state in (
        "pending", "parked", "delivered")}, "deliveries endpoint=other": {"endpoint": "other"}}
    return {
        "list": {
            **{name: [_target("payments", query)] for name, query in payments.items()},
            **{name: [_target("events", query)] for name, query in events.items()},
            **{name: [_target("deliveries", query)] for name, query in deliveries.items()},
        },
        "search": {
            "number": [f"/v1/payments/{each}" for each in numbers],
            **{name: [_target("payments", {name: value}) for value in values] for name, values in searches.items()},
        },
        "list-new": {"state=new": [_target("payments", {"state": "new"})],
                     "created, state=new": [_target("payments", {"state": "new", "created_after": _timestamp(created)})]},
        "watch": {"metrics": ["/metrics"], "attention": ["/v1/attention"]},
    }


def _target(what, query):
    return f"/v1/{what}?{urllib.parse.urlencode(query)}"


def _timestamp(milliseconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(milliseconds / 1e3))


def _row(name, what, seconds, note="", goal=GOAL):
    """The time on the small database ÷ the time on the large one."""
    large, small = (statistics.median(seconds[side]) for side in ("large", "small"))
    told = f"{large:.3f} s, {small:.3f} s for {SMALL:,}"
    return Row(name, what, f"{SMALL:,} orders stored", at_least(goal) if goal else None,
               [mine / other for mine, other in zip(seconds["small"], seconds["large"])],
               "; ".join(text for text in (told, note) if text))
