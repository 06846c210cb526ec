"""Switching to another channel: with progress, and without a dead end."""

from collections.abc import Mapping

import pytest
from playwright.sync_api import expect

from support.screens import WAIT_MS, Screen
from support.service import FLEETING, STRICT
from support.shop import Fault, Shop


def test_switching_shows_progress_and_ends_on_the_new_page(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")
    shop.plan(Fault("close", "slow", ms=1_500), Fault("create", "slow", ms=1_500))

    desktop.channel("sandbox2").click()

    desktop.see("working")
    assert desktop.page.locator("[data-qr]:visible").count() == 0
    assert desktop.page.locator("button[name=channel]:visible").count() == 0
    desktop.see("ready")
    assert desktop.attribute("data-channel") == "sandbox2"
    assert desktop.code_of('[data-qr="page"]') == shop.live_content(payment.number) != payment.content
    assert [(trade.channel, trade.state) for trade in shop.trades(payment.number)] == [
        ("sandbox", "closed"),
        ("sandbox2", "unpaid"),
    ]


def test_a_second_tab_shows_the_progress_too(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    second = Screen(desktop.context.new_page(), desktop.watch)
    for tab in (desktop, second):
        tab.open(payment.checkout_url)
        tab.see("ready")
    shop.plan(Fault("close", "slow", ms=2_000))

    desktop.channel("sandbox2").click()

    second.see("working")
    second.see("ready")
    assert second.attribute("data-channel") == "sandbox2"


def test_a_double_click_is_one_switch(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")
    shop.plan(Fault("close", "slow", ms=500), Fault("create", "slow", ms=500))

    desktop.channel("sandbox2").dblclick()

    desktop.see("working")
    desktop.see("ready")
    assert [trade.creates for trade in shop.trades(payment.number)] == [1, 1]


def test_an_old_address_starts_no_switch_after_the_phone_took_over(
    shop: Shop, desktop: Screen, phone: Screen
) -> None:
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")
    shop.plan(Fault("create", "garbage", channel="sandbox2", times=9))
    desktop.channel("sandbox2").click()
    desktop.see("unknown")
    desktop.page.goto("about:blank")
    phone.open(payment.checkout_url)
    phone.channel("sandbox").click()
    phone.see("ready")
    held = shop.live_content(payment.number)

    desktop.page.go_back()

    desktop.see("moved")
    assert desktop.page.locator("form[data-auto]").count() == 0
    assert shop.live_content(payment.number) == held


def test_an_answer_from_a_proxy_in_between_is_ignored(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")
    everything_but_the_stream = "**/checkout/*"
    portal = "<!doctype html><title>Wi-Fi</title><h1>Please log in</h1>"
    desktop.page.route(
        everything_but_the_stream, lambda route: route.fulfill(status=200, content_type="text/html", body=portal)
    )

    desktop.channel("sandbox2").click()

    expect(desktop.page.locator("#offline")).to_be_visible(timeout=WAIT_MS)
    desktop.see("ready")
    assert len(shop.trades(payment.number)) == 1
    desktop.page.unroute(everything_but_the_stream)
    expect(desktop.page.locator("#offline")).to_be_hidden(timeout=WAIT_MS)
    # The press did not arrive, so it is repeated.
    desktop.page.wait_for_selector('main[data-state="ready"][data-channel="sandbox2"]', timeout=WAIT_MS)
    assert desktop.code_of('[data-qr="page"]') == shop.live_content(payment.number) != payment.content
    assert len(shop.trades(payment.number)) == 2


def test_a_refusal_is_shown_and_another_channel_works(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")
    shop.plan(Fault("create", "refused", channel="sandbox2"))

    desktop.channel("sandbox2").click()
    desktop.has_notice("refused")
    assert desktop.state == "choose"
    desktop.channel("sandbox").click()

    desktop.see("ready")
    assert desktop.page.locator("[data-notice]").count() == 0
    assert desktop.code_of('[data-qr="page"]') == shop.live_content(payment.number)


def test_the_refused_channel_is_marked_and_its_news_survives_an_older_event(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")
    shop.plan(Fault("create", "refused", channel="sandbox2"))
    desktop.channel("sandbox2").click()
    desktop.has_notice("refused")
    marked = desktop.page.locator("button.way.failed")
    assert marked.get_attribute("value") == "sandbox2"
    assert marked.locator("small").is_visible()
    assert marked.is_enabled()

    # An event of the time before the refusal comes late.
    with desktop.page.expect_response(lambda answer: answer.url.split("?")[0] == payment.checkout_url):
        desktop.page.evaluate("document.getElementById('checkout').dataset.revision = 'older'")
        desktop.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    desktop.page.wait_for_selector("main:not([data-revision=older])")

    assert desktop.page.locator('[data-notice="refused"]').is_visible()
    assert desktop.page.locator("button.way.failed").count() == 1

    # News of a later change replaces it.
    assert shop.repay(payment.number, channel="sandbox").status == 200
    desktop.see("ready")
    assert desktop.page.locator("[data-notice]").count() == 0


def test_progress_names_the_new_channel_and_never_the_old_one(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    second = Screen(desktop.context.new_page(), desktop.watch)
    for tab in (desktop, second):
        tab.open(payment.checkout_url, lang="en")
        tab.see("ready")
    shop.plan(Fault("close", "slow", ms=3_000))

    desktop.channel("sandbox2").click()

    # The screen of the press knows the new channel; another one doesn't.
    steps = desktop.page.locator(".steps li")
    expect(steps.nth(1)).to_contain_text("Asking Sandbox (sandbox2) for a new payment page", timeout=WAIT_MS)
    expect(second.page.locator(".steps li").nth(1)).to_contain_text("Opening the new payment page", timeout=WAIT_MS)
    for tab in (desktop, second):
        tab.see("ready")


def test_an_unreadable_answer_is_retried_automatically(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")
    shop.plan(Fault("create", "garbage", channel="sandbox2"))

    desktop.channel("sandbox2").click()

    desktop.see("unknown")
    desktop.see("ready", timeout=30_000)
    assert desktop.attribute("data-channel") == "sandbox2"
    # One unreadable answer and one retry, for the same trade.
    assert [(trade.channel, trade.creates) for trade in shop.trades(payment.number)] == [
        ("sandbox", 1),
        ("sandbox2", 2),
    ]


def test_a_provider_that_does_not_answer_is_retried_automatically(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")
    shop.plan(Fault("create", "lost", channel="sandbox2"))

    desktop.channel("sandbox2").click()

    desktop.see("working")
    desktop.see("unknown")
    desktop.see("ready", timeout=30_000)
    assert desktop.attribute("data-channel") == "sandbox2"
    assert [trade.state for trade in shop.trades(payment.number)] == ["closed", "unpaid"]


def test_a_switch_that_finds_the_old_page_paid_shows_paid(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")
    shop.plan(Fault("pay", "notify_never"))
    shop.buyer_pays(f"{payment.number}_1")

    desktop.channel("sandbox2").click()

    desktop.see("paid")
    assert len(shop.trades(payment.number)) == 1


class TestAPageThatMayStillTakeMoney:
    @pytest.fixture
    def settings(self) -> Mapping[str, str]:
        return FLEETING

    def test_no_other_channel_is_offered_while_a_renewal_is_unknown(
        self, shop: Shop, desktop: Screen
    ) -> None:
        payment = shop.pay()
        desktop.open(payment.checkout_url)
        desktop.see("ready")
        shop.plan(Fault("create", "garbage", times=2))

        desktop.see("unknown")
        assert desktop.page.locator('button[name=channel][value="sandbox2"]:visible').count() == 0
        # The state is announced to screen readers too.
        assert desktop.page.locator('main [role="alert"]').inner_text()

        desktop.see("ready", timeout=30_000)
        assert len(shop.trades(payment.number)) == 1


class TestWhereAnOldPageMustBeProvenClosed:
    @pytest.fixture
    def settings(self) -> Mapping[str, str]:
        return {**STRICT, "PAYPAGE_SWITCH_POLICY": "strict"}

    def test_an_unsafe_switch_is_refused_with_a_notice(self, shop: Shop, desktop: Screen) -> None:
        payment = shop.pay()
        desktop.open(payment.checkout_url)
        desktop.see("ready")
        shop.plan(Fault("close", "close_too_early", times=9))

        desktop.channel("sandbox2").click()

        desktop.has_notice("unsafe")
        assert [trade.state for trade in shop.trades(payment.number)] == ["unpaid"]
        # The buyer continues with the page that may still take money.
        assert desktop.channel("sandbox").is_enabled() or desktop.state == "ready"
        shop.buyer_pays(f"{payment.number}_1")
        desktop.see("paid")
