"""First pays at a provider behind TLS, and at the same provider over plain HTTP."""

import asyncio
import json
import os
import statistics
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from .measure import in_turn
from .processes import LOOPBACK, Failure, Started, free_port
from .pays import CALLERS, pays_in_turn
from .results import Row, at_least, at_most, compared, quotients
from .rivals import WORKERS
from .service import API_KEY, order

AUTHORITIES = "PAYPAGE_PROVIDER_CA_FILE"
# The authorities that a real provider's certificate is checked against: about 140.
SYSTEM_AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")

BURST = 256
# The service keeps an idle connection to a provider for 10 s.
IDLE_SECONDS = 11
MOST = 2

A_SECOND, PACE_SECONDS, PACE_PROVIDER_MILLISECONDS = 200, 3, 200
PAUSE_SECONDS = 15
MOST_AFTER_PAUSE = 1.5
# Each takes up to half a minute. Fewer give no interval.
PAUSED_ROUNDS = 6

# A kept connection is encrypted for some microseconds of the hundreds that a first pay takes.
LEAST_STEADY, MOST_CPU = 0.9, 1.1

NGINX = """
{user}
worker_processes {workers};
daemon off;
pid {folder}/front.pid;
error_log {folder}/front-error.log warn;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path {folder}/front-body;
    fastcgi_temp_path {folder}/front-fastcgi;
    uwsgi_temp_path {folder}/front-uwsgi;
    scgi_temp_path {folder}/front-scgi;
    proxy_temp_path {folder}/front-proxy;
    upstream sandbox {{ server 127.0.0.1:{origin}; keepalive 512; }}
    server {{
        listen 127.0.0.1:{plain} backlog=4096;
        listen 127.0.0.1:{tls} ssl backlog=4096;
        ssl_certificate {folder}/front.pem;
        ssl_certificate_key {folder}/front-key.pem;
        location / {{
            proxy_pass http://sandbox;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_set_header Host $http_host;
        }}
    }}
}}
"""


class Front:
    """nginx before the sandbox, once with TLS and once without."""

    def __init__(self, folder, origin):
        self.plain, self.tls = free_port(), free_port()
        certificate = folder / "front.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", "/CN=paypage bench", "-addext", "subjectAltName=IP:127.0.0.1",
             "-keyout", folder / "front-key.pem", "-out", certificate], check=True, capture_output=True)
        self.authorities = folder / "authorities.pem"
        self.authorities.write_bytes(SYSTEM_AUTHORITIES.read_bytes() + certificate.read_bytes())
        configuration = folder / "front.conf"
        configuration.write_text(NGINX.format(
            user="user root;" if os.geteuid() == 0 else "", workers=WORKERS, folder=folder, origin=origin,
            plain=self.plain, tls=self.tls))
        self.started = Started("nginx (TLS)", ["nginx", "-p", folder, "-c", configuration], folder / "front.log")
        self.started.wait_for_port(self.tls)


@dataclass
class Told:
    """The answers of one round."""

    seconds: list = field(default_factory=list)
    statuses: Counter = field(default_factory=Counter)

    @property
    def last(self):
        return max(self.seconds)

    @property
    def p99(self):
        return sorted(self.seconds)[int(len(self.seconds) * 0.99)]

    @property
    def refused(self):
        return sum(count for status, count in self.statuses.items() if status != 201)

    def __str__(self):
        return ", ".join(f"{count} × {status}" for status, count in sorted(self.statuses.items()))


def burst(bench):
    """256 concurrent first pays at an idle service: a provider behind TLS compared with plain HTTP."""
    what = f"{BURST} first pays at once on an idle service, the provider behind TLS: time to the last answer"
    services = _services(bench, "burst")
    told = {name: [] for name, _ in services}
    for number in range(min(bench.options.rounds, PAUSED_ROUNDS)):
        time.sleep(IDLE_SECONDS)
        for name, service in in_turn(services, number):
            round_ = asyncio.run(_pays(service.port, f"b{number}{name}_", BURST))
            told[name].append(round_)
            bench.say(f"  {name}, round {number + 1}: the last after {round_.last:.3f} s; {round_}")
    return [_row("tls-burst", what, MOST, told, "last", "s to the last answer")]


def after_pause(bench):
    """200 first pays a second after a pause of 15 s: a provider behind TLS compared with plain HTTP."""
    what = (f"{A_SECOND} first pays a second for {PACE_SECONDS} s after a pause of {PAUSE_SECONDS} s, provider latency "
            f"{PACE_PROVIDER_MILLISECONDS} ms, behind TLS: p99")
    services = _services(bench, "pause")
    bench.sandbox.slow_down(PACE_PROVIDER_MILLISECONDS)
    told = {name: [] for name, _ in services}
    for number in range(min(bench.options.rounds, PAUSED_ROUNDS)):
        time.sleep(PAUSE_SECONDS)
        for name, service in in_turn(services, number):
            round_ = asyncio.run(_pays(service.port, f"a{number}{name}_", A_SECOND * PACE_SECONDS, A_SECOND))
            told[name].append(round_)
            bench.say(f"  {name}, round {number + 1}: p99 {round_.p99:.3f} s, last {round_.last:.3f} s; {round_}")
    return [_row("tls-after-pause", what, MOST_AFTER_PAUSE, told, "p99", "s p99")]


def steady(bench):
    """First pays of 64 callers without a pause: a provider behind TLS compared with plain HTTP."""
    figures = pays_in_turn(bench, _services(bench, "steady"))
    what, against = f"first pay, {CALLERS} callers without a pause, the provider behind TLS", "the same over plain HTTP"
    ours, theirs = figures["TLS"], figures["plain"]
    return [
        compared("tls-steady", what, against, at_least(LEAST_STEADY), ours, theirs),
        compared("tls-steady/cpu", f"{what}: CPU", against, at_most(MOST_CPU), ours, theirs, figure="cpu"),
    ]


def _services(bench, name):
    """Two services, one that calls the sandbox through TLS and one without, each after its first pay."""
    front = Front(bench.folder, bench.sandbox.port)
    services = []
    for kind, base in (("TLS", f"https://{LOOPBACK}:{front.tls}"), ("plain", f"http://{LOOPBACK}:{front.plain}")):
        settings = {"PAYPAGE_SANDBOX_BASE_URL": f"{base}/sandbox", AUTHORITIES: str(front.authorities)}
        service = bench.service(bench.copy(bench.small, f"{name}-{kind}"), f"{name}-{kind}", **settings)
        service.first_pay(f"{name}_{kind}", f"u_{name}_{kind}")
        services.append((kind, service))
    return services


def _row(name, what, most, told, figure, unit):
    sides = "; ".join(f"{kind} {statistics.median(getattr(one, figure) for one in rounds):.3f} {unit}"
                      for kind, rounds in told.items())
    refused = {kind: sum(one.refused for one in rounds) for kind, rounds in told.items()}
    return Row(
        name, what, "the same over plain HTTP", at_most(most), quotients(told["TLS"], told["plain"], figure), sides,
        needs="each 201", faults=[f"{count} not paid over {kind}" for kind, count in refused.items() if count])


async def _pays(port, beginning, count, a_second=None):
    """Sends first pays, all at once or at a rate, each on a connection that is already open."""
    connections = [await asyncio.open_connection(LOOPBACK, port) for _ in range(count)]
    told, began = Told(), time.perf_counter()

    async def one(place, reader, writer):
        due = began + (place / a_second if a_second else 0)
        await asyncio.sleep(due - time.perf_counter())
        number = f"{beginning}{place}"
        body = json.dumps(order(number))
        writer.write((f"POST /v1/payments HTTP/1.1\r\nHost: {LOOPBACK}\r\nAuthorization: Bearer {API_KEY}\r\n"
                      f"Idempotency-Key: {number}\r\nContent-Type: application/json\r\nConnection: close\r\n"
                      f"Content-Length: {len(body)}\r\n\r\n{body}").encode())
        head = await reader.read()
        writer.close()
        if head[:9] != b"HTTP/1.1 ":
            raise Failure(f"a first pay was answered with {head[:100]!r}")
        told.seconds.append(time.perf_counter() - due)
        told.statuses[int(head[9:12])] += 1

    async with asyncio.timeout(60):
        await asyncio.gather(*(one(place, *streams) for place, streams in enumerate(connections)))
    return told
