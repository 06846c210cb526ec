"""Hits through nginx as shops run it, by the configuration in `deploy/`."""

import os
import re

from .bench import WARM
from .hits import BUSY, contender, floor_contender, warm
from .load import page_path
from .measure import Contender, expect_body, interleave
from .processes import Failure, Started, free_port
from .results import ratio_row
from .rivals import WORKERS

# nginx takes most of the time, so a fast service behind it can't be seen; a slow one can.
LEAST = 0.75

AROUND = """
{user}
worker_processes {workers};
daemon off;
pid {folder}/{name}.pid;
error_log {folder}/{name}-error.log warn;
events {{ worker_connections 8192; }}
http {{
    access_log {folder}/{name}-access.log combined buffer=64k flush=1s;
    keepalive_requests 1000000000;
    client_body_temp_path {folder}/{name}-body;
    fastcgi_temp_path {folder}/{name}-fastcgi;
    uwsgi_temp_path {folder}/{name}-uwsgi;
    scgi_temp_path {folder}/{name}-scgi;
    proxy_temp_path {folder}/{name}-proxy;
    {servers}
}}
"""


class Proxy:
    """nginx with `deploy/nginx.conf`, before another server, on loopback and without TLS."""

    def __init__(self, bench, name, origin):
        self.port = free_port()
        configuration = bench.folder / f"{name}.conf"
        configuration.write_text(AROUND.format(
            user="user root;" if os.geteuid() == 0 else "", workers=WORKERS, folder=bench.folder, name=name,
            servers=self._deployed(bench.root / "deploy/nginx.conf", origin.port)))
        self.started = Started(
            f"nginx ({name})", ["nginx", "-p", bench.folder, "-c", configuration], bench.folder / f"{name}.log")
        self.started.wait_for_port(self.port)

    def _deployed(self, path, origin):
        """The sample without its redirect to TLS and without TLS: it costs the same with any service behind."""
        text, changes = path.read_text(), (
            (r"server \{\s+listen 80;.*?\n\}\n", ""),
            (r"listen 443 ssl[^;]*;", f"listen 127.0.0.1:{self.port} backlog=4096;"),
            (r"server 127\.0\.0\.1:8080;", f"server 127.0.0.1:{origin};"), (r"\n\s+ssl_[^;]*;", ""))
        for pattern, replacement in changes:
            text, count = re.subn(pattern, replacement, text, flags=re.DOTALL)
            if not count:
                raise Failure(f"{path} has changed: {pattern} is not in it")
        return text


def proxied(bench):
    """GET page through nginx, compared with the epoll server behind nginx, with nginx's cache and without nginx."""
    seeded = bench.main
    service = bench.service(bench.copy(seeded, "main"), **{"PAYPAGE_HTTP_TRUSTED_PROXIES": "127.0.0.1"})
    requests = bench.page_requests(seeded, range(1, WARM + 1), "warm")
    cache = bench.nginx(service)
    warm(bench, seeded, cache)
    floor = floor_contender(bench, service, seeded, requests)
    before_us, before_floor = Proxy(bench, "proxy", service), Proxy(bench, "proxy-floor", floor)
    # The floor has one page.
    path = page_path(seeded.number(1))
    figures = interleave(bench, [
        contender("nginx, paypage", before_us, seeded, requests, service),
        Contender("nginx, floor", before_floor.started, before_floor.port, requests,
                  lambda: expect_body(before_floor.port, "GET", path, seeded.page(1).encode()), service),
        contender("nginx's cache", cache, seeded, requests, service),
        contender("paypage", service, seeded, requests, service, bench.background.cost_for(service, 3)),
        floor], **BUSY)
    ours, least = figures["nginx, paypage"], figures["floor"]
    what = "GET page, hit, API key, through nginx (`deploy/nginx.conf`, HTTP/1.1)"
    return [
        ratio_row("proxied", what, "the epoll server through nginx", LEAST, ours, figures["nginx, floor"], least),
        ratio_row("proxied/cache", what, "nginx proxy_cache hit", None, ours, figures["nginx's cache"], least),
        ratio_row("proxied/direct", what, "the same without nginx", None, ours, figures["paypage"], least),
    ]
