"""A client that was generated from the API's description works against the service that serves the description.

The generated package exists only while the tests run, so each test imports what it uses.
"""

from __future__ import annotations

import re
import time
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from support.service import API_KEY, Service
from support.shop import Shop, new_number

if TYPE_CHECKING:
    from paypage_client import AuthenticatedClient

NEWS_LIMIT_SECONDS = 20


def operation(tag: str, name: str) -> ModuleType:
    return import_module(f"paypage_client.api.{tag}.{name}")


def model(name: str) -> Any:
    return getattr(import_module("paypage_client.models"), name)


@pytest.fixture
def client(service: Service) -> AuthenticatedClient:
    generated = import_module("paypage_client").AuthenticatedClient
    return generated(base_url=service.origin, token=API_KEY, httpx_args={"trust_env": False})


def first_pay(client: AuthenticatedClient, number: str) -> Any:
    basket = model("FirstPay")(
        out_trade_no=number,
        user_id="u1",
        amount=9_900,
        currency="CNY",
        subject="A book",
        channel="sandbox",
        terminal="pc",
    )
    return operation("payments", "first_pay").sync_detailed(client=client, body=basket, idempotency_key=number)


def order_when(client: AuthenticatedClient, number: str, state: str, refunded: int = 0) -> Any:
    """The order, once it has this state and this much money has gone back."""
    deadline = time.monotonic() + NEWS_LIMIT_SECONDS
    while True:
        order = operation("payments", "get_order").sync(number, client=client)
        if order.state == state and order.refunded == refunded:
            return order
        assert time.monotonic() < deadline, order
        time.sleep(0.05)


def test_every_operation_has_a_function_of_its_id(service: Service, generated: Path) -> None:
    ids = re.findall(r"operationId: (\w+)", (generated.parent / "openapi.yaml").read_text())
    snake = {re.sub(r"(?<=[a-z])([A-Z])", r"_\1", name).lower() for name in ids}
    functions = {file.stem for file in generated.glob("api/*/*.py")} - {"__init__"}
    # The webhook is a call of the service, not of its client.
    assert functions == snake - {"receive_event"}


def test_an_order_is_paid_refunded_and_listed(client: AuthenticatedClient, shop: Shop) -> None:
    number = new_number()
    answer = first_pay(client, number)
    assert answer.status_code == 201
    assert answer.parsed.page.kind == "qr" and answer.parsed.checkout_url.startswith(shop.origin)
    assert first_pay(client, number).headers["idempotent-replayed"] == "true"
    repaid = operation("payments", "repay").sync(number, client=client, body=model("Repay")())
    assert repaid.page.content == answer.parsed.page.content

    shop.buyer_pays(f"{number}_1")
    paid = order_when(client, number, "paid")
    assert (paid.amount, paid.refundable, paid.receipts[0].standing) == (9_900, 9_900, "honest")

    request = model("RefundRequest")(refund_no="R1", amount=6_000, reason="one page was torn")
    create = operation("refunds", "create_refund")
    refund = create.sync_detailed(number, client=client, body=request, idempotency_key=f"{number}_back")
    assert refund.status_code == 201 and refund.parsed.cause == "merchant"
    order_when(client, number, "paid", refunded=6_000)
    assert operation("refunds", "get_refund").sync(number, "R1", client=client).state == "succeeded"
    refunds = operation("refunds", "list_refunds").sync(number, client=client).refunds
    assert [each.amount for each in refunds] == [6_000]

    found = operation("payments", "list_orders").sync(client=client, trade_no=f"{number}_1").payments
    assert [each.out_trade_no for each in found] == [number]


def test_a_list_is_read_to_its_end_by_its_cursors(client: AuthenticatedClient) -> None:
    numbers = {new_number() for _ in range(3)}
    for number in numbers:
        first_pay(client, number)
    seen, cursor = set(), {}
    while True:
        answer = operation("payments", "list_orders").sync(client=client, limit=1, **cursor)
        seen.update(order.out_trade_no for order in answer.payments)
        if not isinstance(answer.next_cursor, str):
            break
        cursor = {"cursor": answer.next_cursor}
    assert numbers <= seen


def test_a_refusal_is_a_problem_with_a_code(client: AuthenticatedClient) -> None:
    answer = operation("payments", "get_order").sync_detailed("no_such_order", client=client)
    assert answer.status_code == 404
    assert isinstance(answer.parsed, model("Problem")) and answer.parsed.code == "PAY_ORDER_NOT_EXIST"
    wrong = first_pay(client, "a-b")
    assert wrong.parsed.code == "INVALID_REQUEST"
    assert [mistake.pointer for mistake in wrong.parsed.errors] == ["/out_trade_no"]


def test_a_checkout_link_needs_no_key(client: AuthenticatedClient, service: Service) -> None:
    url = first_pay(client, number := new_number()).parsed.checkout_url
    anybody = import_module("paypage_client").Client(base_url=service.origin, httpx_args={"trust_env": False})
    order = operation("checkout", "get_checkout_order").sync(url.rsplit("/", 1)[1], client=anybody)
    assert order.out_trade_no == number


def test_channels_are_listed(client: AuthenticatedClient) -> None:
    channels = operation("channels", "list_channels").sync(client=client).channels
    assert [(each.channel, each.provider, each.accepting) for each in channels] == [
        ("sandbox", "sandbox", True),
        ("sandbox2", "sandbox", True),
    ]


class LaterVersion(httpx.HTTPTransport):
    """Answers as a later version might: with values and fields that today's description lacks."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = super().handle_request(request)
        body = (
            answer.read().replace(b'"state":"new"', b'"state":"on_hold","mood":"calm"').replace(b'"qr"', b'"hologram"')
        )
        body = body.replace(b"PAY_ORDER_NOT_EXIST", b"PAY_ORDER_HIDDEN")
        headers = {name: value for name, value in answer.headers.items() if name.lower() != "content-length"}
        return httpx.Response(answer.status_code, headers=headers, content=body)


def test_values_of_a_later_version_are_accepted(service: Service) -> None:
    generated = import_module("paypage_client").AuthenticatedClient
    later = {"transport": LaterVersion(trust_env=False)}
    client = generated(base_url=service.origin, token=API_KEY, httpx_args=later)
    payment = first_pay(client, number := new_number()).parsed
    assert (payment.state, payment.page.kind) == ("on_hold", "hologram")
    order = operation("payments", "get_order").sync(number, client=client)
    assert order.state == "on_hold" and order.additional_properties["mood"] == "calm"
    assert operation("payments", "get_order").sync("no_such_order", client=client).code == "PAY_ORDER_HIDDEN"
