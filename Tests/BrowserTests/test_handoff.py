"""The phone takes over from the desktop, and both screens show the result."""

import time
from collections.abc import Callable, Mapping

import pytest

from support.screens import WECHAT, Device, Screen
from support.service import HTML
from support.shop import Shop


def _paid_on_both(shop: Shop, trade: str, screens: Mapping[str, Screen], measured: Callable[[str], None]) -> None:
    began = time.monotonic()
    shop.buyer_pays(trade)
    for name, each in screens.items():
        each.see("paid")
        measured(f"from payment to paid on the {name}: {time.monotonic() - began:.2f} s")


def test_the_phone_takes_over_and_both_screens_turn_to_paid(
    shop: Shop, desktop: Screen, phone: Screen, measured: Callable[[str], None]
) -> None:
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")
    desktop.page.locator("details#handoff > summary").click()

    # The phone opens the address that its camera reads.
    phone.open(desktop.code_of('[data-qr="handoff"]'))

    phone.see("ready")
    desktop.see("moved")
    assert phone.page.locator("a[data-open]").is_visible()
    assert desktop.page.locator('[data-qr="page"]:visible').count() == 0
    assert [(trade.state, trade.creates) for trade in shop.trades(payment.number)] == [("closed", 1), ("unpaid", 1)]

    _paid_on_both(shop, f"{payment.number}_2", {"desktop": desktop, "phone": phone}, measured)


def test_the_desktop_takes_the_payment_back(shop: Shop, desktop: Screen, phone: Screen) -> None:
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")
    phone.open(payment.checkout_url)
    phone.see("ready")
    desktop.see("moved")

    desktop.channel("sandbox").click()

    desktop.see("ready")
    phone.see("choose", "moved")
    # And the phone does not take the payment back by itself.
    phone.page.wait_for_timeout(1_500)
    assert desktop.state == "ready"
    assert desktop.code_of('[data-qr="page"]') == shop.live_content(payment.number)
    assert [trade.state for trade in shop.trades(payment.number)] == ["closed", "closed", "unpaid"]


def test_a_phone_that_began_the_payment_does_not_take_it_back_by_itself(
    shop: Shop, desktop: Screen, phone: Screen
) -> None:
    payment = shop.pay(terminal="h5")
    phone.open(payment.checkout_url)
    phone.see("ready")
    desktop.open(payment.checkout_url)
    desktop.see("moved")

    desktop.channel("sandbox").click()

    desktop.see("ready")
    phone.see("choose", "moved")
    phone.page.wait_for_timeout(1_500)
    assert desktop.state == "ready"
    assert [trade.state for trade in shop.trades(payment.number)] == ["closed", "unpaid"]


class TestWhereOneTradeServesEveryScreen:
    @pytest.fixture
    def settings(self) -> Mapping[str, str]:
        return HTML

    def test_the_phone_continues_the_same_trade_and_the_desktop_keeps_its_page(
        self, shop: Shop, desktop: Screen, phone: Screen, measured: Callable[[str], None]
    ) -> None:
        payment = shop.pay()
        desktop.open(payment.checkout_url)
        desktop.see("ready")

        phone.open(payment.checkout_url)

        phone.see("ready")
        assert desktop.state == "ready"
        assert [trade.creates for trade in shop.trades(payment.number)] == [1]

        # The buyer opens the provider's page on the phone, and pays there.
        with phone.page.expect_navigation():
            phone.page.locator("a[data-open]").click()
        began = time.monotonic()
        phone.page.locator("button.pay").click()
        desktop.see("paid")
        measured(f"from the button on the provider's page to paid on the desktop: {time.monotonic() - began:.2f} s")


def test_inside_wechat_the_page_detects_wechat(shop: Shop, show: Callable[[Device], Screen]) -> None:
    payment = shop.pay()
    wechat = show(WECHAT)

    wechat.open(payment.checkout_url)

    assert wechat.terminal == "jsapi"
    assert wechat.page.locator("html").get_attribute("lang") == "zh-CN"


def test_a_parameter_sets_the_terminal_of_the_page(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay(terminal="app")

    desktop.open(payment.checkout_url, terminal="app")

    desktop.see("ready")
    assert desktop.terminal == "app"
    assert f"{payment.number}_1" in desktop.page.locator("[data-sdk]").text_content()
