"""Load by wrk and its cost: the same requests in the same order for every server in the comparison."""

import json
import random
import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from .processes import LOOPBACK, Failure, cpu_seconds
from .service import API_KEY

HERE = Path(__file__).parent
SEPARATOR = b"\x1e"


@dataclass
class Figures:
    """The figures of one round. Times are in microseconds."""

    requests: int
    seconds: float
    refused: int
    broken: int
    p50: int
    p99: int
    mean: int
    # The server's CPU per request, without and with the share of the first pays in the background.
    cpu: float = 0
    cpu_of_all: float = 0
    # Background first pays per second; None if there were none.
    beside: float | None = None

    @property
    def rate(self):
        return self.requests / self.seconds


def page_path(number):
    return f"/v1/payments/{number}/page?channel=sandbox&terminal=pc"


def page_request(number, token=API_KEY):
    return (f"GET {page_path(number)} HTTP/1.1\r\nHost: {LOOPBACK}\r\n"
            f"Authorization: Bearer {token}\r\nAccept: text/html\r\n\r\n")


REPAY_BODY = '{"channel":"sandbox","terminal":"pc"}'


def repay_request(number, token=API_KEY):
    return (f"POST /v1/payments/{number}/repay HTTP/1.1\r\nHost: {LOOPBACK}\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(REPAY_BODY)}\r\n\r\n{REPAY_BODY}")


def write_requests(path, requests):
    """Writes the requests in a random order that is the same each time."""
    shuffled = list(requests)
    random.Random(7).shuffle(shuffled)
    path.write_bytes(SEPARATOR.join(request.encode() for request in shuffled))
    return path


def ask(port, requests, threads, connections, seconds, since=0, check=False):
    """One round of the prepared requests. Each thread has sent `since` of them in earlier rounds."""
    arguments = [requests, threads, since, "check" if check else "measure"]
    return _wrk(port, "load.lua", arguments, threads, connections, seconds)


def pay(port, beginning, threads, connections, seconds, pause=0):
    """One round of first pays, each for a new order."""
    return _wrk(port, "pay.lua", [beginning, API_KEY, pause, connections // threads], threads, connections, seconds)


def _wrk(port, script, arguments, threads, connections, seconds):
    command = ["wrk", f"-t{threads}", f"-c{connections}", f"-d{seconds}s", "--timeout", "10s", "-s", HERE / script,
               f"http://{LOOPBACK}:{port}", "--", *arguments]
    try:
        ran = subprocess.run(
            [str(part) for part in command], capture_output=True, text=True, timeout=seconds + 60, check=False)
    except subprocess.TimeoutExpired:
        raise Failure(f"wrk did not finish in time: {command}") from None
    found = re.search(r"^figures (\{.*\})$", ran.stdout, re.MULTILINE)
    if ran.returncode != 0 or not found:
        raise Failure(f"wrk failed ({ran.returncode}): {ran.stdout[-500:]}{ran.stderr[-500:]}")
    said = json.loads(found[1])
    if not said["requests"]:
        raise Failure(f"wrk got no answers: {ran.stdout[-500:]}")
    return Figures(said["requests"], said["microseconds"] / 1e6, said["refused"], said["broken"], said["p50"],
                   said["p99"], said["mean"])


def must_be_whole(figures, name):
    """Fails unless every answer of the round was good."""
    if figures.refused or figures.broken:
        raise Failure(f"{name}: {figures.refused} of {figures.requests} requests were refused, "
                      f"{figures.broken} connections failed")


def with_cpu(pid, measure, background=None, cost=0):
    """The figures of a round, with the server's CPU microseconds per request.

    The share of the background first pays is subtracted: their number in the round times `cost`, the seconds of one
    first pay without other load.
    """
    already, began, before = background.count() if background else 0, time.monotonic(), cpu_seconds(pid)
    figures = measure()
    used = cpu_seconds(pid) - before
    figures.cpu_of_all = used / figures.requests * 1e6
    if background:
        paid = background.count() - already
        figures.beside = paid / (time.monotonic() - began)
        used -= cost * paid
    figures.cpu = max(0.0, used) / figures.requests * 1e6
    return figures
