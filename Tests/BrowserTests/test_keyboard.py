"""The page with a keyboard only."""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from support.screens import LANGUAGES, Screen
from support.service import FLEETING
from support.shop import Shop

_FOCUSED = """() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    return {
        name: element.getAttribute('value') || element.dataset.lang || element.tagName.toLowerCase(),
        shown: box.width > 0 && box.height > 0 && (ring || style.boxShadow !== 'none'),
    };
}"""


@dataclass(frozen=True)
class Stop:
    """The focused element, and whether the focus is visible."""

    name: str
    shown: bool


def _tab_through(page: Page, most: int = 40) -> list[Stop]:
    stops: list[Stop] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(_FOCUSED)
        if stop is None:
            break
        stops.append(Stop(stop["name"], stop["shown"]))
    return stops


def test_tab_reaches_every_control_with_a_visible_focus(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")

    stops = _tab_through(desktop.page)

    usable = desktop.page.locator("a[href]:visible, button:enabled:visible, summary:visible").count()
    assert len(stops) >= usable > 0
    names = [stop.name for stop in stops]
    assert {"sandbox2", "summary"} <= set(names)
    assert [stop.name for stop in stops if not stop.shown] == []


def test_tab_follows_the_visual_order(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")

    in_main = desktop.page.evaluate(
        "[...document.querySelectorAll('main a[href], main button:enabled, main summary')]"
        ".filter(e => e.offsetParent).map(e => e.tabIndex)"
    )

    # No element has its own tab index: the order is the document's.
    assert in_main and set(in_main) == {0}


def test_enter_opens_the_handoff_and_switches_the_channel(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")

    desktop.page.locator("details#handoff > summary").focus()
    desktop.page.keyboard.press("Enter")
    assert desktop.page.locator('[data-qr="handoff"]').is_visible()

    desktop.channel("sandbox2").focus()
    desktop.page.keyboard.press("Enter")
    desktop.page.wait_for_selector('main[data-state="ready"][data-channel="sandbox2"]')
    assert len(shop.trades(payment.number)) == 2


def test_the_language_is_chosen_with_the_keyboard(shop: Shop, desktop: Screen) -> None:
    desktop.open(shop.pay().checkout_url)
    desktop.see("ready")
    menu = desktop.page.locator("details#languages > summary")

    menu.focus()
    desktop.page.keyboard.press("Enter")
    reached = [stop.name for stop in _tab_through(desktop.page)]
    assert reached[:9] == LANGUAGES
    menu.focus()
    desktop.page.keyboard.press("Tab")
    desktop.page.keyboard.press("Tab")
    with desktop.page.expect_navigation():
        desktop.page.keyboard.press("Enter")

    desktop.see("ready")
    assert desktop.page.locator("html").get_attribute("lang") == "zh-CN"


def test_the_focus_stays_in_the_page_when_its_button_disappears(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay(return_url=f"{shop.origin}/healthz")
    desktop.open(payment.checkout_url)
    desktop.see("ready")
    desktop.channel("sandbox2").focus()

    shop.buyer_pays(f"{payment.number}_1")
    desktop.see("paid")

    # The focus does not return to the top of the document: a screen reader continues at the news.
    assert desktop.page.evaluate("document.querySelector('main').contains(document.activeElement)")


class TestWhenThePageIsMadeAnewByItself:
    @pytest.fixture
    def settings(self) -> Mapping[str, str]:
        return FLEETING

    def test_an_open_section_and_the_focus_survive_an_update(self, shop: Shop, desktop: Screen) -> None:
        payment = shop.pay()
        desktop.open(payment.checkout_url)
        desktop.see("ready")
        desktop.page.locator("details#handoff > summary").focus()
        desktop.page.keyboard.press("Enter")
        first = desktop.attribute("data-revision")

        desktop.page.wait_for_selector(f'main[data-state="ready"]:not([data-revision="{first}"])')

        assert desktop.page.locator('[data-qr="handoff"]').is_visible()
        assert desktop.page.evaluate("document.activeElement.matches('details#handoff > summary')")
