"""Template orders, each made by the real binary, the sandbox provider and a shop that takes webhooks."""

import http.server
import sqlite3
import threading
import time

from .clones import MARK, Clones, Cloning, Template, remove
from .processes import LOOPBACK, Failure
from .service import Sandbox, Service, as_merchant, call

NUMBER, USER = f"bench_{MARK}", f"user_{MARK}"
DAY = 24 * 60 * 60 * 1_000
# The shop's secret of webhooks, invented.
WEBHOOK_SECRET = "whsec_YmVuY2hfd2ViaG9va19zZWNyZXRfYmVuY2hfd2ViaG9va19zZWNyZXQ="
# The time to pay, in seconds: of an order that is to expire, and of the others.
SOON, USUALLY = 4, 1_800
RETENTION_DAYS = 400


def paid(service, sandbox):
    status, _, body = call(sandbox.port, "POST", f"/sandbox/trades/{NUMBER}_1/pay", {})
    if status != 200:
        raise Failure(f"the sandbox refused a payment: {status} {body!r}")
    wait(service, "SELECT 1 FROM receipts")


def refunded(service, sandbox):
    paid(service, sandbox)
    ask(service, "refunds", {"refund_no": f"R{MARK}", "amount": 4_000, "reason": "one cup was broken"}, 201)
    wait(service, "SELECT 1 FROM refunds WHERE state = 'succeeded' AND ask_at IS NULL")


def closed(service, sandbox):
    ask(service, "close", {}, 200)


def expired(service, sandbox):
    wait(service, "SELECT 1 FROM orders WHERE state = 'expired'")


KINDS = {"paid": paid, "refunded": refunded, "closed": closed, "expired": expired}


class Templates:
    def __init__(self, binary, folder, logs):
        self.binary, self.folder, self.logs = binary, folder, logs
        self.made = []

    def new(self):
        """An order with a live page."""
        path = self._path("new")
        sandbox = Sandbox(self.binary, self.logs)
        service = self._service(path, sandbox)
        service.first_pay(NUMBER, USER)
        service.stop()
        sandbox.stop()
        with sqlite3.connect(path, isolation_level=None) as db:
            # The time of the last query: a million open orders, each queried every ten minutes, would cause 1,700
            # provider calls a second.
            db.execute("UPDATE attempts SET ask_at = last_word_at WHERE ask_at IS NOT NULL")
            db.execute("PRAGMA journal_mode = DELETE")
        db.close()
        return Template(path)

    def over(self, kind, days):
        """An order that was over so many days ago, and is what the service has made of it since: its pages and keys are
        purged, and after the retention time its buyer's data is blanked.
        """
        path, aged = self._path(kind), self._path(f"{kind}-{days}")
        with Shop() as shop:
            sandbox = Sandbox(self.binary, self.logs)
            service = self._service(path, sandbox, shop)
            service.first_pay(NUMBER, USER, SOON if kind == "expired" else USUALLY)
            KINDS[kind](service, sandbox)
            wait(service, "SELECT 1 WHERE EXISTS (SELECT 1 FROM events) AND NOT EXISTS ("
                          "SELECT 1 FROM deliveries WHERE state <> 'delivered')")
            service.stop()
            make_whole(path)
            cloning = Cloning(aged, {kind: Template(path)})
            cloning.clone(int(MARK), Clones(1, days * DAY, kinds=(kind,)))
            cloning.finish(thoroughly=True)
            service = self._service(aged, sandbox, shop)
            for left in ("pages", "pages_to_purge", "idempotency_keys", "attempts WHERE ask_at IS NOT NULL"):
                wait(service, f"SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM {left})")
            if days > RETENTION_DAYS:
                wait(service, "SELECT 1 FROM orders WHERE blanked_at IS NOT NULL")
            service.stop()
            sandbox.stop()
            make_whole(aged)
        return Template(aged, days * DAY)

    def remove(self):
        for path in self.made:
            remove(path)

    def _path(self, name):
        path = self.folder / f"{name}-template.sqlite"
        remove(path)
        self.made.append(path)
        return path

    def _service(self, path, sandbox, shop=None):
        settings = {
            "PAYPAGE_WEBHOOK_URL": shop.url, "PAYPAGE_WEBHOOK_SECRET": WEBHOOK_SECRET, "PAYPAGE_DEADLINE_MARGIN": "1s",
            "PAYPAGE_PROVIDER_TIMEOUT": "1s", "PAYPAGE_PROVIDER_CONNECT_TIMEOUT": "500ms",
        } if shop else {}
        return Service(self.binary, path, sandbox, self.logs, settings=settings)


class Shop:
    """A receiver of webhooks that accepts each."""

    def __enter__(self):
        self.server = http.server.ThreadingHTTPServer((LOOPBACK, 0), Receiver)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://{LOOPBACK}:{self.server.server_port}/"
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def ask(service, what, body, expected):
    headers = as_merchant(**{"Idempotency-Key": f"{what}-{NUMBER}"})
    status, _, answer = call(service.port, "POST", f"/v1/payments/{NUMBER}/{what}", body, headers)
    if status != expected:
        raise Failure(f"{what} was answered with {status}: {answer[:300]!r}")


def wait(service, condition, seconds=90):
    """Waits until the query finds a row in the service's database."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        service.started.must_run()
        db = sqlite3.connect(f"file:{service.database}?mode=ro", uri=True, timeout=10)
        try:
            if db.execute(condition).fetchone():
                return
        finally:
            db.close()
        time.sleep(0.1)
    raise Failure(f"the service did not get there in {seconds} s: {condition}")


def make_whole(path):
    """One file, without a WAL, which can be copied."""
    with sqlite3.connect(path, isolation_level=None) as db:
        db.execute("PRAGMA journal_mode = DELETE")
    db.close()
