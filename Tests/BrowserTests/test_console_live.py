"""The console's pages refresh themselves, and leave alone what somebody works on.

The browser's clock is moved by hand.
"""

from collections.abc import Callable

from support.console import PASSWORD, Console
from support.screens import DESKTOP, WAIT_MS, Device, Screen
from support.shop import Payment

Desk = Callable[[Device], Screen]
PAUSE_MS = 5_000
HIDE = """
hidden => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => hidden ? 'hidden' : 'visible' });
    document.dispatchEvent(new Event('visibilitychange'));
}
"""


def open_order(console: Console, desk: Desk, payment: Payment, session: str | None = None) -> Screen:
    screen = desk(DESKTOP)
    console.enter(screen, session or console.session("operator"))
    screen.page.clock.install()
    screen.page.goto(f"{console.origin}/console/orders/{payment.number}")
    return screen


def wait_for_refresh(screen: Screen) -> None:
    """Lets the page's pause pass, and waits for the answer."""
    with screen.page.expect_response(lambda answer: "x-console-refresh" in answer.request.headers) as answer:
        screen.page.clock.run_for(PAUSE_MS)
    # An answer without a body never finishes.
    if answer.value.status != 304:
        answer.value.finished()


def pay(console: Console, payment: Payment) -> None:
    console.shop.buyer_pays(f"{payment.number}_1")
    console.shop.hears_of_the_payment(payment.number)


def test_a_payment_appears_by_itself(console: Console, desk: Desk) -> None:
    payment = console.shop.pay()
    screen = open_order(console, desk, payment)
    assert screen.page.locator("h1 .badge.good").count() == 0
    pay(console, payment)
    wait_for_refresh(screen)
    screen.page.wait_for_selector("h1 .badge.good", timeout=WAIT_MS)


def test_an_unchanged_page_is_not_sent_again(console: Console, desk: Desk) -> None:
    screen = open_order(console, desk, console.paid())
    statuses: list[int] = []
    screen.page.on("response", lambda answer: statuses.append(answer.status))
    for _ in range(3):
        wait_for_refresh(screen)
    assert statuses[-1] == 304


def test_a_refresh_keeps_the_focus_the_opened_details_and_the_place(console: Console, desk: Desk) -> None:
    payment = console.shop.pay()
    screen = open_order(console, desk, payment)
    page = screen.page
    page.set_viewport_size({"width": 1280, "height": 400})
    page.locator(".scroll").first.focus()
    before = page.evaluate("[document.activeElement.getAttribute('aria-label'), scrollY]")
    pay(console, payment)
    wait_for_refresh(screen)
    page.wait_for_selector("h1 .badge.good", timeout=WAIT_MS)
    assert page.evaluate("document.activeElement.getAttribute('aria-label')") == before[0]
    assert page.evaluate("document.activeElement !== document.body")


def test_a_form_that_somebody_fills_in_is_left_alone(console: Console, desk: Desk) -> None:
    screen = desk(DESKTOP)
    console.enter(screen, console.session("operator"))
    page = screen.page
    page.clock.install()
    page.goto(f"{console.origin}/console/search")
    page.fill('main input[name="q"]', "2026")
    field = page.locator('main input[name="q"]').element_handle()
    console.shop.pay()
    wait_for_refresh(screen)
    assert field and field.evaluate("field => field.isConnected && field.value === '2026'")
    assert page.evaluate("field => document.activeElement === field", field)

    page.evaluate("document.activeElement.blur()")
    console.shop.pay()
    wait_for_refresh(screen)
    assert field.evaluate("field => field.isConnected && field.value === '2026'"), "a filled form without focus stays"


def test_a_selected_text_is_left_alone(console: Console, desk: Desk) -> None:
    payment = console.shop.pay()
    screen = open_order(console, desk, payment)
    screen.page.evaluate("document.getSelection().selectAllChildren(document.querySelector('h1'))")
    pay(console, payment)
    wait_for_refresh(screen)
    assert payment.number in screen.page.evaluate("document.getSelection().toString()")


def test_a_hidden_tab_rests_and_catches_up_when_it_is_seen(console: Console, desk: Desk) -> None:
    payment = console.shop.pay()
    screen = open_order(console, desk, payment)
    path = f"/console/orders/{payment.number}"
    screen.page.evaluate(HIDE, True)
    pay(console, payment)
    asked = screen.watch.asked("GET", path)
    screen.page.clock.run_for(20 * PAUSE_MS)
    assert screen.watch.asked("GET", path) == asked
    screen.page.evaluate(HIDE, False)
    screen.page.wait_for_selector("h1 .badge.good", timeout=WAIT_MS)


def test_the_page_says_when_the_connection_is_lost_and_when_it_is_back(console: Console, desk: Desk) -> None:
    screen = open_order(console, desk, console.paid())
    screen.watch.expect("INTERNET_DISCONNECTED")
    screen.context.set_offline(True)
    screen.page.wait_for_selector("#lost", state="visible", timeout=WAIT_MS)
    screen.context.set_offline(False)
    screen.page.wait_for_selector("#lost", state="hidden", timeout=WAIT_MS)


def test_a_session_that_ended_elsewhere_leads_to_the_sign_in_page_and_back(console: Console, desk: Desk) -> None:
    payment = console.paid()
    operator = console.new_operator("operator")
    session = console.new_session(operator)
    screen = open_order(console, desk, payment, session)
    page = screen.page
    assert console.post("/console/sign-out", {"csrf": console.csrf(session)}, session).status == 303
    page.clock.run_for(PAUSE_MS)
    page.wait_for_selector("#password", timeout=WAIT_MS)
    page.fill("#name", operator.name)
    page.fill("#password", PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(f"{console.origin}/console/orders/{payment.number}")


def test_a_session_that_ended_elsewhere_does_not_take_a_filled_form_away(console: Console, desk: Desk) -> None:
    operator = console.new_operator("operator")
    session = console.new_session(operator)
    screen = desk(DESKTOP)
    console.enter(screen, session)
    page = screen.page
    page.clock.install()
    page.goto(f"{console.origin}/console/search")
    page.fill('main input[name="q"]', "a long number")
    assert console.post("/console/sign-out", {"csrf": console.csrf(session)}, session).status == 303
    page.clock.run_for(PAUSE_MS)
    page.wait_for_selector("#lost", state="visible", timeout=WAIT_MS)
    assert page.input_value('main input[name="q"]') == "a long number"


def test_after_signing_out_the_back_button_shows_nothing(console: Console, desk: Desk) -> None:
    payment = console.paid()
    screen = desk(DESKTOP)
    console.enter(screen, console.new_session(console.new_operator("operator")))
    page = screen.page
    page.goto(f"{console.origin}/console/orders/{payment.number}")
    page.locator("header form button").click()
    page.wait_for_selector("#password")
    page.go_back()
    page.wait_for_selector("#password", timeout=WAIT_MS)
    assert payment.number not in page.locator("body").inner_text()
