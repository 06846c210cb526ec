"""Every final state has a text, and a link back to the shop."""

import time
from collections.abc import Callable

import pytest

from support import tokens
from support.screens import Screen
from support.shop import Payment, Shop


def _paid(shop: Shop, payment: Payment) -> None:
    shop.buyer_pays(f"{payment.number}_1")


def _closed(shop: Shop, payment: Payment) -> None:
    shop.close(payment.number)


@pytest.mark.parametrize(("state", "end"), [("paid", _paid), ("closed", _closed)])
def test_an_order_that_ended_leads_back_to_the_shop(
    shop: Shop, desktop: Screen, state: str, end: Callable[[Shop, Payment], None]
) -> None:
    payment = shop.pay(return_url=f"{shop.origin}/healthz")
    end(shop, payment)

    desktop.open(payment.checkout_url)

    desktop.see(state)
    assert desktop.page.locator("button[name=channel]").count() == 0
    assert desktop.page.locator("[data-countdown]").count() == 0
    with desktop.page.expect_navigation():
        desktop.page.locator("a[data-return]").click()
    assert desktop.page.url == f"{shop.origin}/healthz"


def test_an_order_without_a_return_url_has_no_return_link(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    _paid(shop, payment)

    desktop.open(payment.checkout_url)

    desktop.see("paid")
    assert desktop.page.locator("a[data-return]").count() == 0


def test_an_expired_link_says_so(shop: Shop, desktop: Screen) -> None:
    desktop.watch.expect("status of 410")
    payment = shop.pay(subject="A secret surprise")
    old = tokens.make(payment.number, expires_at_ms=int(time.time() * 1_000) - 1)

    answer = desktop.open(f"{shop.origin}/checkout/{old}")

    assert answer.status == 410
    desktop.see("gone")
    assert "A secret surprise" not in desktop.page.content()


@pytest.mark.parametrize("case", ["nothing", "another's secret", "another order's seal", "no such order"])
def test_an_invalid_link_says_so(shop: Shop, desktop: Screen, case: str) -> None:
    desktop.watch.expect("status of 404")
    mine, other = shop.pay(), shop.pay(subject="A secret surprise")
    later = int(time.time() * 1_000) + 60_000
    token = {
        "nothing": "nothing",
        "another's secret": tokens.make(other.number, expires_at_ms=later, secret="x" * 40),
        "another order's seal": other.token.rsplit(".", 1)[0] + "." + mine.token.rsplit(".", 1)[1],
        "no such order": tokens.make("nobody_0001", expires_at_ms=later),
    }[case]

    answer = desktop.open(f"{shop.origin}/checkout/{token}")

    assert answer.status == 404
    desktop.see("nolink")
    assert "A secret surprise" not in desktop.page.content()
