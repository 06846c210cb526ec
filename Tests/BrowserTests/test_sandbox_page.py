"""The sandbox's own page: its languages, its layout and its accessibility."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from support.accessibility import violations
from support.screens import DESKTOP, LANGUAGES, PHONE, Device, Screen
from support.shop import Shop


def _open(shop: Shop, screen: Screen, query: str = "") -> None:
    payment = shop.pay(subject="A book about the sea")
    screen.page.goto(f"{shop.origin}/sandbox/trades/{payment.number}_1/page{query}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_no_violation(shop: Shop, show: Callable[[Device], Screen], language: str) -> None:
    screen = show(replace(DESKTOP, locale=language, motion="reduce"))
    _open(shop, screen)
    page = screen.page
    assert page.locator("html").get_attribute("lang") == language
    page.locator("summary").click()

    found = {}
    for width, height in ((1280, 800), (320, 568)):
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            found[f"{width} {scheme}"] = violations(screen)
        assert screen.sideways_overflow() == 0
    page.locator("button.pay").click()
    found["paid"] = violations(screen)

    assert {case: rules for case, rules in found.items() if rules} == {}


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=lambda device: device.name)
def test_every_control_is_large_enough_for_a_finger(
    shop: Shop, show: Callable[[Device], Screen], device: Device
) -> None:
    screen = show(device)
    _open(shop, screen)
    screen.page.locator("summary").click()

    boxes = [control.bounding_box() for control in screen.page.locator("button, a, summary").all()]

    assert len(boxes) == 3 + len(LANGUAGES)
    assert [box for box in boxes if box is None or box["height"] < 44] == []


def test_a_chosen_language_stays_after_a_press(shop: Shop, desktop: Screen) -> None:
    _open(shop, desktop)
    page = desktop.page
    page.locator("summary").click()
    page.locator('a[lang="ar"]').click()
    page.wait_for_selector('html[lang="ar"][dir="rtl"]')

    page.locator("button.leave").click()

    page.wait_for_selector('html[lang="ar"]')
    assert page.locator("button").count() == 0


def test_the_page_says_first_that_it_is_a_test(shop: Shop, desktop: Screen) -> None:
    _open(shop, desktop)

    assert desktop.page.locator("main").inner_text().startswith("This is a test page. No real money moves.")
    assert "99.00 CNY" in desktop.page.locator("button.pay").inner_text()
