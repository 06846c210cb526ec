"""One QR code at a time: the buyer can't scan the wrong one."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from support.screens import DESKTOP, Device, Screen
from support.service import HTML
from support.shop import Shop


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def screen(request: pytest.FixtureRequest, show: Callable[[Device], Screen]) -> Screen:
    return show(replace(DESKTOP, scripts=request.param))


def test_opening_the_handoff_closes_the_payment_code_and_back(shop: Shop, screen: Screen) -> None:
    payment = shop.pay()
    screen.open(payment.checkout_url, lang="en")
    switch = screen.page.locator("details#handoff > summary")
    assert screen.codes() == [payment.content]
    assert switch.inner_text() == "Continue on your phone"

    switch.click()
    assert screen.codes() == [payment.checkout_url]
    assert switch.inner_text() == "Back to the payment code"

    switch.click()
    assert screen.codes() == [payment.content]


def test_a_browser_without_has_shows_one_code_too(shop: Shop, desktop: Screen) -> None:
    # Such a browser drops the rule.
    def without_has(route) -> None:
        answer = route.fetch()
        rules = [rule for rule in answer.text().splitlines() if ":has(" not in rule]
        route.fulfill(response=answer, body="\n".join(rules))

    desktop.context.route("**/checkout.css*", without_has)
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")

    desktop.page.locator("details#handoff > summary").click()

    expect(desktop.page.locator('[data-qr="page"]')).to_be_hidden()
    assert desktop.codes() == [payment.checkout_url]


class TestWhereThereIsNoPaymentCode:
    @pytest.fixture
    def settings(self) -> Mapping[str, str]:
        return HTML

    def test_the_handoff_leaves_the_main_action(self, shop: Shop, screen: Screen) -> None:
        payment = shop.pay()
        screen.open(payment.checkout_url)

        screen.page.locator("details#handoff > summary").click()

        assert screen.codes() == [payment.checkout_url]
        assert screen.page.locator("a[data-open]").is_visible()
