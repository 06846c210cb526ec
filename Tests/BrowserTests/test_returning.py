"""Going back to the shop after the payment."""

from collections.abc import Callable
from dataclasses import replace

from playwright.sync_api import expect

from support.scenes import pay_twice
from support.screens import DESKTOP, WAIT_MS, Device, Screen
from support.shop import Payment, Shop


def _back(shop: Shop) -> str:
    return f"{shop.origin}/healthz"


def _pay(shop: Shop) -> Payment:
    return shop.pay(return_url=_back(shop))


def _see_it_paid(shop: Shop, screen: Screen, payment: Payment) -> None:
    screen.page.clock.install()
    screen.open(payment.checkout_url)
    screen.see("ready")
    shop.buyer_pays(f"{payment.number}_1")
    screen.see("paid")


def test_a_paid_page_goes_back_to_the_shop_by_itself(shop: Shop, desktop: Screen) -> None:
    payment = _pay(shop)
    desktop.page.clock.install()
    desktop.open(payment.checkout_url, lang="en")
    desktop.see("ready")
    shop.buyer_pays(f"{payment.number}_1")
    desktop.see("paid")
    leaving = desktop.page.locator("[data-leaving]")
    expect(leaving).to_be_visible()
    assert "taken back to the shop" in desktop.page.locator("#said").inner_text()

    desktop.page.clock.run_for(3_000)
    assert leaving.locator("[data-seconds]").inner_text() == "2"
    assert desktop.state == "paid"

    desktop.page.clock.run_for(2_000)
    desktop.page.wait_for_url(_back(shop))


def test_the_buyer_can_stay(shop: Shop, desktop: Screen) -> None:
    payment = _pay(shop)
    _see_it_paid(shop, desktop, payment)

    desktop.page.locator("[data-stay]").click()

    assert desktop.page.locator("[data-leaving]").is_hidden()
    assert desktop.page.evaluate("document.activeElement.matches('a[data-return]')")
    desktop.page.clock.run_for(20_000)
    assert desktop.state == "paid"
    # The choice holds for a reload.
    desktop.page.reload()
    desktop.see("paid")
    assert desktop.page.locator("[data-leaving]").is_hidden()


def test_the_back_button_is_no_trap(shop: Shop, desktop: Screen) -> None:
    payment = _pay(shop)
    _see_it_paid(shop, desktop, payment)
    desktop.page.clock.run_for(6_000)
    desktop.page.wait_for_url(_back(shop))

    desktop.page.go_back()

    desktop.see("paid")
    assert desktop.page.locator("[data-leaving]").is_hidden()


def test_a_tab_that_never_saw_the_order_unpaid_stays(shop: Shop, desktop: Screen) -> None:
    payment = _pay(shop)
    shop.buyer_pays(f"{payment.number}_1")
    shop.hears_of_the_payment(payment.number)
    desktop.page.clock.install()
    desktop.open(payment.checkout_url)
    desktop.see("paid")

    desktop.page.clock.run_for(20_000)

    assert desktop.state == "paid"
    assert desktop.page.locator("[data-leaving]").is_hidden()
    assert desktop.page.locator("a[data-return]").is_visible()


def test_a_page_with_a_refund_to_read_stays(shop: Shop, desktop: Screen) -> None:
    payment = pay_twice(shop, _pay(shop))
    desktop.open(payment.checkout_url)
    desktop.page.wait_for_selector("[data-given-back]", timeout=WAIT_MS)

    assert desktop.page.locator("[data-leave], [data-leaving]").count() == 0
    assert desktop.page.locator("a[data-return]").is_visible()


def test_without_a_return_url_the_page_stays(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    shop.buyer_pays(f"{payment.number}_1")
    shop.hears_of_the_payment(payment.number)
    desktop.open(payment.checkout_url)

    desktop.see("paid")
    assert desktop.page.locator("[data-leaving]").count() == 0


def test_without_scripts_the_way_back_is_a_link(shop: Shop, show: Callable[[Device], Screen]) -> None:
    payment = _pay(shop)
    shop.buyer_pays(f"{payment.number}_1")
    shop.hears_of_the_payment(payment.number)
    plain = show(replace(DESKTOP, scripts=False))

    plain.open(payment.checkout_url)

    assert plain.state == "paid"
    assert plain.page.locator("[data-leaving]").is_hidden()
    assert plain.page.locator("a[data-return]").get_attribute("href") == _back(shop)
