"""First pays: their number per commit, the effect of a slow provider, and many callers for one order."""

import asyncio
import json
import time

from .load import must_be_whole, pay, with_cpu
from .measure import in_turn
from .processes import LOOPBACK, Failure
from .results import Row, at_least, at_most, compared, median_of, milliseconds
from .rivals import BareRoute
from .service import API_KEY, answer_of, order

CALLERS = 64
# The most writes of a commit.
ONE_EACH = "PAYPAGE_DATABASE_WRITES_PER_COMMIT"

# A thousand callers. Each pays, waits for the page, and pays again after this average time.
MANY, PAUSE = 1_000, 4_000
PROVIDER_MILLISECONDS = 200
# A round lasts as long as this many rounds of the other rows.
PROVIDER_ROUNDS = 2

CROWD = 200
CROWD_PROVIDER_MILLISECONDS = 1_000


def firstpay(bench):
    """First pays of 64 callers, FULL: grouped commits, one commit each, and a bare route with the same bytes."""
    groups = bench.service(bench.copy(bench.small, "groups"), "groups")
    single = bench.service(bench.copy(bench.small, "single"), "single", **{ONE_EACH: "1"})
    answer = answer_to_first_pay(groups, "firstpay_sample")
    bare = BareRoute(bench.bare_route, bench.folder, *answer)
    servers = [("groups", groups), ("one each", single), ("bare route", bare)]
    figures = pays_in_turn(bench, servers)
    ours, bare = figures["groups"], figures["bare route"]
    what = f"first pay, {CALLERS} callers, a sandbox without latency, `synchronous = FULL`"
    return [
        compared("firstpay", what, "one transaction a commit", at_least(3, whole=2.7), ours, figures["one each"]),
        compared("firstpay/bare", f"{what}: CPU", "a bare Hummingbird route, the same bytes: CPU", at_most(6), ours,
                 bare, figure="cpu"),
    ]


def answer_to_first_pay(service, number):
    """The header fields and the body of a real answer."""
    return answer_of(service.port, "/v1/payments", "POST", order(number), **{"Idempotency-Key": number})


def pays_in_turn(bench, servers):
    """The figures of first pays at each server, by name and round. Round 0 does not count."""
    figures = {name: [] for name, _ in servers}
    for number in range(bench.options.rounds + 1):
        for place, (name, server) in in_turn(list(enumerate(servers)), number):
            seconds = bench.options.seconds if number else 1
            measured = with_cpu(server.started.pid, lambda: pay(
                server.port, f"p{number}s{place}_", 2, CALLERS, seconds))
            must_be_whole(measured, f"first pays ({name})")
            if number:
                figures[name].append(measured)
                bench.say(f"  {name}, round {number}: {measured.rate:,.0f}/s, p99 {measured.p99 / 1e3:.1f} ms, "
                          f"CPU {measured.cpu:.0f} µs")
    return figures


def provider(bench):
    """First pays of a thousand callers at a provider that takes 200 ms."""
    service = bench.service(bench.copy(bench.small, "provider"))
    bench.sandbox.slow_down(PROVIDER_MILLISECONDS)
    rounds, refused = [], 0
    # A round's p99 needs hundreds of calls, and each caller makes one in four seconds. Round 0 warms up.
    for number in range(bench.options.rounds + 1):
        measured = with_cpu(service.pid, lambda: pay(
            service.port, f"provider{number}_", 2, MANY, bench.options.seconds * PROVIDER_ROUNDS, PAUSE))
        if measured.broken:
            raise Failure(f"first pays at a slow provider: {measured.broken} connections failed")
        bench.say(f"  round {number}: {measured.rate:,.0f}/s, p99 {measured.p99 / 1e3:.0f} ms, {measured.refused} of "
                  f"{measured.requests} refused")
        if number:
            rounds.append(measured)
            refused += measured.refused
    calls = sum(measured.requests for measured in rounds)
    in_flight = median_of(rounds, "rate") * median_of(rounds, "mean") / 1e6
    return [Row(
        "provider", f"first pay, provider latency 200 ms, {MANY:,} callers, each of whom pays, and again after "
        f"{PAUSE / 1e3:.0f} s on the average: p99", "the provider's own latency", at_most(1.5),
        [measured.p99 / 1e3 / PROVIDER_MILLISECONDS for measured in rounds],
        f"{calls:,} calls, {median_of(rounds, 'rate'):,.0f}/s, {in_flight:.0f} in flight on the average",
        needs="none refused", faults=[f"{refused / calls:.1%} were refused"] if refused else [],
        cpu=f"{median_of(rounds, 'cpu'):.0f} /", latency=milliseconds(rounds) + ";")]


def crowd(bench):
    """200 callers for one new order, while the provider takes a second."""
    service = bench.service(bench.copy(bench.small, "crowd"))
    bench.sandbox.slow_down(CROWD_PROVIDER_MILLISECONDS)
    last, calls = [], []
    for number in range(bench.options.rounds):
        order_number = f"crowd_{number}"
        last.append(asyncio.run(_rush(service.port, order_number)))
        calls.append(bench.sandbox.trade(f"{order_number}_1")["creates"])
        bench.say(f"  round {number + 1}: the last of {CROWD} was answered after {last[-1]:.3f} s, {calls[-1]} calls")
    return [Row(
        "crowd", f"{CROWD} callers for one order while the provider takes 1 s: the last answer",
        "the provider's own latency", at_most(1.2), [one * 1e3 / CROWD_PROVIDER_MILLISECONDS for one in last],
        needs="one provider call", faults=[f"{max(calls)} provider calls"] if max(calls) > 1 else [], digits=3)]


async def _rush(port, number):
    """The time of the last answer, in seconds after all requests were sent."""
    connections = [await asyncio.open_connection(LOOPBACK, port) for _ in range(CROWD)]
    body = json.dumps(order(number))

    async def one(place, reader, writer):
        # Different keys: these are different calls for one order, not one repeated call.
        writer.write((f"POST /v1/payments HTTP/1.1\r\nHost: {LOOPBACK}\r\nAuthorization: Bearer {API_KEY}\r\n"
                      f"Idempotency-Key: {number}-{place}\r\nContent-Type: application/json\r\nConnection: close\r\n"
                      f"Content-Length: {len(body)}\r\n\r\n{body}").encode())
        head, _, answer = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        if head[9:12] not in (b"200", b"201"):
            raise Failure(f"a caller for the shared order was answered with {head[:100]!r} {answer[:200]!r}")
        return time.perf_counter(), json.loads(answer)["page"]["content"]

    began = time.perf_counter()
    async with asyncio.timeout(60):
        answers = await asyncio.gather(*(one(place, *streams) for place, streams in enumerate(connections)))
    if len({content for _, content in answers}) != 1:
        raise Failure("the callers for one order got different pages")
    return max(at for at, _ in answers) - began
