"""Hits: repeated requests for a stored page, compared with a cache in front, a bare route, and another service."""

import json

from .bench import WARM
from .load import ask, must_be_whole, page_path, page_request, repay_request, with_cpu
from .measure import Contender, expect_body, expect_page, in_turn, interleave
from .processes import Failure
from .results import ratio_row, tail_row
from .rivals import BareRoute, FastAPI, Varnish, fill
from .service import answer_of, as_merchant, call

SAMPLES = (1, 777, 31_415, WARM)
# For throughput: enough callers to keep two cores busy.
BUSY = {"threads": 2, "connections": 64}
# For latency: too few callers to queue.
CALM = {"threads": 1, "connections": 4}
BY_SANDBOX = {"channel": "sandbox", "terminal": "pc"}
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
    warm(bench, seeded, nginx, varnish)
    cost = bench.background.cost_for(service, 3)
    contenders = [contender("paypage", service, seeded, requests, service, cost)]
    contenders += [contender(name, rival, seeded, requests, service) for name, rival in rivals.items()]
    contenders.append(floor_contender(bench, service, seeded, requests))
    figures = interleave(bench, contenders, **BUSY)
    ours, floor = figures["paypage"], figures["floor"]
    what = f"GET page, hit, API key ({len(seeded.content) / 1e3:.1f} kB of HTML)"
    rows = [
        ratio_row("page/nginx", what, "nginx proxy_cache hit", 1.0, ours, figures["nginx"], floor),
        ratio_row("page/varnish", what, "Varnish hit", 1.1, ours, figures["varnish"], floor),
    ]
    if not without:
        rows.append(ratio_row(
            "page/fastapi", what, "FastAPI + SQLite, the same checks", 5, ours, figures["fastapi"], floor))
    return rows


def latency(bench):
    """GET page on four connections, from memory, compared with nginx."""
    seeded = bench.main
    service = bench.service(bench.copy(seeded, "main"))
    requests = bench.page_requests(seeded, range(1, WARM + 1), "warm")
    nginx = bench.nginx(service)
    warm(bench, seeded, nginx)
    cost = bench.background.cost_for(service, 3)
    figures = interleave(bench, [
        contender("paypage", service, seeded, requests, service, cost),
        contender("nginx", nginx, seeded, requests, service),
        floor_contender(bench, service, seeded, requests)], **CALM)
    return [tail_row("latency/memory", "GET page, hit, 4 connections, from memory: p99", "nginx proxy_cache hit, p99",
                     1.0, figures["paypage"], figures["nginx"], figures["floor"])]


def contender(name, server, seeded, requests, service, cost=0, samples=SAMPLES):
    """A server of pages, whose answers are compared with the stored pages."""
    return Contender(name, server.started, server.port, requests,
                     lambda: expect_page(server.port, seeded, samples), service, cost)


def floor_contender(bench, service, seeded, requests):
    """The epoll server with the first page of the service."""
    path = page_path(seeded.number(1))
    floor = bench.floor(service, path)
    return Contender("floor", floor.started, floor.port, requests,
                     lambda: expect_body(floor.port, "GET", path, floor.body), service)


def repay(bench):
    """POST repay with an API key and with user tokens, compared with a bare route that returns the same bytes."""
    seeded = bench.main
    service = bench.service(bench.copy(seeded, "main"))
    fill(service.port, (repay_request(seeded.number(n)) for n in range(1, WARM + 1)))
    # Each sample needs the token of its order's user.
    by_key = bench.repay_requests(seeded, None, "repay-key")
    tokens = {"HS256": bench.hs256_tokens(seeded), "ES256": bench.es256[1].read_text().split()}
    path = f"/v1/payments/{seeded.number(1)}/repay"
    bare = BareRoute(bench.bare_route, bench.folder, *answer_of(service.port, path, "POST", BY_SANDBOX))
    floor = bench.floor(service, path, "POST", BY_SANDBOX)
    bench.say(f"asking with each of {len(tokens) * WARM:,} tokens once")
    for given in tokens.values():
        fill(service.port, (repay_request(seeded.number(n), token) for n, token in enumerate(given, start=1)))
    cost = bench.background.cost_for(service, 3)
    contenders = [
        Contender("API key", service.started, service.port, by_key, lambda: _expect_repays(service, seeded, None),
                  service, cost),
        Contender("bare route", bare.started, bare.port, by_key,
                  lambda: expect_body(bare.port, "POST", path, bare.body), service),
        Contender("floor", floor.started, floor.port, by_key,
                  lambda: expect_body(floor.port, "POST", path, floor.body), service),
    ]
    for name, given in tokens.items():
        contenders.append(Contender(
            name, service.started, service.port, bench.repay_requests(seeded, given, f"repay-{name}"),
            lambda given=given: _expect_repays(service, seeded, given), service, cost))
    figures = interleave(bench, contenders, **BUSY)
    key, least = figures["API key"], figures["floor"]
    return [
        ratio_row("repay/bare", f"POST repay, hit, API key ({len(bare.body) / 1e3:.1f} kB of JSON)",
                  "a bare Hummingbird route, the same bytes", 1.3, key, figures["bare route"], least),
        ratio_row("repay/hs256", "POST repay, hit, user JWT (HS256), a token for each of 50,000 users",
                  "the same with an API key", 0.7, figures["HS256"], key, least),
        ratio_row("repay/es256", "POST repay, hit, user JWT (ES256), likewise", "the same with an API key", None,
                  figures["ES256"], key, least),
        _first_seen(bench, service, seeded, by_key, cost),
    ]


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
        row.note = "some were seen twice"
    return row


def _expect_repays(service, seeded, tokens):
    for index in SAMPLES:
        path = f"/v1/payments/{seeded.number(index)}/repay"
        head = as_merchant() if tokens is None else {"Authorization": f"Bearer {tokens[index - 1]}"}
        status, _, body = call(service.port, "POST", path, BY_SANDBOX, head)
        if status != 200 or (answer := json.loads(body))["page"]["content"] != seeded.page(index):
            raise Failure(f"{path} was answered with {status} and another page: {body[:200]!r}")
        if answer["out_trade_no"] != seeded.number(index):
            raise Failure(f"{path} was answered with the order {answer['out_trade_no']}")


def warm(bench, seeded, *caches):
    """Loads every page into each cache and into the service behind them."""
    bench.say(f"asking for {WARM:,} pages once, at {len(caches)} caches before the service")
    for cache in caches:
        fill(cache.port, (page_request(seeded.number(n)) for n in range(1, WARM + 1)))
