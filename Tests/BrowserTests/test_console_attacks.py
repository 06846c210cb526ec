"""Attacks on the console: another role's actions, forged forms, frames, stored markup, and reading the session."""

from collections.abc import Callable
from html import escape

import pytest

from support.console import PASSWORD, REFUND_LIMIT, Console, fields_of, foreign_page
from support.screens import DESKTOP, WAIT_MS, Device, Screen
from support.shop import Payment

Desk = Callable[[Device], Screen]

MARKUP = "</title></script><script>pwned=1</script><img src=x onerror=pwned=1>\"'><svg onload=pwned=1>"
# A quote in front of a combining mark is one character for a template engine that escapes by character.
COMBINED = "\u0600<b>\"\u0301 onmouseover=pwned=1 x=\"\u0301"


def refund_form(console: Console, payment: Payment, screen: Screen, amount: str = "1.00") -> dict[str, str]:
    """The fields of the confirmation that an operator sees."""
    screen.page.goto(f"{console.origin}/console/orders/{payment.number}/refund?amount={amount}&reason=")
    return fields_of(screen.page, "main form[method=post]")


def test_a_viewer_can_not_use_an_operators_form(console: Console, desk: Desk) -> None:
    payment = console.paid()
    screen = desk(DESKTOP)
    console.enter(screen, console.session("operator"))
    form = refund_form(console, payment, screen)
    viewer = console.session("viewer")
    path = f"/console/orders/{payment.number}/refund"

    assert console.post(path, form, viewer).status == 403, "the operator's token is not the viewer's"
    own = {**form, "csrf": console.csrf(viewer)}
    assert console.post(path, own, viewer).status == 403
    assert console.get(path, viewer).status == 403
    assert console.refunds(payment.number) == []


def test_a_viewer_can_not_send_any_form_of_an_admin(console: Console, desk: Desk) -> None:
    payment = console.shop.pay()
    screen = desk(DESKTOP)
    console.enter(screen, console.session("admin"))
    viewer = console.session("viewer")
    paths = ["/console/channels", "/console/channels/sandbox", f"/console/orders/{payment.number}/close"]
    tried = 0
    for path in paths:
        screen.page.goto(console.origin + path)
        for index, form in enumerate(screen.page.locator("main form[method=post]").all()):
            fields = fields_of(screen.page, f"main form[method=post] >> nth={index}")
            action = form.get_attribute("action") or path
            answer = console.post(action, {**fields, "csrf": console.csrf(viewer)}, viewer)
            assert answer.status == 403, f"{action}: {answer.status}"
            tried += 1
    assert tried >= 2
    assert console.shop.state(payment.number) == "new"


def test_an_operator_can_not_refund_above_the_limit_by_a_changed_form(console: Console, desk: Desk) -> None:
    payment = console.paid()
    screen = desk(DESKTOP)
    session = console.session("operator")
    console.enter(screen, session)
    form = refund_form(console, payment, screen)
    form["amount"] = f"{(REFUND_LIMIT + 1) / 100:.2f}"
    answer = console.post(f"/console/orders/{payment.number}/refund", form, session)
    assert answer.status in (303, 403, 422)
    assert console.refunds(payment.number) == []


@pytest.mark.parametrize("has_token", [False, True], ids=["without a token", "with the session's token"])
def test_a_form_of_another_origin_changes_nothing(console: Console, desk: Desk, has_token: bool) -> None:
    payment = console.paid()
    screen = desk(DESKTOP)
    session = console.session("operator")
    console.enter(screen, session)
    fields = refund_form(console, payment, screen)
    if not has_token:
        del fields["csrf"]
    inputs = "".join(f'<input name="{escape(name)}" value="{escape(text)}">' for name, text in fields.items())
    action = f"{console.origin}/console/orders/{payment.number}/refund"
    html = f'<form id="f" method="post" action="{action}">{inputs}</form><script>f.submit()</script>'
    screen.watch.expect("status of 403")
    with foreign_page(html) as url:
        screen.watch.allow_origin(url)
        with screen.page.expect_response(action) as answer:
            screen.page.goto(url)
        # Another port is the same site, so that the browser sends the session with the form.
        assert session in answer.value.request.all_headers().get("cookie", "")
        assert answer.value.status == 403
    assert console.refunds(payment.number) == []


def test_another_origin_can_not_sign_a_browser_in(console: Console, desk: Desk) -> None:
    operator = console.new_operator("viewer")
    screen = desk(DESKTOP)
    html = (
        f'<form id="f" method="post" action="{console.origin}/console/sign-in"><input name="name" value="{operator.name}">'
        f'<input name="password" value="{PASSWORD}"></form><script>f.submit()</script>'
    )
    screen.watch.expect("status of 403")
    with foreign_page(html) as url:
        screen.watch.allow_origin(url)
        with screen.page.expect_response(f"{console.origin}/console/sign-in") as answer:
            screen.page.goto(url)
        assert answer.value.status == 403
    assert [cookie for cookie in screen.context.cookies() if "console" in cookie["name"]] == []


def test_another_origin_can_not_read_or_frame_the_console(console: Console, desk: Desk) -> None:
    screen = desk(DESKTOP)
    console.enter(screen, console.session("operator"))
    screen.watch.expect("frame-ancestors|X-Frame-Options|Refused to|CORS|ERR_FAILED|ERR_BLOCKED_BY_RESPONSE|violates")
    html = (
        f'<iframe src="{console.origin}/console"></iframe><script>'
        f"fetch('{console.origin}/console', {{credentials: 'include'}}).then((answer) => answer.text())"
        ".then((text) => { document.title = text; }, () => { document.title = 'refused'; })</script>"
    )
    with foreign_page(html) as url:
        screen.watch.allow_origin(url)
        screen.page.goto(url)
        screen.page.wait_for_function("document.title !== ''", timeout=WAIT_MS)
        assert screen.page.title() == "refused"
        assert all(frame.locator("header").count() == 0 for frame in screen.page.frames[1:])


@pytest.mark.parametrize("text", [MARKUP, COMBINED], ids=["markup", "combining marks"])
def test_stored_markup_is_text(console: Console, desk: Desk, text: str) -> None:
    payment = console.paid(subject=text[:60], user_id=text)
    screen = desk(DESKTOP)
    session = console.session("operator")
    console.enter(screen, session)
    form = refund_form(console, payment, screen)
    form["reason"] = text[:70]
    assert console.post(f"/console/orders/{payment.number}/refund", form, session).status == 303
    pages = [
        "/console", f"/console/orders/{payment.number}", f"/console/orders/{payment.number}/refund", "/console/refunds",
        "/console/audit", "/console/search", f"/console/search?q={payment.number}_1", "/console/webhooks",
    ]  # fmt: skip
    shown = 0
    for path in pages:
        screen.page.goto(console.origin + path)
        assert screen.page.evaluate("typeof pwned") == "undefined", path
        assert screen.page.locator("main img, main script, main [onmouseover], main [onload], main b").count() == 0, path
        shown += text[:20] in screen.page.locator("main").inner_text()
    assert shown > 0, "no page shows the text at all"


def test_stored_markup_in_the_search_box_is_text(console: Console, desk: Desk) -> None:
    screen = desk(DESKTOP)
    console.enter(screen, console.session("viewer"))
    screen.page.goto(f"{console.origin}/console/search")
    screen.page.fill('main input[name="q"]', MARKUP)
    screen.page.keyboard.press("Enter")
    screen.page.wait_for_url("**/console/search?**")
    assert screen.page.input_value('main input[name="q"]') == MARKUP
    assert screen.page.evaluate("typeof pwned") == "undefined"


def test_a_script_can_not_read_the_session(console: Console, desk: Desk) -> None:
    screen = desk(DESKTOP)
    console.enter(screen, console.session("viewer"))
    operator = console.new_operator("viewer")
    page = screen.page
    page.context.clear_cookies()
    page.goto(f"{console.origin}/console")
    page.fill("#name", operator.name)
    page.fill("#password", PASSWORD)
    page.locator("main button[type=submit]").click()
    page.wait_for_url(f"{console.origin}/console")
    cookie = next(cookie for cookie in page.context.cookies() if "console" in cookie["name"] and len(cookie["value"]) > 20)
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict"
    assert cookie["value"] not in page.evaluate("document.cookie")


def test_an_address_of_another_host_is_not_opened_after_signing_in(console: Console, desk: Desk) -> None:
    operator = console.new_operator("viewer")
    for to in ("https://evil.example/", "//evil.example/", "/\\evil.example", "/console/../../evil"):
        answer = console.post("/console/sign-in", {"name": operator.name, "password": PASSWORD, "to": to})
        place = answer.header("Location") or ""
        assert place.startswith("/console") and "evil.example" not in place, place
