"""Hits beside open event streams."""

import socket

from .bench import WARM
from .hits import CALM, contender, floor_contender, warm
from .measure import interleave
from .processes import LOOPBACK, Failure
from .results import ratio_row, tail_row
from .service import API_KEY

STREAMS = 64
# A stream that waits costs a comment every 15 s: nothing that a hit may feel, within what the rounds can tell.
LEAST_RATE, MOST_P99 = 0.95, 1.1


def streams(bench):
    """GET page beside 64 open event streams, compared with the same service without streams."""
    seeded = bench.main
    followed = bench.service(bench.copy(seeded, "followed"), "followed")
    alone = bench.service(bench.copy(seeded, "alone"), "alone")
    warm(bench, seeded, followed, alone)
    requests = bench.page_requests(seeded, range(1, WARM + 1), "warm")
    contenders = [contender(name, service, seeded, requests, service, bench.background.cost_for(service, 3))
                  for name, service in (("streams", followed), ("none", alone))]
    contenders.append(floor_contender(bench, alone, seeded, requests))
    opened = [_open(followed.port, seeded.number(index)) for index in range(1, STREAMS + 1)]
    figures = interleave(bench, contenders, **CALM)
    for stream in opened:
        _must_be_open(stream)
        stream.close()
    ours, theirs, floor = figures["streams"], figures["none"], figures["floor"]
    what = f"GET page, hit, 4 connections, beside {STREAMS} open event streams"
    return [
        ratio_row("streams", what, "without streams", LEAST_RATE, ours, theirs, floor),
        tail_row("streams/p99", f"{what}: p99", "without streams", MOST_P99, ours, theirs, floor),
    ]


def _open(port, number):
    """An event stream that has had its first event."""
    stream = socket.create_connection((LOOPBACK, port), timeout=30)
    stream.sendall((f"GET /v1/payments/{number}/events HTTP/1.1\r\nHost: {LOOPBACK}\r\n"
                    f"Authorization: Bearer {API_KEY}\r\n\r\n").encode())
    seen = b""
    while b"data: " not in seen:
        part = stream.recv(65_536)
        seen += part
        if not part or not seen.startswith(b"HTTP/1.1 200 "[:len(seen)]):
            raise Failure(f"the event stream of {number} did not open: {seen[:200]!r}")
    return stream


def _must_be_open(stream):
    """Reads what has arrived, and fails if the stream has ended."""
    stream.setblocking(False)
    try:
        while part := stream.recv(65_536):
            if part.endswith(b"0\r\n\r\n"):
                break
        raise Failure("an event stream ended beside the hits")
    except BlockingIOError:
        pass
