"""What happens to an order is told on every screen that shows it, and costs no provider call."""

import time
from collections.abc import Callable, Mapping

import pytest
from playwright.sync_api import Route

from support.scenes import pay_twice
from support.screens import DESKTOP, Device, Screen
from support.service import FLEETING, HTML
from support.shop import Shop, trades_made


def test_a_reload_and_a_second_tab_ask_no_provider(shop: Shop, desktop: Screen) -> None:
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


def test_every_tab_says_that_the_order_is_paid(
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


def test_money_that_came_twice_is_said_to_go_back(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")

    pay_twice(shop, payment)

    desktop.see("paid")
    desktop.page.wait_for_selector("[data-given-back]", timeout=15_000)
    assert "99.00" in desktop.page.locator("[data-given-back]").inner_text()
    assert shop.state(payment.number) == "paid"


def test_money_that_came_after_the_shop_closed_the_order_is_said_to_go_back(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")
    shop.close(payment.number)
    desktop.see("closed")

    shop.buyer_pays(f"{payment.number}_1", at_the_prompt=True)

    desktop.page.wait_for_selector("[data-given-back]", timeout=15_000)
    assert desktop.state == "closed"
    # It was paid once, too late: nobody paid twice.
    assert "second" not in desktop.text() and "more than once" not in desktop.text()


@pytest.mark.parametrize("trouble", ["broken off", "too many", "unavailable", "not a stream"])
def test_a_page_whose_stream_is_refused_hears_of_the_payment_all_the_same(
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


def test_a_page_that_was_offline_tells_what_happened_meanwhile(shop: Shop, desktop: Screen) -> None:
    desktop.watch.expect(r"ERR_INTERNET_DISCONNECTED")
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")

    desktop.context.set_offline(True)
    shop.buyer_pays(f"{payment.number}_1")
    desktop.context.set_offline(False)
    # Going offline leaves an open connection open; a reload is what a person does.
    desktop.page.reload()

    desktop.see("paid")


class TestWhenThePageRunsOutBeforeTheOrder:
    @pytest.fixture
    def settings(self) -> Mapping[str, str]:
        return FLEETING

    def test_a_new_page_of_the_same_trade_comes_by_itself(self, shop: Shop, desktop: Screen) -> None:
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

    def test_a_tab_that_nobody_looks_at_asks_for_nothing(self, shop: Shop, desktop: Screen) -> None:
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

    def test_the_desktop_opens_it_in_a_tab_of_its_own_and_turns_to_paid(self, shop: Shop, desktop: Screen) -> None:
        payment = shop.pay()
        desktop.open(payment.checkout_url)
        desktop.see("ready")

        with desktop.context.expect_page() as opened:
            desktop.page.locator("a[data-open]").click()
        provider = opened.value
        provider.locator("button.pay").click()

        desktop.see("paid")
        assert provider.locator("h1").inner_text() == "Paid"
