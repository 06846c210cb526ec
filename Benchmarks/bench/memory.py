"""Memory: at rest, for a connection, for a page that is kept, and for an event stream."""

import re
import socket
import statistics
import struct
import subprocess
import time

from .bench import WARM
from .load import page_request
from .processes import LOOPBACK, Failure, resident
from .results import Row, at_most
from .rivals import BareRoute, fill

MEBIBYTE = 1 << 20
# The time until memory that only the start needs is released.
SETTLE_SECONDS = 3
# Each sample is a process of its own, and some take ten seconds. Fewer give no interval.
SAMPLES = 6
IDLE = 2_000
# Requests before the first figure, so that one-time allocations are not counted.
FIRST = 2_000
# 40 MiB of the 86 MiB that the first measured binary loads: less than half of them is touched by a service that waits.
MOST_AT_REST = 0.46
MOST_OF_PAGES, MOST_MILLION, MOST_IDLE, MOST_STREAM_KIB = 1.5, 1.1, 1.0, 24
STREAMS_HOLD_SECONDS = 6


def samples(bench):
    return min(bench.options.rounds, SAMPLES)


def rest(bench):
    """Memory of an idle service, and the cost of an idle connection, compared with a bare route's."""
    services = [bench.service(bench.folder / f"empty-{n}.sqlite", f"rest-{n}") for n in range(samples(bench))]
    time.sleep(SETTLE_SECONDS)
    held = [resident(service.pid) for service in services]
    for service in services:
        service.stop()
    ours, theirs = [], []
    path, first = bench.copy(bench.small, "idle"), page_request(bench.small.number(1))
    for number in range(samples(bench)):
        service = bench.service(path, "idle")
        bare = BareRoute(bench.bare_route, bench.folder, [("Content-Type", "text/html")], bench.small.page(1).encode())
        for server in (service, bare):
            fill(server.port, [first] * FIRST)
        for found, each in zip((ours, theirs), _idle_connections((service, bare), len(bench.small.content))):
            found.append(each)
        for server in (service, bare):
            server.started.stop()
        bench.say(f"  round {number + 1}: an idle connection {ours[-1]:.1f} KiB, bare route {theirs[-1]:.1f} KiB")
    loaded = loaded_bytes(bench.binary)
    whole, own = (statistics.median(sizes) / MEBIBYTE for sizes in zip(*held))
    return [
        Row("memory/rest", "memory at rest, an empty database", "what the binary loads: code and data",
            at_most(MOST_AT_REST), [size / loaded for size, _ in held],
            f"{whole:.1f} of {loaded / MEBIBYTE:.0f} MiB, {own:.1f} without files that are mapped"),
        Row("memory/idle", f"memory of an idle connection ({IDLE:,} of them, after one hit each)",
            "the same at a bare Hummingbird route", at_most(MOST_IDLE),
            [mine / other for mine, other in zip(ours, theirs)],
            f"{statistics.median(ours):.1f} KiB, {statistics.median(theirs):.1f} at the route"),
    ]


def loaded_bytes(binary):
    """The bytes of the segments that the kernel maps: symbols and debugging information don't count."""
    with open(binary, "rb") as file:
        head = file.read(64)
        if head[:6] != b"\x7fELF\x02\x01":
            raise Failure(f"{binary} is no 64-bit ELF file")
        table, = struct.unpack_from("<Q", head, 32)
        size, count = struct.unpack_from("<HH", head, 54)
        total = 0
        for place in range(count):
            file.seek(table + place * size)
            kind, _, _, _, _, _, in_memory, _ = struct.unpack("<IIQQQQQQ", file.read(56))
            total += in_memory if kind == 1 else 0
    return total


def _idle_connections(servers, answer_length):
    """KiB of one of many connections that have had an answer, at each server."""
    before, made = _sizes(servers), []
    for server in servers:
        made += [_answered_connection(server, answer_length) for _ in range(IDLE)]
    after = _sizes(servers)
    for connection in made:
        connection.close()
    return [(now - then) / IDLE / 1_024 for now, then in zip(after, before)]


def _sizes(servers):
    """The resident bytes of each server, once it has settled."""
    time.sleep(SETTLE_SECONDS)
    return [resident(server.started.pid)[0] for server in servers]


def _answered_connection(server, answer_length):
    connection = socket.create_connection((LOOPBACK, server.port), timeout=10)
    connection.sendall(page_request("bench_0000001").encode())
    seen = b""
    while len(seen) < answer_length:
        part = connection.recv(65_536)
        if not part:
            raise Failure("an idle connection was closed")
        seen += part
    return connection


def warm(bench):
    """Memory of 50,000 warm pages, with 60,000 and with 1,000,000 orders stored."""
    databases = [(bench.main, bench.copy(bench.main, "warm")), (bench.million, bench.million.path)]
    grown, held, held_by_million = [], [], []
    for number in range(samples(bench)):
        services = [bench.service(path, "warm") for _, path in databases]
        _fill_pages(services, databases, range(1, FIRST + 1))
        before = _sizes(services)[0]
        _fill_pages(services, databases, range(FIRST + 1, WARM + 1))
        main, million = _sizes(services)
        grown.append((main - before) / ((WARM - FIRST) * len(bench.main.content.encode())))
        held.append(main)
        held_by_million.append(million)
        bench.say(f"  round {number + 1}: {main / MEBIBYTE:.0f} and {million / MEBIBYTE:.0f} MiB")
        for service in services:
            service.stop()
    return [
        Row("memory/warm", f"memory that {WARM:,} warm pages take", "the pages' own bytes", at_most(MOST_OF_PAGES),
            grown, f"{statistics.median(held) / MEBIBYTE:.0f} MiB in all"),
        Row("memory/million", f"memory with 1,000,000 orders stored, {WARM:,} warm", "60,000 orders stored",
            at_most(MOST_MILLION), [mine / other for mine, other in zip(held_by_million, held)],
            f"{statistics.median(held_by_million) / MEBIBYTE:.0f} MiB"),
    ]


def _fill_pages(services, databases, indexes):
    for service, (seeded, _) in zip(services, databases):
        fill(service.port, (page_request(seeded.number(n)) for n in indexes))


def streams(bench):
    """Memory of an event stream, by `Benchmarks/streams`, which checks that each client was told."""
    each, told = [], []
    for number in range(samples(bench)):
        command = [bench.root / "Benchmarks/streams", "--binary", bench.binary, "--hold", str(STREAMS_HOLD_SECONDS)]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
        if ran.returncode != 0:
            raise Failure(f"Benchmarks/streams: {(ran.stderr or ran.stdout).strip()[-300:]}")
        each.append(float(re.search(r"memory per client +([\d.]+) KiB", ran.stdout)[1]))
        told.append(float(re.search(r"last client told +p50 ([\d.]+) ms", ran.stdout)[1]))
        bench.say(f"  round {number + 1}: {each[-1]:.1f} KiB for a stream, {told[-1]:.1f} ms to the last client")
    return [Row(
        "memory/stream", "memory of an event stream, 2,000 clients of 100 orders", "", at_most(MOST_STREAM_KIB, " KiB"),
        each, f"a payment is told to the last of 20 clients after {statistics.median(told):.0f} ms (p50)",
        needs="each client told", digits=1)]
