"""The console by the keyboard alone, and without script."""

from collections.abc import Callable
from dataclasses import replace

from playwright.sync_api import Page

from support.console import PASSWORD, Console
from support.screens import DESKTOP, PHONE, Device, Screen

Desk = Callable[[Device], Screen]
MOST_TABS = 80


def tab_to(page: Page, selector: str) -> None:
    """Presses Tab until the element has the focus, which must be visible."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", f"the focus at {selector} is invisible"
            return
    raise AssertionError(f"no Tab leads to {selector}")


def press(page: Page, key: str = "Enter") -> None:
    with page.expect_navigation():
        page.keyboard.press(key)


def test_an_operator_signs_in_searches_and_refunds_by_the_keyboard(console: Console, desk: Desk) -> None:
    payment = console.paid()
    operator = console.new_operator("operator")
    page = desk(DESKTOP).page
    page.goto(f"{console.origin}/console")

    # The name has the focus from the start: a busy browser gives it after the page has loaded.
    page.wait_for_function("document.activeElement.id === 'name'")
    page.keyboard.type(operator.name)
    tab_to(page, "#password")
    page.keyboard.type(PASSWORD)
    press(page)
    assert page.url == f"{console.origin}/console"

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.matches('.skip')"), "the first Tab offers the way past the navigation"
    tab_to(page, 'header a[href="/console/search"]')
    press(page)
    tab_to(page, 'main input[name="q"]')
    page.keyboard.type(payment.number)
    press(page)
    assert page.url.endswith(f"/console/orders/{payment.number}")

    tab_to(page, f'a[href="/console/orders/{payment.number}/refund"]')
    press(page)
    tab_to(page, 'input[name="amount"]')
    page.keyboard.press("Control+A")
    page.keyboard.type("1.00")
    tab_to(page, "main form button[type=submit]")
    press(page)
    tab_to(page, "main form button[type=submit]")
    press(page)
    assert page.locator(".flash.done").is_visible()
    assert [refund["amount"] for refund in console.refunds(payment.number)] == [100]


def test_the_console_works_without_script(console: Console, desk: Desk) -> None:
    payment = console.paid()
    operator = console.new_operator("operator")
    for device in (DESKTOP, PHONE):
        page = desk(replace(device, scripts=False)).page
        page.goto(f"{console.origin}/console/orders/{payment.number}")
        page.fill("#name", operator.name)
        page.fill("#password", PASSWORD)
        page.locator("main button[type=submit]").click()
        assert page.url.endswith(f"/console/orders/{payment.number}"), "signing in leads back to the page"

        page.locator('header a[href="/console/search"]').click()
        page.fill('main input[name="q"]', f"{payment.number}_1")
        page.keyboard.press("Enter")
        page.locator(f'a[href="/console/orders/{payment.number}/refund"]').click()
        page.fill('input[name="amount"]', "2.00")
        page.locator("main form button[type=submit]").click()
        page.locator("main form button[type=submit]").click()
        assert page.locator(".flash.done").is_visible()
        page.locator("header form button").click()
        assert "/console/sign-in" in page.url
    assert [refund["amount"] for refund in console.refunds(payment.number)] == [200, 200]


def test_a_refund_that_is_confirmed_twice_is_made_once(console: Console, desk: Desk) -> None:
    payment = console.paid()
    screen = desk(DESKTOP)
    console.enter(screen, console.session("operator"))
    page = screen.page
    page.goto(f"{console.origin}/console/orders/{payment.number}/refund")
    page.get_by_label("Amount").fill("3.00")
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/refund?amount=3.00*")
    page.locator("main form button[type=submit]").dblclick()
    page.wait_for_selector(".flash")
    page.go_back()
    page.locator("main form button[type=submit]").click()
    page.wait_for_selector(".flash")
    assert [refund["amount"] for refund in console.refunds(payment.number)] == [300]
