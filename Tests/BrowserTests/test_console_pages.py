"""Every page of the console: accessible, at home on each screen, in both languages, light and dark."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from support.accessibility import violations
from support.console import Console
from support.scenes import pay_twice
from support.screens import DESKTOP, PHONE, Device, Screen
from support.shop import Payment

Desk = Callable[[Device], Screen]

# A page with content: `{order}` was paid twice and partly refunded.
PAGES = {
    "overview": "/console",
    "search": "/console/search?q=u1",
    "order": "/console/orders/{order}",
    "refund": "/console/orders/{order}/refund",
    "confirm": "/console/orders/{order}/refund?amount=1.00&reason=damaged",
    "refunds": "/console/refunds",
    "webhooks": "/console/webhooks",
    "channels": "/console/channels",
    "reconciliation": "/console/reconciliation",
    "trends": "/console/trends?span=hour",
    "audit": "/console/audit",
    "account": "/console/account",
    "missing": "/console/orders/none",
}


@pytest.fixture(scope="module")
def orders() -> dict[Console, Payment]:
    return {}


@pytest.fixture
def order(console: Console, orders: dict[Console, Payment]) -> Payment:
    """An order with a long history, which the tests of this file share."""
    if console not in orders:
        orders[console] = pay_twice(console.shop, console.shop.pay())
        session = console.session("operator")
        path = f"/console/orders/{orders[console].number}/refund"
        form = {"amount": "1.00", "reason": "a page was torn", "refundable": "9900", "key": "console-pages"}
        answer = console.post(path, {**form, "csrf": console.csrf(session)}, session)
        assert answer.status == 303, answer.text
    return orders[console]


def go(console: Console, screen: Screen, name: str, order: Payment) -> None:
    if name == "missing":
        screen.watch.expect("status of 404")
    screen.page.goto(console.origin + PAGES[name].format(order=order.number))


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_no_violation(console: Console, order: Payment, desk: Desk, name: str, language: str) -> None:
    screen = desk(replace(DESKTOP, motion="reduce", locale=language))
    console.enter(screen, console.session("admin"))
    go(console, screen, name, order)
    assert screen.page.locator("html").get_attribute("lang") == language
    for details in screen.page.locator("details > summary").all():
        details.click()

    found = {}
    for scheme, width in (("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)):
        screen.page.emulate_media(color_scheme=scheme)
        screen.page.set_viewport_size({"width": width, "height": 844})
        found[f"{scheme} {width}"] = violations(screen)

    assert {case: rules for case, rules in found.items() if rules} == {}


@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_axe_finds_no_violation_where_operators_sign_in(console: Console, desk: Desk, language: str) -> None:
    screen = desk(replace(DESKTOP, motion="reduce", locale=language))
    screen.page.goto(f"{console.origin}/console")
    for scheme, width in (("light", 1280), ("dark", 390)):
        screen.page.emulate_media(color_scheme=scheme)
        screen.page.set_viewport_size({"width": width, "height": 844})
        assert violations(screen) == []
    screen.watch.expect("status of 403")
    screen.page.fill("#name", "nobody")
    screen.page.fill("#password", "nothing")
    screen.page.locator("main button[type=submit]").click()
    screen.page.wait_for_selector("[role=alert]")
    assert violations(screen) == []


# The browser's zoom of 200 % halves the width of the page.
@pytest.mark.parametrize("width", [390, 640, 1280])
def test_no_page_is_wider_than_its_screen(console: Console, order: Payment, desk: Desk, width: int) -> None:
    screen = desk(replace(PHONE if width == 390 else DESKTOP, width=width, scale=2))
    console.enter(screen, console.session("operator"))
    wide, small = {}, {}
    for name in PAGES:
        go(console, screen, name, order)
        if overflow := screen.sideways_overflow():
            wide[name] = overflow
        if sizes := screen.page.evaluate(SMALL_TEXTS):
            small[name] = sizes
    assert wide == {}
    assert small == {}


# The texts below 12 pixels.
SMALL_TEXTS = """
() => [...document.querySelectorAll('body *')]
    .filter((element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
    .filter((element) => parseFloat(getComputedStyle(element).fontSize) < 12)
    .map((element) => element.outerHTML.slice(0, 80))
"""


def test_a_row_of_a_table_is_a_card_on_a_phone(console: Console, order: Payment, desk: Desk) -> None:
    screen = desk(PHONE)
    console.enter(screen, console.session("viewer"))
    go(console, screen, "refunds", order)
    cells = screen.page.locator("tbody tr").first.locator("td")
    boxes = [cell.bounding_box() for cell in cells.all()]
    tops = [box["y"] for box in boxes if box]
    assert len(tops) > 2 and tops == sorted(set(tops)), "the cells of a row stand below each other"


def test_a_printed_order_has_its_history_and_no_controls(console: Console, order: Payment, desk: Desk) -> None:
    screen = desk(DESKTOP)
    console.enter(screen, console.session("operator"))
    go(console, screen, "order", order)
    screen.page.emulate_media(media="print")
    assert screen.page.locator("header").is_hidden()
    assert screen.page.locator(".actions").first.is_hidden()
    assert screen.page.locator(".timeline li").count() > 3
    assert screen.page.locator(".timeline li").first.is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_curves_stand_out_from_their_ground(console: Console, order: Payment, desk: Desk, scheme: str) -> None:
    screen = desk(replace(DESKTOP, scheme=scheme))
    console.enter(screen, console.session("viewer"))
    go(console, screen, "trends", order)
    screen.page.wait_for_selector(".plot")
    contrasts = screen.page.evaluate(CONTRASTS)
    assert contrasts
    assert all(contrast >= 3 for contrast in contrasts.values()), contrasts


# The contrast of each curve with its card, by WCAG 2.
CONTRASTS = """
() => {
    const light = (colour) => {
        const [r, g, b] = colour.match(/[\\d.]+/g).map((part) => {
            const share = part / 255;
            return share <= .04045 ? share / 12.92 : ((share + .055) / 1.055) ** 2.4;
        });
        return .2126 * r + .7152 * g + .0722 * b;
    };
    const found = {};
    for (const curve of document.querySelectorAll('.plot .bars, .plot .line')) {
        const style = getComputedStyle(curve);
        const ink = light(curve.matches('.bars') ? style.fill : style.stroke);
        const ground = light(getComputedStyle(curve.closest('.chart')).backgroundColor);
        found[curve.getAttribute('class')] = (Math.max(ink, ground) + .05) / (Math.min(ink, ground) + .05);
    }
    return found;
}
"""
