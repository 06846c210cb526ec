#!/usr/bin/env python3
"""A minimal back end of a shop. It alone has the API key. It creates its user's order, keeps the order's checkout link,
and forwards the browser's requests for this order. See README.md.
"""
import json
import os
import re
import secrets
from base64 import b64encode
from hashlib import sha256
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

PAYPAGE = os.environ.get("SHOP_PAYPAGE", "http://127.0.0.1:8080")
KEY = os.environ["SHOP_API_KEY"]
PORT = int(os.environ.get("SHOP_PORT", "8090"))
CHANNELS = os.environ.get("SHOP_CHANNELS", "sandbox").split(",")
BASKET = {"user_id": "u1", "amount": 9900, "currency": "CNY", "subject": "Spring tea, two tins"}

PAGE = Path(__file__).with_name("checkout.html").read_text()
# The page may run its own script and style only, so injected code does not run.
HASHES = {tag: " ".join(f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in
                        re.findall(f"<{tag}>(.*?)</{tag}>", PAGE, re.DOTALL)) for tag in ("script", "style")}
POLICY = (f"default-src 'none'; script-src {HASHES['script']}; style-src {HASHES['style']}; connect-src 'self'; "
          "img-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")

# The paths of the browser, and Paypage's paths behind them. Headers are passed on too, because the
# Content-Security-Policy isolates a provider's HTML.
CALLS = {"/order": "payment", "/order/page": "page", "/order/events": "events"}
ASKED = ("Accept", "If-None-Match", "Last-Event-ID")
TOLD = ("Content-Type", "Content-Security-Policy", "Referrer-Policy", "X-Content-Type-Options", "Cache-Control",
        "Cache-Status", "ETag", "Vary", "Retry-After")
links = {}  # Checkout tokens by session. A real shop stores them in its database with the order.


def ask(method, path, body=None, **headers):
    """Calls Paypage. Problems are returned as answers. The time-out exceeds the longest silence of an event stream."""
    data = None if body is None else json.dumps(body).encode()
    request = Request(PAYPAGE + path, data, {"Content-Type": "application/json", **headers}, method=method)
    try:
        return build_opener(ProxyHandler({})).open(request, timeout=40)
    except HTTPError as problem:
        return problem


class Shop(BaseHTTPRequestHandler):
    def do_GET(self):
        path, _, query = self.path.partition("?")
        if path == "/":
            cookie = [] if self.session else [("Set-Cookie", self.new_session())]
            return self.say(200, PAGE, "text/html; charset=utf-8", ("Content-Security-Policy", POLICY), *cookie)
        if path == "/channels":
            return self.say(200, json.dumps(CHANNELS))
        if path not in CALLS or self.session not in links:
            return self.say(204 if path == "/order" else 404, "")
        asked = {name: self.headers[name] for name in ASKED if self.headers[name]}
        self.pass_on(ask("GET", f"/checkout/{links[self.session]}/{CALLS[path]}" + (query and f"?{query}"), **asked,
                         **{"X-Forwarded-For": self.client_address[0]}))

    def do_POST(self):
        if self.path == "/new":
            return self.say(200, "{}", "application/json", ("Set-Cookie", self.new_session()))
        choice = self.choice()
        if self.path != "/order/pay" or not self.session or choice is None:
            return self.say(404, "{}")
        if self.session in links:
            return self.pass_on(ask("POST", f"/checkout/{links[self.session]}/repay", choice,
                                    **{"X-Forwarded-For": self.client_address[0]}))
        order = "web_" + sha256(self.session.encode()).hexdigest()[:24]
        back = f"http://127.0.0.1:{PORT}/"
        first = {"channel": CHANNELS[0], **choice, **BASKET, "out_trade_no": order, "return_url": back}
        answer = ask("POST", "/v1/payments", first, Authorization=f"Bearer {KEY}", **{"Idempotency-Key": order})
        if answer.status not in (200, 201):
            return self.pass_on(answer)
        payment = json.load(answer)
        links[self.session] = payment.pop("checkout_url").rsplit("/", 1)[1]
        self.say(answer.status, json.dumps(payment))

    def choice(self):
        """The browser's choice of how to pay. The shop alone decides on goods and amount."""
        try:
            wish = json.loads(self.rfile.read(min(int(self.headers["Content-Length"] or 0), 4096)) or "{}")
            return {name: wish[name] for name in ("channel", "terminal") if name in wish}
        except (TypeError, ValueError):
            return None

    @property
    def session(self):
        cookie = SimpleCookie(self.headers["Cookie"]).get("shop")
        return cookie and cookie.value

    def new_session(self):
        return f"shop={secrets.token_urlsafe(32)}; Path=/; HttpOnly; SameSite=Lax"

    def pass_on(self, answer):
        """Forwards the answer piece by piece, so that events arrive at once."""
        with answer:
            self.send_response(answer.status)
            for name in TOLD:
                if answer.headers[name]:
                    self.send_header(name, answer.headers[name])
            self.end_headers()
            while piece := answer.read1(65536):
                self.wfile.write(piece)

    def say(self, status, text, kind="application/json", *headers):
        self.send_response(status)
        for name, value in (("Content-Type", kind), ("Cache-Control", "no-store"), *headers):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text.encode())

    def handle(self):
        try:
            super().handle()
        except OSError as error:  # The browser has disconnected, or Paypage is unreachable.
            self.log_message("%s", error)


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", PORT), Shop) as server:
        print(f"shop listening on http://127.0.0.1:{PORT}/", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            pass
