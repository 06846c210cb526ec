"""Hits: repeated requests for a stored page, compared with a cache in front, a bare route, and another service."""

import json
import statistics

from .bench import WARM
from .load import ask, must_be_whole, page_request, repay_request, with_cpu
from .measure import Contender, expect_body, expect_page, in_turn, interleave
from .processes import Failure
from .results import Row, beside, cpu_of, milliseconds, quotients, ratio_row
from .rivals import BareRoute, FastAPI, Varnish, fill
from .service import as_merchant, call

SAMPLES = (1, 777, 31_415, WARM)
# For throughput: enough callers to keep two cores busy.
BUSY = {"threads": 2, "connections": 64}
# For latency: too few callers to queue.
CALM = {"threads": 1, "connections": 4}
# Less than the time that uses up the new tokens.
FIRST_SEEN_SECONDS = 1


def page(bench):
    """GET page, compared with nginx, Varnish and FastAPI in the same rounds."""
    seeded = bench.main
    database = bench.copy(seeded, "main")
    service = bench.service(database)
    requests = bench.page_requests(seeded, range(1, WARM + 1), "warm")
    nginx = bench.nginx(service)
    # Varnish is filled from nginx: the same bytes, faster.
    varnish = Varnish(bench.folder, nginx)
    rivals = {"nginx": nginx, "varnish": varnish}
    without = bench.options.skip_python
    if not without:
        rivals["fastapi"] = FastAPI(bench.venv, bench.folder, database)
    _warm(bench, seeded, nginx, varnish)
    cost = bench.background.cost_for(service, 3)

    def contender(name, rival, cost=0):
        return Contender(name, rival.started, rival.port, requests,
                         lambda: expect_page(rival.port, seeded, SAMPLES), service, cost)

    contenders = [contender("paypage", service, cost)] + [contender(name, rival) for name, rival in rivals.items()]
    figures = interleave(bench, contenders, **BUSY)
    ours = figures["paypage"]
    what = f"GET page, hit, API key ({len(seeded.content) / 1e3:.1f} kB of HTML)"
    rows = [
        ratio_row("page/nginx", what, "nginx proxy_cache hit", 1.0, ours, figures["nginx"]),
        ratio_row("page/varnish", what, "Varnish hit", 1.1, ours, figures["varnish"]),
    ]
    if not without:
        rows.append(ratio_row("page/fastapi", what, "FastAPI + SQLite, the same checks", 5, ours, figures["fastapi"]))
    for row in rows:
        row.kept = row.ratios
    return rows


def latency(bench):
    """GET page on four connections, from memory."""
    seeded = bench.main
    service = bench.service(bench.copy(seeded, "main"))
    requests = bench.page_requests(seeded, range(1, WARM + 1), "warm")
    nginx = bench.nginx(service)
    _warm(bench, seeded, nginx)
    cost = bench.background.cost_for(service, 3)
    contenders = [
        Contender(name, server.started, server.port, requests,
                  lambda port=server.port: expect_page(port, seeded, SAMPLES), service, besides)
        for name, server, besides in (("paypage", service, cost), ("nginx", nginx, 0))]
    figures = interleave(bench, contenders, **CALM)
    ours, theirs = figures["paypage"], figures["nginx"]
    p99s = [one.p99 / 1e3 for one in ours]
    p99 = statistics.median(p99s)
    return [Row(
        "latency/memory", "GET page, hit, 4 connections, from memory", "nginx, reported beside", "p99 < 0.5 ms",
        p99 < 0.5, f"p99 **{p99:.2f} ms**, {min(p99s):.2f} to {max(p99s):.2f}",
        cpu=f"{cpu_of(ours)} / {cpu_of(theirs)}", latency=f"{milliseconds(ours)}; {milliseconds(theirs)}",
        beside=beside(ours, theirs))]


def repay(bench):
    """POST repay with an API key and with user tokens, compared with a bare route that returns the same bytes."""
    seeded = bench.main
    service = bench.service(bench.copy(seeded, "main"))
    fill(service.port, (repay_request(seeded.number(n)) for n in range(1, WARM + 1)))
    # Each sample needs the token of its order's user.
    by_key = bench.repay_requests(seeded, None, "repay-key")
    tokens = {"HS256": bench.hs256_tokens(seeded)}
    if not bench.options.quick:
        tokens["ES256"] = bench.es256[1].read_text().split()
    path = f"/v1/payments/{seeded.number(1)}/repay"
    status, head, body = call(service.port, "POST", path, {"channel": "sandbox", "terminal": "pc"}, as_merchant())
    if status != 200:
        raise Failure(f"{path} was answered with {status}: {body[:300]!r}")
    same_head = [(name, value) for name, value in head.items() if name not in ("Date", "Content-Length")]
    bare = BareRoute(bench.bare_route, bench.folder, body, same_head)
    bench.say(f"asking with each of {len(tokens) * WARM:,} tokens once")
    for given in tokens.values():
        fill(service.port, (repay_request(seeded.number(n), token) for n, token in enumerate(given, start=1)))
    cost = bench.background.cost_for(service, 3)
    contenders = [
        Contender("API key", service.started, service.port, by_key, lambda: _expect_repays(service, seeded, None),
                  service, cost),
        Contender("bare route", bare.started, bare.port, by_key,
                  lambda: expect_body(bare.port, "POST", path, body), service),
    ]
    for name, given in tokens.items():
        contenders.append(Contender(
            name, service.started, service.port, bench.repay_requests(seeded, given, f"repay-{name}"),
            lambda given=given: _expect_repays(service, seeded, given), service, cost))
    figures = interleave(bench, contenders, **BUSY)
    key = figures["API key"]
    rows = [
        ratio_row("repay/bare", f"POST repay, hit, API key ({len(body) / 1e3:.1f} kB of JSON)",
                  "a bare Hummingbird route, the same bytes", 1.3, key, figures["bare route"]),
        ratio_row("repay/hs256", "POST repay, hit, user JWT (HS256), a token for each of 50,000 users",
                  "the same with an API key", 0.7, figures["HS256"], key),
    ]
    rows[0].kept = rows[0].ratios
    rows[1].kept = quotients(figures["HS256"], figures["bare route"])
    if "ES256" in figures:
        rows.append(ratio_row("repay/es256", "POST repay, hit, user JWT (ES256), likewise",
                              "the same with an API key", None, figures["ES256"], key))
        rows.append(_first_seen(bench, service, seeded, by_key, cost))
    return rows


def _first_seen(bench, service, seeded, by_key, cost):
    """New tokens in each round, compared with the API key."""
    figures = {"key": [], "new": []}
    bench.background.go_on_at(service)
    since = 0
    for series in range(1, bench.options.rounds + 1):
        fresh = bench.repay_requests(seeded, bench.hs256_tokens(seeded, series), "repay-new")
        for name in in_turn(["key", "new"], series):
            requests, place = (by_key, since) if name == "key" else (fresh, 0)
            measured = with_cpu(
                service.pid, lambda: ask(service.port, requests, **BUSY, seconds=FIRST_SEEN_SECONDS, since=place),
                bench.background, cost)
            must_be_whole(measured, "tokens never seen before")
            if name == "key":
                since += measured.requests // BUSY["threads"]
            figures[name].append(measured)
    bench.background.pause()
    row = ratio_row("repay/hs256-new", "POST repay, hit, user JWT (HS256) that the service has never seen before",
                    "the same with an API key", None, figures["new"], figures["key"])
    if any(round.requests > WARM for round in figures["new"]):
        row.figure += " (some were seen twice)"
    return row


def _expect_repays(service, seeded, tokens):
    for index in SAMPLES:
        path = f"/v1/payments/{seeded.number(index)}/repay"
        head = as_merchant() if tokens is None else {"Authorization": f"Bearer {tokens[index - 1]}"}
        status, _, body = call(service.port, "POST", path, {"channel": "sandbox", "terminal": "pc"}, head)
        if status != 200 or (answer := json.loads(body))["page"]["content"] != seeded.page(index):
            raise Failure(f"{path} was answered with {status} and another page: {body[:200]!r}")
        if answer["out_trade_no"] != seeded.number(index):
            raise Failure(f"{path} was answered with the order {answer['out_trade_no']}")


def _warm(bench, seeded, *caches):
    """Loads every page into each cache and into the service behind them."""
    bench.say(f"asking for {WARM:,} pages once, at {len(caches)} caches before the service")
    for cache in caches:
        fill(cache.port, (page_request(seeded.number(n)) for n in range(1, WARM + 1)))
