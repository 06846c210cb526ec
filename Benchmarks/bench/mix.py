"""A fixed mix of requests, one kind after the other, on one connection and one at a time."""

import http.server
import json
import socket
import sqlite3
import threading

from .load import page_request, repay_request
from .processes import LOOPBACK, Failure
from .service import API_KEY, FIFTEEN_DAYS, JWT_SECRET, Sandbox, Service, call
from .tokens import hs256

# The orders whose pages are requested in turn.
HITS = 64
# Signs the webhooks. Invented, like the other keys.
WEBHOOK_SECRET = "whsec_YmVuY2hfYmVuY2hfYmVuY2hfYmVuY2hfYmVuY2g="


class Connection:
    """One HTTP/1.1 connection. A request is written at once, so that the service reads it at once."""

    def __init__(self, port):
        self._socket = socket.create_connection((LOOPBACK, port), timeout=300)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request):
        """The status of the answer, after its whole body."""
        self._socket.sendall(request)
        seen = b""
        while b"\r\n\r\n" not in seen:
            seen += self._more()
        head, _, body = seen.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        lengths = [int(line.split(":")[1]) for line in lines if line.lower().startswith("content-length:")]
        if len(lengths) != 1:
            raise Failure(f"an answer without a length: {head!r}")
        left = lengths[0] - len(body)
        while left > 0:
            left -= len(self._more())
        return int(lines[0].split()[1])

    def _more(self):
        data = self._socket.recv(65_536)
        if not data:
            raise Failure("the service closed the connection")
        return data


class Listener:
    """Accepts the sandbox's notices and the service's webhooks, and keeps the notices."""

    def __init__(self):
        self.notices = []
        notices, arrived = self.notices, threading.Condition()
        self._arrived = arrived

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path.startswith("/v1/notices/"):
                    with arrived:
                        notices.append((self.path, list(self.headers.items()), body))
                        arrived.notify_all()
                self.send_response(200)
                self.send_header("Content-Length", "7")
                self.end_headers()
                # The answer that ends the sandbox's tries.
                self.wfile.write(b"success")

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer((LOOPBACK, 0), Handler)
        self.url = f"http://{LOOPBACK}:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def wait_for(self, count):
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self.notices) >= count, timeout=30):
                raise Failure(f"the sandbox sent {len(self.notices)} of {count} notices")

    def stop(self):
        self._server.shutdown()
        self._server.server_close()


class Mix:
    """The requests of each kind. Their orders are made beforehand, by the real binary."""

    def __init__(self, binary, folder, notices):
        self.sandbox, self.listener = Sandbox(binary, folder), Listener()
        self.database = folder / "mix.sqlite"
        self.settings = {
            # Notices come here first, so that they can be sent to the service when it is their turn.
            "PAYPAGE_PUBLIC_URL": self.listener.url, "PAYPAGE_WEBHOOK_URL": self.listener.url,
            "PAYPAGE_WEBHOOK_SECRET": WEBHOOK_SECRET, "PAYPAGE_WEBHOOK_EVENTS": "refund.failed",
            # A dump stops the service for a while.
            "PAYPAGE_HTTP_IDLE_TIMEOUT": "1h",
        }
        service = Service(binary, self.database, self.sandbox, folder, None, self.settings, "orders")
        for index in range(HITS + notices):
            service.first_pay(self._number(index), f"user_{index:07d}")
        service.stop()
        # No provider query falls in the measurement.
        with sqlite3.connect(self.database, isolation_level=None) as db:
            db.execute("UPDATE attempts SET ask_at = last_word_at WHERE ask_at IS NOT NULL")
        db.close()
        self._tokens = {}
        self.kinds = {
            "page": self._page, "repay": self._repay, "repay-user": self._repay_by_user,
            "repay-new-token": self._repay_by_new_token, "order": self._order, "notice": self._notice,
            "webhook": self._webhook, "first-pay": self._first_pay,
        }

    def stop(self):
        self.listener.stop()

    def requests(self, kind, first, count):
        """`count` requests of the kind, from the number `first` on, each with the status of its answer."""
        if kind == "notice":
            self._pay(first, count)
        return [self.kinds[kind](index) for index in range(first, first + count)]

    @staticmethod
    def _number(index):
        return f"bench_{index:07d}"

    def _page(self, index):
        return page_request(self._number(index % HITS)).encode(), 200

    def _repay(self, index):
        return repay_request(self._number(index % HITS)).encode(), 200

    def _repay_by_user(self, index):
        order = index % HITS
        if order not in self._tokens:
            self._tokens[order] = hs256(f"user_{order:07d}", JWT_SECRET)
        return repay_request(self._number(order), self._tokens[order]).encode(), 200

    def _repay_by_new_token(self, index):
        order = index % HITS
        return repay_request(self._number(order), hs256(f"user_{order:07d}", JWT_SECRET, 1 + index)).encode(), 200

    def _order(self, index):
        return post_or_get("GET", f"/v1/payments/{self._number(index % HITS)}"), 200

    def _webhook(self, _):
        return post_or_get("POST", "/v1/webhooks/test", {"endpoint": "default"}), 200

    def _first_pay(self, index):
        body = {"out_trade_no": f"fresh_{index:07d}", "user_id": f"fresh_{index:07d}", "amount": 9900,
                "currency": "CNY", "subject": "A book", "channel": "sandbox", "terminal": "pc",
                "expires_in": FIFTEEN_DAYS}
        return post_or_get("POST", "/v1/payments", body, [("Idempotency-Key", f"key-{index:07d}")]), 201

    def _pay(self, first, count):
        """Pays orders in the sandbox, whose notices then wait in the listener."""
        for index in range(HITS + first, HITS + first + count):
            # The trade of an order's first attempt.
            path = f"/sandbox/trades/{self._number(index)}_1/pay"
            status, _, body = call(self.sandbox.port, "POST", path)
            if status != 200:
                raise Failure(f"the sandbox refused a payment: {status} {body!r}")
        self.listener.wait_for(first + count)

    def _notice(self, index):
        path, fields, body = self.listener.notices[index]
        kept = [(name, value) for name, value in fields if name.lower() not in ("host", "content-length")]
        return request_of("POST", path, kept, body), 200


def post_or_get(method, path, body=None, fields=()):
    payload = b"" if body is None else json.dumps(body).encode()
    given = [("Authorization", f"Bearer {API_KEY}"), *fields]
    if body is not None:
        given.append(("Content-Type", "application/json"))
    return request_of(method, path, given, payload)


def request_of(method, path, fields, body):
    lines = [f"{method} {path} HTTP/1.1", f"Host: {LOOPBACK}", *(f"{name}: {value}" for name, value in fields)]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body
