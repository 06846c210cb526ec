"""The store in PostgreSQL: the ledger alone, and the service beside the same service on SQLite."""

import json
import re
import statistics
import subprocess
import time

from .hits import BUSY, CALM, SAMPLES
from .load import must_be_whole, page_request, pay, with_cpu
from .measure import Contender, expect_page, in_turn, interleave
from .pays import CALLERS
from .postgres import copy
from .processes import Failure, clean_environment
from .results import Row, beside, cpu_of, median_of, milliseconds, quotients, ratio_row, spread
from .rivals import fill
from .service import Service

# One server, which loses nothing that the machine does not lose.
SINGLE = {"PAYPAGE_DATABASE_DURABILITY": "single"}
ONE_EACH = ("--decisions-per-commit", "1")
WRITERS = 8


def ledger(bench):
    """The ledger without the service: first pays, proofs of pages, and a list beside writers."""
    server = bench.postgres("ledger")
    uri = server.database("ledger", bench.binary)
    return [*_first_pays(bench, server, uri), *_proofs(bench, server, uri), _list(bench, uri)]


def _first_pays(bench, server, uri):
    kinds = {"together": (), "one each": ONE_EACH}
    figures = {name: [] for name in kinds}
    for number in range(bench.options.rounds + 1):
        for name, more in in_turn(list(kinds.items()), number):
            said = _driver(bench, server, "first-pays", uri, "--callers", CALLERS, *more, warm=number == 0)
            if number:
                figures[name].append(said)
                bench.say(f"  {name}, round {number}: {said['rate']:,.0f}/s, p99 {said['p99'] / 1e3:.1f} ms, "
                          f"server {said['server']:.0f} µs")
    ours, theirs = figures["together"], figures["one each"]
    rate, p99, cost = _median(ours, "rate"), _median(ours, "p99") / 1e3, _median(ours, "server")
    ratios = [one["rate"] / other["rate"] for one, other in zip(ours, theirs)]
    return [
        Row("pg/firstpay-ledger", f"first pay, {CALLERS} callers, the ledger alone", "", "≥ 5,000/s, p99 ≤ 30 ms, "
            "server ≤ 220 µs", rate >= 5_000 and p99 <= 30 and cost <= 220,
            f"**{rate:,.0f}/s**, p99 {p99:.1f} ms, server {cost:.0f} µs", cpu=f"{cost:.0f} (server) /",
            latency=f"{_median(ours, 'p50') / 1e3:.2f} / {p99:.2f};"),
        Row("pg/grouped", f"first pay, {CALLERS} callers, the ledger alone", "one decision a commit", "≥ 4",
            statistics.median(ratios) >= 4, spread(ratios), ratios,
            f"{cost:.0f} / {_median(theirs, 'server'):.0f} (server)", f"{_latency(ours)}; {_latency(theirs)}"),
    ]


def _proofs(bench, server, uri):
    many, few = [], []
    for number in range(bench.options.rounds + 1):
        for figures, waiting in ((many, 64), (few, 1)):
            said = _driver(bench, server, "proofs", uri, "--waiting", waiting, warm=number == 0)
            if said["unproven"]:
                return [Row(name, "proof of a cached page", "", goal, False, "not measured: the store proves no page")
                        for name, goal in (("pg/proof", "≥ 150,000/s, server ≤ 5 µs"),
                                           ("pg/proof-latency", "p50 ≤ 0.25 ms, p99 ≤ 0.6 ms"))]
            if number:
                figures.append(said)
    rate, cost = _median(many, "rate"), _median(many, "server")
    p50, p99 = _median(few, "p50") / 1e3, _median(few, "p99") / 1e3
    return [
        Row("pg/proof", "proof of a cached page, 2 loops with 64 waiting each, one connection", "",
            "≥ 150,000/s, server ≤ 5 µs", rate >= 150_000 and cost <= 5,
            f"**{rate:,.0f}/s**, server {cost:.1f} µs", cpu=f"{cost:.1f} (server) /", latency=f"{_latency(many)};"),
        Row("pg/proof-latency", "proof of a cached page, 2 waiting", "", "p50 ≤ 0.25 ms, p99 ≤ 0.6 ms",
            p50 <= 0.25 and p99 <= 0.6, f"p50 **{p50:.2f} ms**, p99 **{p99:.2f} ms**", latency=f"{_latency(few)};"),
    ]


def _list(bench, uri):
    said = _driver(bench, None, "list", uri, "--writers", WRITERS)
    return Row("pg/list", f"a list of changes beside {WRITERS} writers", "", "0 missed", said["missed"] == 0,
               f"**{said['missed']}** of {said['orders']:,} orders missed", latency=f"{_latency([said])};")


def _driver(bench, server, command, uri, *arguments, warm=False):
    """The figures of `store-bench`, with the server's CPU microseconds for each request."""
    seconds = 1 if warm else bench.options.seconds
    before = server.cpu_seconds() if server else 0
    words = [bench.options.store_bench, command, "--database", uri, "--seconds", seconds, *arguments]
    ran = subprocess.run([str(word) for word in words], env=clean_environment(), capture_output=True, text=True,
                         timeout=seconds + 120, check=False)
    found = re.search(r"^figures (\{.*\})$", ran.stdout, re.MULTILINE)
    if ran.returncode != 0 or not found:
        raise Failure(f"store-bench {command} failed ({ran.returncode}): {ran.stdout[-300:]}{ran.stderr[-500:]}")
    said = json.loads(found[1])
    said["rate"] = said["requests"] / said["microseconds"] * 1e6
    # The server counts the time of a connection once it has ended.
    time.sleep(0.2)
    said["server"] = (server.cpu_seconds() - before) / said["requests"] * 1e6 if server else 0
    return said


def _median(rounds, name):
    return statistics.median(each[name] for each in rounds)


def _latency(rounds):
    return f"{_median(rounds, 'p50') / 1e3:.2f} / {_median(rounds, 'p99') / 1e3:.2f}"


def _services(bench, server):
    """The service on SQLite, and the same service on a copy of its database in PostgreSQL."""
    database = bench.copy(bench.small, "both")
    uri = server.database("bench", bench.binary)
    bench.say("  copying the database to PostgreSQL")
    copy(bench.binary, database, uri)
    started = (bench.binary, database, bench.sandbox, bench.folder, None)
    return (Service(*started, None, "sqlite"),
            Service(*started, {"PAYPAGE_DATABASE_URL": uri} | SINGLE, "postgres"))


def firstpay(bench):
    """First pays by HTTP, compared with the same service on SQLite."""
    server = bench.postgres("firstpay")
    sqlite, postgres = _services(bench, server)
    services = [("SQLite", sqlite), ("PostgreSQL", postgres)]
    figures, costs = {name: [] for name, _ in services}, []
    for number in range(bench.options.rounds + 1):
        for name, service in in_turn(services, number):
            seconds, before = bench.options.seconds if number else 1, server.cpu_seconds()
            measured = with_cpu(service.pid, lambda: pay(
                service.port, f"h{number}{name[0]}_", 2, CALLERS, seconds))
            must_be_whole(measured, f"first pays ({name})")
            if number:
                figures[name].append(measured)
                if service is postgres:
                    costs.append((server.cpu_seconds() - before) / measured.requests * 1e6)
                bench.say(f"  {name}, round {number}: {measured.rate:,.0f}/s, p99 {measured.p99 / 1e3:.1f} ms, "
                          f"CPU {measured.cpu:.0f} µs")
    row = ratio_row("pg/firstpay-http", f"first pay, {CALLERS} callers, a sandbox without latency, PostgreSQL on the "
                    "same cores", "the same on SQLite", 1.0, figures["PostgreSQL"], figures["SQLite"])
    row.cpu = (f"{median_of(figures['PostgreSQL'], 'cpu'):.0f} + {statistics.median(costs):.0f} (server) / "
               f"{median_of(figures['SQLite'], 'cpu'):.0f}")
    return [row]


def page(bench):
    """GET page, hit, compared with the same service on SQLite."""
    server = bench.postgres("page")
    sqlite, postgres = _services(bench, server)
    seeded, count = bench.small, 10_000
    requests = bench.page_requests(seeded, range(1, count + 1), "both")
    samples = tuple(index for index in SAMPLES if index <= count)
    for service in (sqlite, postgres):
        fill(service.port, (page_request(seeded.number(n)) for n in range(1, count + 1)))
    contenders = [
        Contender(name, service.started, service.port, requests,
                  lambda port=service.port: expect_page(port, seeded, samples), service,
                  bench.background.cost_for(service, 3))
        for name, service in (("PostgreSQL", postgres), ("SQLite", sqlite))]
    busy = interleave(bench, contenders, **BUSY)
    calm = interleave(bench, contenders, **CALM)
    what = f"GET page, hit, API key ({len(seeded.content) / 1e3:.1f} kB of HTML), each proven by PostgreSQL"
    ours, theirs = calm["PostgreSQL"], calm["SQLite"]
    p99 = median_of(ours, "p99") / 1e3
    ratios = quotients(ours, theirs)
    return [
        ratio_row("pg/page", what, "the same on SQLite", 0.6, busy["PostgreSQL"], busy["SQLite"]),
        Row("pg/page-latency", "GET page, hit, 4 connections, each proven by PostgreSQL", "the same on SQLite",
            "p99 ≤ 1.5 ms", p99 <= 1.5, f"p99 **{p99:.2f} ms**, {statistics.median(ratios):.2f} × the hits",
            cpu=f"{cpu_of(ours)} / {cpu_of(theirs)}", latency=f"{milliseconds(ours)}; {milliseconds(theirs)}",
            beside=beside(ours, theirs)),
    ]
