"""First pays: their number per commit, the effect of a slow provider, and many callers for one order."""

import asyncio
import json
import time

from .load import must_be_whole, pay, with_cpu
from .measure import in_turn
from .processes import LOOPBACK, Failure
from .results import Row, absent, median_of, milliseconds, ratio_row, spread
from .service import API_KEY, has_setting

CALLERS = 64
# 0: the service groups the writes that arrive during a commit. 1: one commit per write.
ONE_EACH = "PAYPAGE_DATABASE_WRITES_PER_COMMIT"

# A thousand callers. Each pays, waits for the page, and pays again after this average time.
MANY, PAUSE = 1_000, 4_000
PROVIDER_MILLISECONDS = 200
# Lasts as long as this many rounds of the other rows.
PROVIDER_ROUNDS = 6

CROWD = 200
CROWD_PROVIDER_MILLISECONDS = 1_000


def firstpay(bench):
    """First pays of 64 callers without provider latency, FULL: grouped commits compared with one commit each."""
    what, against = "first pay, 64 callers, a sandbox without latency, `synchronous = FULL`", "one transaction a commit"
    services = [("groups", bench.service(bench.copy(bench.small, "groups"), "groups"))]
    grouping = has_setting(bench.binary, ONE_EACH)
    if grouping:
        one_each = bench.service(bench.copy(bench.small, "single"), "single", **{ONE_EACH: "1"})
        services.append(("one each", one_each))
    figures = {name: [] for name, _ in services}
    for number in range(bench.options.rounds + 1):
        for name, service in in_turn(services, number):
            seconds = bench.options.seconds if number else 1
            measured = with_cpu(service.pid, lambda: pay(
                service.port, f"p{number}{name[0]}_", 2, CALLERS, seconds))
            must_be_whole(measured, f"first pays ({name})")
            if number:
                figures[name].append(measured)
                bench.say(f"  {name}, round {number}: {measured.rate:,.0f}/s, p99 {measured.p99 / 1e3:.1f} ms, "
                          f"CPU {measured.cpu:.0f} µs")
    if grouping:
        return [ratio_row("firstpay", what, against, 3, figures["groups"], figures["one each"])]
    ours = figures["groups"]
    row = absent("firstpay", what, against, "≥ 3", "this binary has no `database.writes.per.commit`")
    row.figure += f"; {median_of(ours, 'rate'):,.0f}/s as it is"
    row.cpu, row.latency = f"{median_of(ours, 'cpu'):.0f} /", milliseconds(ours) + ";"
    return [row]


def provider(bench):
    """First pays of a thousand callers at a provider that takes 200 ms."""
    service = bench.service(bench.copy(bench.small, "provider"))
    bench.sandbox.slow_down(PROVIDER_MILLISECONDS)
    # One long round, because a p99 needs thousands of calls and each caller makes one in four seconds. A warm-up round
    # precedes it and does not count.
    for name, seconds in (("warm", 4), ("long", bench.options.seconds * PROVIDER_ROUNDS)):
        measured = with_cpu(service.pid, lambda: pay(service.port, f"{name}_", 2, MANY, seconds, PAUSE))
        if measured.broken:
            raise Failure(f"first pays at a slow provider: {measured.broken} connections failed")
        in_flight = measured.rate * measured.mean / 1e6
        bench.say(f"  {name}: {measured.rate:,.0f}/s, {in_flight:.0f} in flight, p99 {measured.p99 / 1e3:.0f} ms, "
                  f"{measured.refused} of {measured.requests} refused")
    ratio, refused = measured.p99 / 1e3 / PROVIDER_MILLISECONDS, measured.refused
    figure = (f"**{ratio:.2f}** × 200 ms, {measured.requests:,} calls, {measured.rate:,.0f}/s, "
              f"{in_flight:.0f} in flight on the average")
    if refused:
        figure += f"; **{refused / measured.requests:.1%} were refused**"
    return [Row(
        "provider", f"first pay, provider latency 200 ms, {MANY:,} callers, each of whom pays, and again after "
        f"{PAUSE / 1e3:.0f} s on the average", "the provider's own latency", "p99 ≤ 1.5 ×",
        not refused and ratio <= 1.5, figure, cpu=f"{measured.cpu:.0f} /", latency=milliseconds([measured]) + ";")]


def crowd(bench):
    """200 callers for one new order, while the provider takes a second."""
    service = bench.service(bench.copy(bench.small, "crowd"))
    bench.sandbox.slow_down(CROWD_PROVIDER_MILLISECONDS)
    last, calls = [], []
    for number in range(bench.options.rounds):
        order = f"crowd_{number}"
        last.append(asyncio.run(_rush(service.port, order)))
        calls.append(bench.sandbox.trade(f"{order}_1")["creates"])
        bench.say(f"  round {number + 1}: the last of {CROWD} was answered after {last[-1]:.3f} s, {calls[-1]} calls")
    return [Row(
        "crowd", f"{CROWD} callers for one order while the provider takes 1 s", "",
        "one provider call, all answered within 1.2 s", max(calls) == 1 and max(last) <= 1.2,
        f"{spread(last, 3)} s, provider calls: {max(calls)}")]


async def _rush(port, order):
    """The time of the last answer, in seconds after all requests were sent."""
    connections = [await asyncio.open_connection(LOOPBACK, port) for _ in range(CROWD)]
    body = (f'{{"out_trade_no":"{order}","user_id":"u_{order}","amount":9900,"currency":"CNY","subject":"A book",'
            '"channel":"sandbox","terminal":"pc","expires_in":1296000}')

    async def one(place, reader, writer):
        # Different keys: these are different calls for one order, not one repeated call.
        writer.write((f"POST /v1/payments HTTP/1.1\r\nHost: {LOOPBACK}\r\nAuthorization: Bearer {API_KEY}\r\n"
                      f"Idempotency-Key: {order}-{place}\r\nContent-Type: application/json\r\nConnection: close\r\n"
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
