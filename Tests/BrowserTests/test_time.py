"""The countdown: it follows the server's clock, and its end is shown."""

import re
from collections.abc import Mapping

import pytest
from playwright.sync_api import expect

from support.screens import WAIT_MS, Screen
from support.service import BRISK, BRISK_ORDER_SECONDS, PAYABLE_TO_THE_END, PAYABLE_TO_THE_END_SECONDS
from support.shop import Shop


def _seconds(text: str) -> int:
    """`4:59`, `04:59`, `1:04:59`: as seconds."""
    clock = re.search(r"\d+(:\d\d)+", text)
    assert clock, f"no time in {text!r}"
    seconds = 0
    for part in clock[0].split(":"):
        seconds = seconds * 60 + int(part)
    return seconds


class TestAShortOrder:
    @pytest.fixture
    def settings(self) -> Mapping[str, str]:
        return BRISK

    def test_the_page_shows_the_end_of_the_countdown(self, shop: Shop, desktop: Screen) -> None:
        payment = shop.pay(expires_in=BRISK_ORDER_SECONDS, return_url=f"{shop.origin}/healthz")
        desktop.open(payment.checkout_url)
        desktop.see("ready")

        desktop.see("timeup")
        assert desktop.page.locator("button[name=channel]:enabled").count() == 0
        assert desktop.page.locator("[data-qr]").count() == 0
        assert shop.state(payment.number) == "new"

        desktop.see("expired")
        assert shop.state(payment.number) == "expired"
        assert desktop.page.locator("a[data-return]").get_attribute("href") == f"{shop.origin}/healthz"


class TestTheLastSeconds:
    @pytest.fixture
    def settings(self) -> Mapping[str, str]:
        return PAYABLE_TO_THE_END

    def test_a_payment_after_the_countdown_still_pays_the_order(self, shop: Shop, desktop: Screen) -> None:
        payment = shop.pay(expires_in=PAYABLE_TO_THE_END_SECONDS)
        desktop.open(payment.checkout_url)
        desktop.see("timeup")

        shop.buyer_pays(f"{payment.number}_1")

        desktop.see("paid")


def test_the_countdown_goes_down_to_the_cut_off(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay(expires_in=600)
    desktop.open(payment.checkout_url)
    desktop.see("ready")
    countdown = desktop.page.locator("[data-countdown]")

    first = _seconds(countdown.inner_text())
    desktop.page.wait_for_function(
        "first => document.querySelector('[data-countdown]').innerText !== first", arg=countdown.inner_text()
    )

    # Calls end one margin (2 s) before the deadline.
    assert 540 < first <= 598
    assert _seconds(countdown.inner_text()) < first


def test_the_time_is_shown_while_it_is_far_away_and_the_countdown_once_it_is_near(shop: Shop, desktop: Screen) -> None:
    desktop.page.clock.install()
    payment = shop.pay(expires_in=1_800)
    desktop.open(payment.checkout_url)
    desktop.see("ready")
    countdown, time = desktop.page.locator("[data-countdown]"), desktop.page.locator("[data-until]")
    assert (countdown.is_visible(), time.is_visible()) == (False, True)

    # By the page's own clock: the server's has not moved.
    desktop.hold()
    desktop.page.clock.run_for(1_199_000)

    assert (countdown.is_visible(), time.is_visible()) == (True, False)
    assert re.fullmatch(r"0?9:[45]\d|10:00", countdown.inner_text())


def test_a_wrong_client_clock_does_not_change_the_countdown(shop: Shop, desktop: Screen) -> None:
    desktop.context.add_init_script("const now = Date.now; Date.now = () => now() + 86_400_000;")
    payment = shop.pay(expires_in=600)

    desktop.open(payment.checkout_url)

    desktop.see("ready")
    assert 540 < _seconds(desktop.page.locator("[data-countdown]").inner_text()) <= 598


def test_the_countdown_is_correct_after_the_device_slept(shop: Shop, desktop: Screen) -> None:
    desktop.page.clock.install()
    payment = shop.pay(expires_in=600)
    desktop.open(payment.checkout_url)
    desktop.see("ready")

    # The laptop's lid was closed for five minutes, by its own clock: timers didn't fire, then all at once. The server's
    # clock, which went on as ever, is the one that is right.
    with desktop.page.expect_response(lambda answer: answer.url == desktop.page.url):
        desktop.page.clock.fast_forward(300_000)

    expect(desktop.page.locator("[data-countdown]")).to_have_text(re.compile(r"^0?9:[2-5]\d$"), timeout=WAIT_MS)
