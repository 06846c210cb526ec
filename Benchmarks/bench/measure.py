"""Interleaved rounds of contenders, so that other load on the machine affects all of them alike."""

from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from .load import ask, must_be_whole, page_path, with_cpu
from .processes import Failure, Started
from .service import Service, as_merchant, call


@dataclass
class Contender:
    """A server in the comparison: its address, its requests and the check of its answers."""

    name: str
    started: Started
    port: int
    requests: Path
    # Requests a few samples and fails if one is wrong.
    check: Callable[[], None]
    # The service that receives the first pays in the background.
    writes_to: Service
    # The CPU seconds of one background pay, if its service is the one measured.
    cost_of_write: float = 0
    # The number of requests that each thread has sent in earlier rounds. The next round continues there.
    since: int = 0


def in_turn(contenders, number):
    """A B in one round, B A in the next, so that no contender always runs second."""
    return contenders if number % 2 else contenders[::-1]


def interleave(bench, contenders, threads, connections):
    """The figures of each contender, by name and round."""
    rounds, seconds = bench.options.rounds, bench.options.seconds
    for contender in contenders:
        contender.check()
    figures = {contender.name: [] for contender in contenders}
    target = None
    # Round 0 warms up connections, caches and processors. It does not count, and each of its answers is checked.
    for number in range(rounds + 1):
        for contender in in_turn(contenders, number):
            if target is not contender.writes_to:
                target = contender.writes_to
                bench.background.go_on_at(target)
            contender.started.must_run()
            length = seconds if number else 1
            measured = with_cpu(
                contender.started.pid,
                lambda: ask(contender.port, contender.requests, threads, connections, length, contender.since,
                            check=number == 0),
                bench.background, contender.cost_of_write)
            contender.since += measured.requests // threads
            must_be_whole(measured, contender.name)
            if number:
                figures[contender.name].append(measured)
                bench.say(f"  {contender.name}, round {number} of {rounds}: {measured.rate:,.0f}/s, "
                          f"p99 {measured.p99 / 1e3:.2f} ms, CPU {measured.cpu:.0f} µs")
    bench.background.pause()
    for contender in contenders:
        contender.check()
    return figures


def expect_page(port, seeded, indexes):
    """Checks that each order gets exactly its own page."""
    for index in indexes:
        path = page_path(seeded.number(index))
        status, _, body = call(port, "GET", path, headers=as_merchant(Accept="text/html"))
        if status != 200 or body.decode() != seeded.page(index):
            raise Failure(f"{path} was answered with {status} and another page than the stored one: {body[:200]!r}")


def expect_body(port, method, path, expected):
    status, _, body = call(port, method, path, {} if method == "POST" else None)
    if status != 200 or body != expected:
        raise Failure(f"{method} {path} was answered with {status} and another body: {body[:200]!r}")
