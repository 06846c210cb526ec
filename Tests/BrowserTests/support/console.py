"""The operators' console of a service: its operators, their sessions, and orders to look at."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import urlencode

from playwright.sync_api import Page

from .screens import Screen, new_address
from .service import API_KEY, STRICT, Service
from .shop import Payment, Reply, Shop, send

Role = Literal["viewer", "operator", "admin"]

# In minor units. An operator of the tests may refund so much, an admin any amount.
REFUND_LIMIT = 5_000
PASSWORD = "an old lighthouse in the fog"
_COOKIE = "paypage-console"

# The webhook's port has no listener, so that webhooks wait.
CONSOLE = {
    **STRICT,
    "PAYPAGE_CONSOLE_ENABLED": "true",
    "PAYPAGE_CONSOLE_PORT": "0",
    "PAYPAGE_CONSOLE_REFUND_LIMIT": str(REFUND_LIMIT),
    "PAYPAGE_WEBHOOK_URL": "http://127.0.0.1:9/hooks",
    "PAYPAGE_WEBHOOK_SECRET": "whsec_YnJvd3Nlci10ZXN0cy13ZWJob29rLXNlY3JldC0wMQ==",
}


@dataclass(frozen=True)
class Operator:
    name: str
    role: Role


class Console:
    """The console of a service. Each role has an operator, who is made and signed in when needed."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.shop = Shop(service)
        self.origin = service.console_origin()
        self._count = 0
        self._sessions: dict[Role, str] = {}

    def new_operator(self, role: Role) -> Operator:
        """Adds an operator by the command, and sets the password by the link that the command prints."""
        self._count += 1
        operator = Operator(f"{role}{self._count}", role)
        told = self.service.run("operators", "add", operator.name, "--role", role, "--output", "json")
        path = re.search(r"/console/welcome/[\w-]+", json.dumps(json.loads(told)))
        assert path, told
        answer = self.post(path[0], {"password": PASSWORD, "repeated": PASSWORD})
        assert answer.status == 303, answer.text
        return operator

    def session(self, role: Role) -> str:
        """The cookie of a session of this role, which tests share. A test that ends a session makes one of its own."""
        if role not in self._sessions:
            self._sessions[role] = self.new_session(self.new_operator(role))
        return self._sessions[role]

    def new_session(self, operator: Operator) -> str:
        answer = self.post("/console/sign-in", {"name": operator.name, "password": PASSWORD})
        cookie = re.search(rf"{_COOKIE}=([^;]+)", answer.header("Set-Cookie") or "")
        assert cookie, f"{answer.status}: {answer.text[:2000]}"
        return cookie[1]

    def enter(self, screen: Screen, session: str) -> None:
        screen.context.add_cookies([{"name": _COOKIE, "value": session, "url": self.origin}])

    def get(self, path: str, session: str = "") -> Reply:
        return send("GET", self.origin + path, headers=self._headers(session))

    def post(self, path: str, fields: Mapping[str, str], session: str = "", **headers: str) -> Reply:
        """Sends a form as a page of the console would, unless the headers say otherwise."""
        form = {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        headers = {**self._headers(session), **form, **{name.replace("_", "-"): text for name, text in headers.items()}}
        return send("POST", self.origin + path, headers=headers, body=urlencode(fields).encode())

    def _headers(self, session: str) -> dict[str, str]:
        cookie = {"Cookie": f"{_COOKIE}={session}"} if session else {}
        return {"X-Forwarded-For": new_address(), **cookie}

    def csrf(self, session: str) -> str:
        """The token of the session's forms."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.get("/console", session).text)
        assert found
        return found[1]

    def paid(self, subject: str = "A book about the sea", **order: str | int) -> Payment:
        payment = self.shop.pay(subject=subject, **order)
        self.shop.buyer_pays(f"{payment.number}_1")
        self.shop.hears_of_the_payment(payment.number)
        return payment

    def refunds(self, number: str) -> list[dict]:
        headers = {"Authorization": f"Bearer {API_KEY}"}
        return json.loads(send("GET", f"{self.shop.origin}/v1/payments/{number}/refunds", headers=headers).body)["refunds"]


def fields_of(page: Page, form: str) -> dict[str, str]:
    """The fields of a form, as the browser would send them."""
    return page.eval_on_selector(form, "form => Object.fromEntries(new FormData(form))")


@contextmanager
def foreign_page(html: str) -> Iterator[str]:
    """The URL of a page on another port of this host, which for a browser is another origin of the same site."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
