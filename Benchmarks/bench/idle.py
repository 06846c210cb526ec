"""The first request after a minute of silence."""

import socket
import statistics
import time

from .load import page_request
from .processes import LOOPBACK, Failure
from .results import Row, at_most

# All of them are silent in the same minute.
SERVICES = 9
SILENT_SECONDS = 60
BEFORE, LATER, PAUSE_SECONDS = 300, 60, 0.02
MOST = 2


class Caller:
    """A client with a connection that stays open."""

    def __init__(self, name, port, request, page):
        self.name, self.request, self.page = name, request.encode(), page.encode()
        self.connection = socket.create_connection((LOOPBACK, port), timeout=10)
        self.connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self):
        """The microseconds of one request."""
        began, seen = time.perf_counter(), b""
        self.connection.sendall(self.request)
        while not seen.endswith(self.page):
            part = self.connection.recv(65_536)
            if not part:
                raise Failure(f"{self.name} closed a connection that was silent for {SILENT_SECONDS} s")
            seen += part
        took = (time.perf_counter() - began) * 1e6
        if not seen.startswith(b"HTTP/1.1 200 "):
            raise Failure(f"{self.name} answered {seen[:200]!r}")
        return took


def idle(bench):
    """The first hit after a silent minute, compared with later single hits, and the same at nginx."""
    seeded = bench.small
    request, page = page_request(seeded.number(1)), seeded.page(1)
    callers = []
    for number in range(SERVICES):
        service = bench.service(bench.copy(seeded, f"idle-{number}"), f"idle-{number}")
        folder = bench.folder / f"nginx-{number}"
        folder.mkdir()
        callers += [Caller("paypage", service.port, request, page),
                    Caller("nginx", bench.nginx(service, folder).port, request, page)]
    for caller in callers:
        for _ in range(BEFORE):
            caller.ask()
    bench.say(f"  {SILENT_SECONDS} s of silence")
    time.sleep(SILENT_SECONDS)
    # The first two wake this process and its processor. Their figures don't count.
    first = [_after_a_pause(caller) for caller in callers]
    later = [statistics.median(_after_a_pause(caller) for _ in range(LATER)) for caller in callers]
    figures = {name: [pair for caller, pair in list(zip(callers, zip(first, later)))[2:] if caller.name == name]
               for name in ("paypage", "nginx")}
    ratios = {name: [one / other for one, other in pairs] for name, pairs in figures.items()}
    what = f"GET page, hit, the first request after {SILENT_SECONDS} s of silence, on an open connection"
    against = f"the median of {LATER} later single requests"
    return [
        Row("idle", what, against, at_most(MOST), ratios["paypage"], _told(figures["paypage"])),
        Row("idle/nginx", f"{what}, at nginx", against, None, ratios["nginx"], _told(figures["nginx"])),
    ]


def _after_a_pause(caller):
    time.sleep(PAUSE_SECONDS)
    return caller.ask()


def _told(figures):
    first, later = (statistics.median(each) for each in zip(*figures))
    return f"{first:.0f} µs, later {later:.0f} µs"
