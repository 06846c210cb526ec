"""Every screen of an order shows its events, without a provider call."""

import time
from collections.abc import Callable, Mapping

import pytest
from playwright.sync_api import Route

from support.scenes import pay_twice
from support.screens import DESKTOP, Device, Screen
from support.service import FLEETING, HTML
from support.shop import Shop, trades_made


def test_a_reload_and_a_second_tab_cause_no_provider_call(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")
    code = desktop.code_of('[data-qr="page"]')

    desktop.page.reload()
    desktop.see("ready")
    second = Screen(desktop.context.new_page(), desktop.watch)
    second.open(payment.checkout_url)
    second.see("ready")

    assert desktop.code_of('[data-qr="page"]') == second.code_of('[data-qr="page"]') == code
    assert trades_made(shop.trades(payment.number)) == [("1", 1)]


def test_every_tab_shows_that_the_order_is_paid(
    shop: Shop, show: Callable[[Device], Screen], measured: Callable[[str], None]
) -> None:
    payment = shop.pay()
    first = show(DESKTOP)
    tabs = [first] + [Screen(first.context.new_page(), first.watch) for _ in range(3)]
    for tab in tabs:
        tab.open(payment.checkout_url)
        tab.see("ready")

    began = time.monotonic()
    shop.buyer_pays(f"{payment.number}_1")
    for tab in tabs:
        tab.see("paid")
    measured(f"from payment to paid in the last of {len(tabs)} tabs: {time.monotonic() - began:.2f} s")

    assert [tab.page.locator("[data-qr]").count() for tab in tabs] == [0] * len(tabs)


def test_a_duplicate_payment_is_shown_as_refunded(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")

    pay_twice(shop, payment)

    desktop.see("paid")
    desktop.page.wait_for_selector("[data-given-back]", timeout=15_000)
    assert "99.00" in desktop.page.locator("[data-given-back]").inner_text()
    assert shop.state(payment.number) == "paid"


def test_a_payment_after_the_shop_closed_the_order_is_shown_as_refunded(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")
    shop.close(payment.number)
    desktop.see("closed")

    shop.buyer_pays(f"{payment.number}_1", at_the_prompt=True)

    desktop.page.wait_for_selector("[data-given-back]", timeout=15_000)
    assert desktop.state == "closed"
    # It was paid once, too late, and not twice.
    assert "second" not in desktop.text() and "more than once" not in desktop.text()


@pytest.mark.parametrize("trouble", ["broken off", "too many", "unavailable", "not a stream"])
def test_a_page_without_a_stream_still_shows_the_payment(
    shop: Shop, desktop: Screen, trouble: str
) -> None:
    desktop.watch.expect("/events|EventSource")

    def refuse(route: Route) -> None:
        match trouble:
            case "broken off":
                route.abort("connectionreset")
            case "too many":
                route.fulfill(status=429, headers={"Retry-After": "1"})
            case "unavailable":
                route.fulfill(status=503)
            case _:
                route.fulfill(status=200, content_type="text/html", body="Log in to use this network")

    desktop.context.route("**/events*", refuse)
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")

    shop.buyer_pays(f"{payment.number}_1")

    desktop.see("paid", timeout=40_000)


def test_a_page_that_was_offline_catches_up(shop: Shop, desktop: Screen) -> None:
    desktop.watch.expect(r"ERR_INTERNET_DISCONNECTED")
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")

    desktop.context.set_offline(True)
    shop.buyer_pays(f"{payment.number}_1")
    desktop.context.set_offline(False)
    # Going offline keeps an open connection, so the test reloads, as a user would.
    desktop.page.reload()

    desktop.see("paid")


class TestWhenThePageRunsOutBeforeTheOrder:
    @pytest.fixture
    def settings(self) -> Mapping[str, str]:
        return FLEETING

    def test_a_new_page_of_the_same_trade_appears_without_a_reload(self, shop: Shop, desktop: Screen) -> None:
        payment = shop.pay()
        desktop.open(payment.checkout_url)
        desktop.see("ready")
        first = desktop.attribute("data-revision")

        desktop.page.wait_for_function(
            "first => document.querySelector('main[data-state=ready]:not([data-revision=\"' + first + '\"])')",
            arg=first,
        )

        made = trades_made(shop.trades(payment.number))
        assert [number for number, _ in made] == ["1"]
        assert made[0][1] >= 2

    def test_a_hidden_tab_sends_no_request(self, shop: Shop, desktop: Screen) -> None:
        payment = shop.pay()
        desktop.context.add_init_script(
            "Object.defineProperty(document, 'visibilityState',"
            " {get: () => window.seen === false ? 'hidden' : 'visible'})"
        )
        desktop.open(payment.checkout_url)
        desktop.see("ready")
        desktop.page.evaluate("window.seen = false; document.dispatchEvent(new Event('visibilitychange'))")
        desktop.see("renew", "ready")
        creates = shop.trades(payment.number)[0].creates

        desktop.page.wait_for_timeout(4_500)
        assert shop.trades(payment.number)[0].creates <= creates + 1

        desktop.page.evaluate("window.seen = true; document.dispatchEvent(new Event('visibilitychange'))")
        desktop.see("ready")


class TestWhereTheProviderGivesAPage:
    @pytest.fixture
    def settings(self) -> Mapping[str, str]:
        return HTML

    def test_the_desktop_opens_a_redirect_in_a_new_tab_and_turns_to_paid(self, shop: Shop, desktop: Screen) -> None:
        payment = shop.pay()
        desktop.open(payment.checkout_url)
        desktop.see("ready")

        with desktop.context.expect_page() as opened:
            desktop.page.locator("a[data-open]").click()
        provider = opened.value
        provider.locator("button.pay").click()

        desktop.see("paid")
        assert provider.locator("h1").inner_text() == "Paid"
