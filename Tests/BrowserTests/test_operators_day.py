"""A bad day of an operator who has the console: from each alarm to the end of its trouble by links and buttons.

The headings are those of docs/operations/operators-day.md, whose commands a story of the service tests.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from support.console import CONSOLE, PASSWORD, Console, Operator
from support.hooks import ShopEndpoint
from support.scenes import pay_twice
from support.screens import DESKTOP, WAIT_MS, Device, Screen, screen
from support.service import Service
from support.shop import Fault

Desk = Callable[[Device], Screen]
NEWS_LIMIT_SECONDS = 20


@pytest.fixture(scope="module")
def endpoint() -> Iterator[ShopEndpoint]:
    with ShopEndpoint() as endpoint:
        yield endpoint


@pytest.fixture
def console(
    services: Callable[[Mapping[str, str]], Service], consoles: dict[Service, Console], endpoint: ShopEndpoint
) -> Iterator[Console]:
    """The console of a service whose webhooks come to the endpoint."""
    service = services({**CONSOLE, "PAYPAGE_WEBHOOK_URL": endpoint.url})
    console = consoles.setdefault(service, Console(service))
    yield console
    console.shop.plan()
    endpoint.status = 204


@pytest.fixture
def operator(console: Console) -> Operator:
    return console.new_operator("operator")


def sign_in(console: Console, page: Page, operator: Operator) -> None:
    page.goto(f"{console.origin}/console")
    page.fill("#name", operator.name)
    page.fill("#password", PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_selector("header form button")


def look_up(page: Page, number: str) -> None:
    page.locator('header a[href="/console/search"]').click()
    page.fill('main input[name="q"]', number)
    page.keyboard.press("Enter")
    page.wait_for_url("**/console/orders/*")


def see(page: Page, selector: str) -> None:
    """Waits for what the page shows by itself."""
    page.wait_for_selector(selector, timeout=WAIT_MS)


def is_so(condition: Callable[[], bool], what: str) -> None:
    limit = time.monotonic() + NEWS_LIMIT_SECONDS
    while not condition():
        assert time.monotonic() < limit, what
        time.sleep(0.05)


def test_a_buyer_paid_twice(console: Console, desk: Desk, operator: Operator) -> None:
    payment = pay_twice(console.shop, console.shop.pay())
    is_so(lambda: len(console.refunds(payment.number)) == 1, "the second payment goes back by itself")
    received = console.shop.order(payment.number)["receipts"]
    page = desk(DESKTOP).page
    sign_in(console, page, operator)
    # The buyer sends the number of the payment from a bank statement.
    look_up(page, received[-1]["transaction_id"])
    assert page.url.endswith(f"/console/orders/{payment.number}")
    receipts = page.locator("#payments tbody")
    assert receipts.get_by_text("honest").count() == 1
    assert receipts.get_by_text("duplicate").count() == 1
    see(page, "#refunds .badge.good")
    assert sorted(trade.refunded for trade in console.shop.trades(payment.number)) == [0, 9_900]


def test_a_refund_is_stuck(console: Console, desk: Desk, operator: Operator) -> None:
    payment = console.paid()
    console.shop.plan(Fault("refund", "refused"))
    console.shop.refund(payment.number)
    page = desk(DESKTOP).page
    sign_in(console, page, operator)
    see(page, "#refund_failed")
    page.locator("#refund_failed a").filter(has_text=payment.number).click()

    page.locator("#actions a.button").filter(has_text="Retry").click()
    with page.expect_navigation():
        page.locator("main form button.grave").click()
    assert page.locator(".flash.done").is_visible()
    see(page, "#refunds .badge.good")
    assert [trade.refunded for trade in console.shop.trades(payment.number)] == [9_900]

    page.locator('header a[href="/console"]').first.click()
    assert page.locator("#refund_failed").filter(has_text=payment.number).count() == 0
    page.locator('header a[href="/console/audit"]').click()
    page.fill('main input[name="actor"]', operator.name)
    page.locator("main form button[type=submit]").first.click()
    assert page.locator("#entries tbody").get_by_text("refund.retry").count() == 1


def test_the_shop_gets_no_webhooks(
    console: Console, desk: Desk, operator: Operator, endpoint: ShopEndpoint
) -> None:
    endpoint.status = 500
    payment = console.paid()
    is_so(lambda: payment.number in endpoint.refused, "a webhook is refused")
    page = desk(DESKTOP).page
    sign_in(console, page, operator)
    page.locator('header a[href="/console/webhooks"]').click()
    page.select_option('main select[name="state"]', "pending")
    page.fill('main input[name="order"]', payment.number)
    page.locator("#filter button[type=submit]").click()
    page.locator("#webhooks tbody a").first.click()
    assert page.locator("#tries").get_by_text("500").count() >= 1

    endpoint.status = 204
    page.locator(".crumbs a").click()
    page.locator("#send-test button").click()
    see(page, ".flash.done")
    page.go_back()
    page.fill('main input[name="order"]', payment.number)
    page.locator("#filter button[type=submit]").click()
    page.locator("#webhooks tbody a").first.click()
    page.locator("#resend button").click()
    see(page, ".flash.done, .flash.warning")
    see(page, "h1 .badge.good")
    is_so(lambda: payment.number in endpoint.taken, "the shop has the webhook")


def test_an_api_key_leaks(console: Console, desk: Desk, operator: Operator) -> None:
    payment = console.paid()
    # A stranger refunds the payment by the shop's key.
    console.shop.refund(payment.number)
    page = desk(DESKTOP).page
    sign_in(console, page, operator)
    page.locator('header a[href="/console/audit"]').click()
    page.select_option('main select[name="action"]', "refund.create")
    page.locator("main form button[type=submit]").first.click()
    row = page.locator("#entries tbody tr").filter(has_text=payment.number)
    assert row.count() == 1 and "127.0.0.1" in row.inner_text()


def test_the_host_is_lost(console: Console, browser: Browser, operator: Operator, tmp_path: Path) -> None:
    payment = console.paid()
    copy = tmp_path / "paypage.sqlite"
    console.service.run("backup", str(copy), "--by", "ann")
    lost = console.paid()
    with ExitStack() as stack:
        host = Service(CONSOLE, restored_from=copy)
        stack.callback(host.stop)
        restored = Console(host)
        page = stack.enter_context(screen(browser, DESKTOP, restored.origin)).page
        # The copy has the operators too.
        sign_in(restored, page, operator)
        look_up(page, payment.number)
        assert page.locator("h1 .badge.good").is_visible()
        page.locator('header a[href="/console/search"]').click()
        page.fill('main input[name="q"]', lost.number)
        page.keyboard.press("Enter")
        see(page, ".empty")
        page.locator('header a[href="/console/audit"]').click()
        assert page.locator("#entries tbody").get_by_text("ann").count() >= 1
