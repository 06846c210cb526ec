"""A million stored orders: speed, memory, start time, and pages from the kernel's page cache."""

import statistics

from .bench import WARM
from .hits import BUSY, CALM, contender, floor_contender, warm
from .load import ask, must_be_whole, page_request, with_cpu
from .measure import expect_page, in_turn, interleave
from .processes import bytes_read
from .results import Row, at_most, ratio_row, tail_row
from .rivals import fill
from .seed import put_off_asking

MEBIBYTE = 1 << 20
# Reading more would mean a scan: the database has gigabytes.
NO_SCAN = 64 * MEBIBYTE
MOST_START = 1.5
# A round's pages are requested only once. More than four callers can request in a round of two seconds.
COLD, COLD_ROUNDS = 90_000, 10
# A page from the database may take twice the time of a page from nginx's memory.
MOST_COLD = 2.0


def million(bench):
    """Hits over a million orders compared with hits over ten thousand."""
    path, service = _serve_million(bench)
    small = bench.service(bench.copy(bench.small, "small"), "small")
    sides = [("1,000,000 orders", service, bench.million, WARM), ("10,000 orders", small, bench.small, 10_000)]
    contenders = []
    for name, server, seeded, count in sides:
        bench.say(f"asking for {count:,} pages once, of {name}")
        fill(server.port, (page_request(seeded.number(n)) for n in range(1, count + 1)))
        requests = bench.page_requests(seeded, range(1, count + 1), name.split()[0].replace(",", ""))
        cost = bench.background.cost_for(server, 3)
        contenders.append(contender(name, server, seeded, requests, server, cost, (1, 777, count)))
    contenders.append(floor_contender(bench, service, bench.million, contenders[0].requests))
    figures = interleave(bench, contenders, **BUSY)
    return [ratio_row("million", f"GET page, hit, 1,000,000 orders stored, {WARM:,} warm", "10,000 orders stored", 0.8,
                      figures["1,000,000 orders"], figures["10,000 orders"], figures["floor"])]


def cold(bench):
    """Hits on four connections, each page requested once, so that none is in the process's memory."""
    seeded = bench.million
    _, service = _serve_million(bench)
    nginx = bench.nginx(service)
    warm(bench, seeded, nginx)
    cost = bench.background.cost_for(service, 3)
    requests = bench.page_requests(seeded, range(1, WARM + 1), "warm-million")
    rivals = [contender("nginx", nginx, seeded, requests, service), floor_contender(bench, service, seeded, requests)]
    ours, theirs = [], {rival.name: [] for rival in rivals}
    bench.background.go_on_at(service)
    for number in range(bench.options.rounds):
        ours.append(_cold_round(bench, service, number, cost))
        for rival in rivals:
            measured = with_cpu(
                rival.started.pid, lambda: ask(rival.port, requests, **CALM, seconds=bench.options.seconds,
                                               since=rival.since), bench.background)
            rival.since += measured.requests // CALM["threads"]
            must_be_whole(measured, rival.name)
            theirs[rival.name].append(measured)
    bench.background.pause()
    again = max(figures.requests for figures in ours) > COLD or bench.options.rounds > COLD_ROUNDS
    return [tail_row(
        "latency/sqlite", "GET page, hit, 4 connections, each page asked for once, 1,000,000 stored: p99",
        "nginx proxy_cache hit, p99", MOST_COLD, ours, theirs["nginx"], theirs["floor"],
        needs="no page twice", faults=["some were asked for twice"] if again else [])]


def _cold_round(bench, service, number, cost):
    seeded, first = bench.million, WARM + 1 + number % COLD_ROUNDS * COLD
    requests = bench.page_requests(seeded, range(first, first + COLD), f"cold-{number % COLD_ROUNDS}")
    expect_page(service.port, seeded, (first - 1,))
    figures = with_cpu(
        service.pid, lambda: ask(service.port, requests, **CALM, seconds=bench.options.seconds), bench.background, cost)
    must_be_whole(figures, "cold hits")
    bench.say(f"  cold, round {number + 1}: {figures.rate:,.0f}/s, p99 {figures.p99 / 1e3:.2f} ms")
    return figures


def start(bench):
    """From the start of the process to its first successful `/readyz`, with many orders and with none."""
    path, service = _serve_million(bench)
    service.stop()
    empty = bench.folder / "start.sqlite"
    # The first start makes the schema.
    bench.service(empty, "empty").stop()
    seconds, read = {path: [], empty: []}, []
    for number in range(bench.options.rounds):
        for database in in_turn([path, empty], number):
            service = bench.service(database, "start")
            seconds[database].append(service.seconds_to_ready)
            if database is path:
                read.append(bytes_read(service.pid))
            service.stop()
    bench.say(f"  ready after {', '.join(f'{each:.3f} s' for each in seconds[path])}")
    ours, theirs = seconds[path], seconds[empty]
    return [Row(
        "start", "start to ready with 1,000,000 orders stored", "an empty database", at_most(MOST_START),
        [mine / other for mine, other in zip(ours, theirs)],
        f"{statistics.median(ours):.3f} s, {statistics.median(theirs):.3f} when empty, "
        f"{max(read) / MEBIBYTE:.1f} MiB read", needs="no scan",
        faults=[f"{max(read) / MEBIBYTE:.0f} MiB were read"] if max(read) >= NO_SCAN else [])]


def _serve_million(bench):
    """Uses the database itself: a copy would take gigabytes, and a run adds little to it."""
    path = bench.million.path
    put_off_asking(path)
    bench.say("reading the database of 1,000,000 orders once, so that it is in the disk's cache")
    with open(path, "rb", buffering=0) as file:
        while file.read(64 * MEBIBYTE):
            pass
    return path, bench.service(path, "million")
