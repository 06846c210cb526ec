"""The page without scripts: everything works except automatic updates."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from support.screens import DESKTOP, PHONE, Device, Screen
from support.shop import Fault, Shop


@pytest.fixture
def plain(show: Callable[[Device], Screen]) -> Screen:
    return show(replace(DESKTOP, scripts=False))


def test_without_scripts_the_code_is_shown_and_a_reload_shows_paid(shop: Shop, plain: Screen) -> None:
    payment = shop.pay()
    plain.open(payment.checkout_url)
    assert plain.state == "ready"
    assert plain.code_of('[data-qr="page"]') == payment.content

    shop.buyer_pays(f"{payment.number}_1")
    shop.hears_of_the_payment(payment.number)
    plain.page.reload()

    assert plain.state == "paid"


def test_without_scripts_a_form_switches_the_channel(shop: Shop, plain: Screen) -> None:
    payment = shop.pay()
    plain.open(payment.checkout_url)

    with plain.page.expect_navigation():
        plain.channel("sandbox2").click()

    assert (plain.state, plain.attribute("data-channel")) == ("ready", "sandbox2")
    assert plain.code_of('[data-qr="page"]') == shop.live_content(payment.number)


def test_without_scripts_a_reload_after_a_switch_does_not_repeat_it(shop: Shop, plain: Screen) -> None:
    payment = shop.pay()
    plain.open(payment.checkout_url)
    with plain.page.expect_navigation():
        plain.channel("sandbox2").click()
    posts = plain.watch.asked("POST", "/checkout/")

    plain.page.reload()

    assert plain.state == "ready"
    assert plain.watch.asked("POST", "/checkout/") == posts == 1
    assert len(shop.trades(payment.number)) == 2


def test_without_scripts_a_refusal_is_shown(shop: Shop, plain: Screen) -> None:
    payment = shop.pay()
    plain.open(payment.checkout_url)
    shop.plan(Fault("create", "refused", channel="sandbox2"))

    with plain.page.expect_navigation():
        plain.channel("sandbox2").click()

    plain.has_notice("refused")
    assert plain.channel("sandbox").is_enabled()


def test_without_scripts_the_handoff_opens(shop: Shop, plain: Screen) -> None:
    payment = shop.pay()
    plain.open(payment.checkout_url)

    plain.page.locator("details#handoff > summary").click()

    assert plain.code_of('[data-qr="handoff"]') == payment.checkout_url


def test_without_scripts_the_phone_takes_over_by_a_button_and_pays(
    shop: Shop, show: Callable[[Device], Screen]
) -> None:
    payment = shop.pay()
    phone = show(replace(PHONE, scripts=False))
    phone.open(payment.checkout_url)
    assert phone.state == "choose"

    with phone.page.expect_navigation():
        phone.channel("sandbox").click()
    assert (phone.state, phone.terminal) == ("ready", "h5")
    with phone.page.expect_navigation():
        phone.page.locator("a[data-open]").click()
    phone.page.locator("button.pay").click()
    phone.page.locator("h1", has_text="Paid").wait_for()
    shop.hears_of_the_payment(payment.number)
    phone.open(payment.checkout_url)

    assert phone.state == "paid"
