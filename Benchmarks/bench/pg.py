"""The store in PostgreSQL: the ledger alone, and the service beside the same service on SQLite."""

import json
import re
import statistics
import subprocess
import time

from .hits import BUSY, CALM, SAMPLES, contender, floor_contender
from .load import must_be_whole, page_request, pay, with_cpu
from .measure import in_turn, interleave
from .pays import CALLERS
from .postgres import copy
from .processes import Failure, clean_environment
from .results import Row, at_least, at_most, median_of, ratio_row, tail_row
from .rivals import fill
from .service import Service

# The smallest commit. A first pay makes two decisions of several rows, and may cost as much as two of them.
COMMIT = "INSERT INTO commits (note) VALUES ('one')"
LEAST_PAYS, MOST_PAY_P99, MOST_PAY_CPU = 0.5, 2, 2
# All proofs that wait share a statement, so there are more of them than round trips. A single proof waits for two more
# threads than a round trip of pgbench.
LEAST_PROOFS, MOST_PROOF_P50, MOST_PROOF_P99 = 3, 8, 8
# The absolute goals were 1.5 ms and 0.5 ms.
MOST_PAGE_P99 = 3
# Enough for tens of thousands.
PROOF_SECONDS = 1
LIST_ROUNDS = 3
# One server, which loses nothing that the machine does not lose.
SINGLE = {"PAYPAGE_DATABASE_DURABILITY": "single"}
ONE_EACH = ("--decisions-per-commit", "1")
WRITERS = 8


def ledger(bench):
    """The ledger without the service: first pays, proofs of pages, and a list beside writers."""
    server = bench.postgres("ledger")
    uri = server.database("ledger", bench.binary)
    server.rows("CREATE TABLE commits (id bigserial PRIMARY KEY, note text NOT NULL)")
    return [*_first_pays(bench, server, uri), *_proofs(bench, server, uri), _list(bench, uri)]


def _first_pays(bench, server, uri):
    def pays(seconds, *more):
        return _driver(bench, server, "first-pays", uri, seconds, "--callers", CALLERS, *more)

    figures = _figures_in_turn(bench, {
        "together": pays, "one each": lambda seconds: pays(seconds, *ONE_EACH),
        "bare": lambda seconds: server.bare(COMMIT, CALLERS, seconds)}, bench.options.seconds)
    ours, single, bare = figures["together"], figures["one each"], figures["bare"]
    what, commit = f"first pay, {CALLERS} callers, the ledger alone", "the server's own commits of one row (pgbench)"
    latency = f"{_latency(ours)}; {_latency(bare)}"
    rates = f"{_median(ours, 'rate'):,.0f}/s, {_median(bare, 'rate'):,.0f} commits/s"
    return [
        Row("pg/firstpay-ledger", what, commit, at_least(LEAST_PAYS), _quotients(ours, bare, "rate"), rates,
            cpu=_server_cpu(ours, bare), latency=latency),
        Row("pg/firstpay-p99", f"{what}: p99", commit, at_most(MOST_PAY_P99), _quotients(ours, bare, "p99"),
            cpu=_server_cpu(ours, bare), latency=latency),
        Row("pg/firstpay-server", f"{what}: CPU of the server", commit, at_most(MOST_PAY_CPU),
            _quotients(ours, bare, "server"), cpu=_server_cpu(ours, bare)),
        Row("pg/grouped", what, "one decision a commit", at_least(4), _quotients(ours, single, "rate"),
            cpu=_server_cpu(ours, single), latency=f"{_latency(ours)}; {_latency(single)}"),
    ]


def _proofs(bench, server, uri):
    def proofs(waiting):
        return lambda seconds: _driver(bench, server, "proofs", uri, seconds, "--waiting", waiting)

    figures = _figures_in_turn(bench, {
        "many": proofs(64), "few": proofs(1), "bare many": lambda seconds: server.bare("SELECT 1", 64, seconds),
        "bare few": lambda seconds: server.bare("SELECT 1", 2, seconds)}, PROOF_SECONDS)
    if any(said["unproven"] for said in figures["many"] + figures["few"]):
        raise Failure("the store proves no page")
    many, few, bare_many, bare_few = (figures[name] for name in ("many", "few", "bare many", "bare few"))
    trip = "`SELECT 1` of as many clients (pgbench)"
    return [
        Row("pg/proof", "proof of a cached page, 2 loops with 64 waiting each, one connection",
            "`SELECT 1` of 64 clients (pgbench)", at_least(LEAST_PROOFS), _quotients(many, bare_many, "rate"),
            f"{_median(many, 'rate'):,.0f}/s, {_median(bare_many, 'rate'):,.0f} round trips/s",
            cpu=_server_cpu(many, bare_many), latency=f"{_latency(many)}; {_latency(bare_many)}"),
        Row("pg/proof-latency", "proof of a cached page, 2 waiting: p50", f"{trip}, p50", at_most(MOST_PROOF_P50),
            _quotients(few, bare_few, "p50"), latency=f"{_latency(few)}; {_latency(bare_few)}"),
        Row("pg/proof-p99", "proof of a cached page, 2 waiting: p99", f"{trip}, p99", at_most(MOST_PROOF_P99),
            _quotients(few, bare_few, "p99"), latency=f"{_latency(few)}; {_latency(bare_few)}"),
    ]


def _list(bench, uri):
    said = _driver(bench, None, "list", uri, bench.options.seconds * LIST_ROUNDS, "--writers", WRITERS)
    missed = said["missed"]
    return Row("pg/list", f"a list of changes beside {WRITERS} writers", "", None, [], f"{said['orders']:,} orders",
               needs="none missed", faults=[f"{missed} orders missed"] if missed else [],
               latency=f"{_latency([said])};")


def _figures_in_turn(bench, kinds, seconds):
    """The figures of each kind, by name and round. Round 0 does not count."""
    figures = {name: [] for name in kinds}
    for number in range(bench.options.rounds + 1):
        for name, measure in in_turn(list(kinds.items()), number):
            said = measure(seconds if number else 1)
            if number:
                figures[name].append(said)
                bench.say(f"  {name}, round {number}: {said['rate']:,.0f}/s, p99 {said['p99'] / 1e3:.2f} ms, "
                          f"server {said['server']:.1f} µs")
    return figures


def _driver(bench, server, command, uri, seconds, *arguments):
    """The figures of `store-bench`, with the server's CPU microseconds for each request."""
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


def _quotients(ours, theirs, figure):
    return [mine[figure] / other[figure] for mine, other in zip(ours, theirs)]


def _server_cpu(ours, theirs):
    return f"{_median(ours, 'server'):.0f} / {_median(theirs, 'server'):.0f} (server)"


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
    figures, costs = {"PostgreSQL": [], "SQLite": []}, []
    for number in range(bench.options.rounds + 1):
        for name, service in in_turn([("SQLite", sqlite), ("PostgreSQL", postgres)], number):
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
        contender(name, service, seeded, requests, service, bench.background.cost_for(service, 3), samples)
        for name, service in (("PostgreSQL", postgres), ("SQLite", sqlite))]
    contenders.append(floor_contender(bench, sqlite, seeded, requests))
    busy = interleave(bench, contenders, **BUSY)
    calm = interleave(bench, contenders, **CALM)
    what = f"GET page, hit, API key ({len(seeded.content) / 1e3:.1f} kB of HTML), each proven by PostgreSQL"
    return [
        ratio_row("pg/page", what, "the same on SQLite", 0.6, busy["PostgreSQL"], busy["SQLite"], busy["floor"]),
        tail_row("pg/page-latency", "GET page, hit, 4 connections, each proven by PostgreSQL: p99",
                 "the same on SQLite", MOST_PAGE_P99, calm["PostgreSQL"], calm["SQLite"], calm["floor"]),
    ]
