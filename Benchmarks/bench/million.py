"""A million stored orders: speed, memory, start time, and pages from the kernel's page cache."""

import statistics

from .bench import WARM
from .hits import BUSY, CALM
from .load import ask, must_be_whole, page_request, with_cpu
from .measure import Contender, expect_page, interleave
from .processes import bytes_read, resident
from .results import Row, beside, cpu_of, median_of, milliseconds, ratio_row, spread
from .rivals import fill
from .seed import put_off_asking

MEBIBYTE = 1 << 20
# Reading more would mean a scan: the database has gigabytes.
NO_SCAN = 64 * MEBIBYTE
# Each is requested only once in a round. More than four callers can request in a round.
COLD = 180_000


def million(bench):
    """Hits over a million orders compared with hits over ten thousand, then the memory in use."""
    path, service = _serve_million(bench)
    small = bench.service(bench.copy(bench.small, "small"), "small")
    sides = [("1,000,000 orders", service, bench.million, WARM), ("10,000 orders", small, bench.small, 10_000)]
    contenders = []
    for name, server, seeded, count in sides:
        bench.say(f"asking for {count:,} pages once, of {name}")
        fill(server.port, (page_request(seeded.number(n)) for n in range(1, count + 1)))
        requests = bench.page_requests(seeded, range(1, count + 1), name.split()[0].replace(",", ""))
        cost = bench.background.cost_for(server, 3)
        contenders.append(Contender(
            name, server.started, server.port, requests,
            lambda server=server, seeded=seeded, count=count: expect_page(server.port, seeded, (1, 777, count)),
            server, cost))
    figures = interleave(bench, contenders, **BUSY)
    held, of_its_own = resident(service.pid)
    return [
        ratio_row("million", f"GET page, hit, 1,000,000 orders stored, {WARM:,} warm", "10,000 orders stored", 0.8,
                  figures["1,000,000 orders"], figures["10,000 orders"]),
        Row("memory/million", f"memory with 1,000,000 orders stored, {WARM:,} warm, after the rounds above", "",
            "< 200 MiB", held < 200 * MEBIBYTE,
            f"**{held / MEBIBYTE:.0f} MiB**, {of_its_own / MEBIBYTE:.0f} without files that are mapped"),
    ]


def cold(bench):
    """Hits on four connections, each page requested once, so that none is in the process's memory."""
    seeded = bench.million
    _, service = _serve_million(bench)
    cost = bench.background.cost_for(service, 3)
    bench.background.go_on_at(service)
    rounds = []
    for number in range(bench.options.rounds):
        first = WARM + 1 + number % 5 * COLD
        requests = bench.page_requests(seeded, range(first, first + COLD), f"cold-{number % 5}")
        expect_page(service.port, seeded, (first - 1,))
        figures = with_cpu(
            service.pid, lambda: ask(service.port, requests, **CALM, seconds=bench.options.seconds),
            bench.background, cost)
        must_be_whole(figures, "cold hits")
        rounds.append(figures)
        bench.say(f"  cold, round {number + 1}: {figures.rate:,.0f}/s, p99 {figures.p99 / 1e3:.2f} ms")
    bench.background.pause()
    p99 = median_of(rounds, "p99") / 1e3
    again = max(figures.requests for figures in rounds) > COLD or bench.options.rounds > 5
    return [Row(
        "latency/sqlite", "GET page, hit, 4 connections, each page asked for once, 1,000,000 stored",
        "nginx's, above", "p99 < 1 ms", p99 < 1 and not again,
        f"p99 **{p99:.2f} ms**, {min(f.p99 for f in rounds) / 1e3:.2f} to {max(f.p99 for f in rounds) / 1e3:.2f}"
        + (" (some were asked for twice)" if again else ""),
        cpu=f"{cpu_of(rounds)} /", latency=milliseconds(rounds) + ";", beside=beside(rounds))]


def start(bench):
    """From the start of the process to its first successful `/readyz`."""
    path, service = _serve_million(bench)
    service.stop()
    times, read = [], []
    for number in range(bench.options.rounds):
        service = bench.service(path, "million")
        times.append(service.seconds_to_ready)
        read.append(bytes_read(service.pid))
        service.stop()
    bench.say(f"  ready after {', '.join(f'{time:.2f} s' for time in times)}")
    return [Row(
        "start", "start to ready with 1,000,000 orders stored", "", "< 0.5 s, no scan",
        statistics.median(times) < 0.5 and max(read) < NO_SCAN,
        f"{spread(times)} s, {max(read) / MEBIBYTE:.1f} MiB read")]


def _serve_million(bench):
    """Uses the database itself: a copy would take gigabytes, and a run adds little to it."""
    path = bench.million.path
    put_off_asking(path)
    bench.say("reading the database of 1,000,000 orders once, so that it is in the disk's cache")
    with open(path, "rb", buffering=0) as file:
        while file.read(64 * MEBIBYTE):
            pass
    return path, bench.service(path, "million")
