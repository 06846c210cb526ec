"""The shop's calls to the service, the sandbox's books, and the sandbox's planned faults."""

from __future__ import annotations

import itertools
import json
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .service import API_KEY, Service

CALL_LIMIT_SECONDS = 40
NOTICE_LIMIT_SECONDS = 20

_count = itertools.count(1)


def new_number() -> str:
    """An order number that is unique in this process, and so in every service that it started."""
    return f"20261123_{next(_count):04}"


@dataclass(frozen=True)
class Reply:
    """An HTTP answer, whatever its status."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), None)


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


_opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirects)


def send(method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None) -> Reply:
    """One call, without a proxy and without following redirects. A refusal is an ordinary answer."""
    request = urllib.request.Request(url, method=method, headers=dict(headers or {}), data=body)
    try:
        with _opener.open(request, timeout=CALL_LIMIT_SECONDS) as answer:
            return Reply(answer.status, dict(answer.headers), answer.read())
    except urllib.error.HTTPError as refusal:
        with refusal:
            return Reply(refusal.code, dict(refusal.headers), refusal.read())


@dataclass(frozen=True)
class Payment:
    """An order as the shop knows it after its first pay call."""

    number: str
    checkout_url: str
    content: str
    kind: str

    @property
    def token(self) -> str:
        return self.checkout_url.rsplit("/", 1)[1]


@dataclass(frozen=True)
class Trade:
    """A trade in the sandbox's books."""

    number: str
    channel: str
    state: str
    creates: int
    refunded: int


@dataclass(frozen=True)
class Fault:
    """A planned fault of the sandbox, and how often it occurs."""

    operation: str
    fault: str
    times: int = 1
    ms: int | None = None
    channel: str | None = None

    def line(self) -> dict[str, str | int]:
        line: dict[str, str | int] = {"operation": self.operation, "fault": self.fault, "times": self.times}
        if self.ms is not None:
            line["ms"] = self.ms
        if self.channel is not None:
            line["channel"] = self.channel
        return line


class Refused(Exception):
    """The error of a shop's call that should have succeeded."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(f"{reply.status}: {reply.text[:500]}")
        self.reply = reply


class Shop:
    """The merchant's side of one service, and the sandbox behind it."""

    def __init__(self, service: Service) -> None:
        self.origin = service.origin

    def try_to_pay(
        self,
        number: str | None = None,
        *,
        channel: str = "sandbox",
        terminal: str = "pc",
        amount: int = 9_900,
        currency: str = "CNY",
        subject: str = "A book about the sea",
        user_id: str = "u1",
        expires_in: int | None = None,
        return_url: str | None = None,
    ) -> Reply:
        number = number or new_number()
        order: dict[str, str | int] = {
            "out_trade_no": number,
            "user_id": user_id,
            "amount": amount,
            "currency": currency,
            "subject": subject,
            "channel": channel,
            "terminal": terminal,
        }
        if expires_in is not None:
            order["expires_in"] = expires_in
        if return_url is not None:
            order["return_url"] = return_url
        return self._call("POST", "/v1/payments", order, key=f"key-{number}")

    def pay(
        self,
        number: str | None = None,
        *,
        channel: str = "sandbox",
        terminal: str = "pc",
        amount: int = 9_900,
        currency: str = "CNY",
        subject: str = "A book about the sea",
        user_id: str = "u1",
        expires_in: int | None = None,
        return_url: str | None = None,
    ) -> Payment:
        """The first pay call for a new order."""
        reply = self.try_to_pay(
            number,
            channel=channel,
            terminal=terminal,
            amount=amount,
            currency=currency,
            subject=subject,
            user_id=user_id,
            expires_in=expires_in,
            return_url=return_url,
        )
        answer = _good(reply)
        page = answer["page"]
        return Payment(answer["out_trade_no"], answer["checkout_url"], page["content"], page["kind"])

    def leave_the_choice(self) -> Payment:
        """The first pay call for a new order whose buyer chooses the channel. It has no page."""
        number = new_number()
        order: dict[str, str | int] = {
            "out_trade_no": number,
            "user_id": "u1",
            "amount": 9_900,
            "currency": "CNY",
            "subject": "A book about the sea",
        }
        answer = _good(self._call("POST", "/v1/payments", order, key=f"key-{number}"))
        return Payment(answer["out_trade_no"], answer["checkout_url"], "", "")

    def repay(self, number: str, *, channel: str | None = None, terminal: str | None = None) -> Reply:
        wish = {name: value for name, value in (("channel", channel), ("terminal", terminal)) if value}
        return self._call("POST", f"/v1/payments/{number}/repay", wish)

    def close(self, number: str) -> None:
        _good(self._call("POST", f"/v1/payments/{number}/close", None))

    def refund(self, number: str) -> None:
        """Requests a refund of the whole payment."""
        _good(self._call("POST", f"/v1/payments/{number}/refunds", {"refund_no": f"R_{number}"}, key=f"refund-{number}"))

    def state(self, number: str) -> str:
        return self.order(number)["state"]

    def hears_of_the_payment(self, number: str) -> None:
        """Waits until the sandbox's notice has arrived."""
        deadline = time.monotonic() + NOTICE_LIMIT_SECONDS
        while self.state(number) != "paid":
            assert time.monotonic() < deadline, f"{number} is {self.state(number)}"
            time.sleep(0.05)

    def live_content(self, number: str) -> str:
        """The payload of the live page, as the API returns it."""
        headers = {"Authorization": f"Bearer {API_KEY}", "Accept": "text/plain"}
        reply = send("GET", f"{self.origin}/v1/payments/{number}/page", headers=headers)
        if reply.status != 200:
            raise Refused(reply)
        return reply.text

    def order(self, number: str) -> dict:
        return _good(self._call("GET", f"/v1/payments/{number}", None))

    def trades(self, number: str) -> list[Trade]:
        """The order's trades at the sandbox, the oldest first."""
        every = _good(send("GET", f"{self.origin}/sandbox/trades"))["trades"]
        mine = [trade for trade in every if trade["trade_no"].startswith(f"{number}_")]
        return sorted(
            (
                Trade(trade["trade_no"], trade["channel"], trade["state"], trade["creates"], trade["refunded"])
                for trade in mine
            ),
            key=lambda trade: int(trade.number.rsplit("_", 1)[1]),
        )

    def buyer_pays(self, trade_number: str, *, at_the_prompt: bool = False) -> None:
        """The buyer pays a trade in their app; with `at_the_prompt` also a trade that was closed in the meantime."""
        late = "?late=true" if at_the_prompt else ""
        _good(send("POST", f"{self.origin}/sandbox/trades/{trade_number}/pay{late}"))

    def plan(self, *faults: Fault) -> None:
        """Plans these faults, and replaces the earlier ones."""
        body = json.dumps([fault.line() for fault in faults]).encode()
        _good(send("PUT", f"{self.origin}/sandbox/faults", headers={"Content-Type": "application/json"}, body=body))

    def _call(self, method: str, path: str, body: object, *, key: str | None = None) -> Reply:
        headers = {"Authorization": f"Bearer {API_KEY}"}
        if key is not None:
            headers["Idempotency-Key"] = key
        if body is not None:
            headers["Content-Type"] = "application/json"
        return send(
            method, f"{self.origin}{path}", headers=headers, body=None if body is None else json.dumps(body).encode()
        )


def trades_made(trades: Sequence[Trade]) -> list[tuple[str, int]]:
    """The number of creates of each trade, by its number in the order."""
    return [(trade.number.rsplit("_", 1)[1], trade.creates) for trade in trades]


def _good(reply: Reply) -> dict:
    if not 200 <= reply.status < 300:
        raise Refused(reply)
    return json.loads(reply.body)
