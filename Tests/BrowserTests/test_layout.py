"""The layout from the smallest phone to the largest screen: no text is cut off, and no element moves."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from support.screens import DESKTOP, LANGUAGES, PHONE, Device, Screen
from support.shop import Fault, Shop

LONG_SUBJECT = "Ein-Donaudampfschifffahrtsgesellschaftskapitaenspatent-ohne-eine-einzige-Luecke-" * 2
SIZES = [(320, 568), (390, 844), (768, 1024), (1280, 800), (3840, 2160)]


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("language", ["en", "zh-CN"])
def test_nothing_is_wider_than_the_window(
    shop: Shop, show: Callable[[Device], Screen], width: int, height: int, language: str
) -> None:
    payment = shop.pay(subject=LONG_SUBJECT[:127])
    screen = show(replace(DESKTOP, width=width, height=height))
    screen.open(payment.checkout_url, lang=language)
    screen.see("ready")
    assert screen.sideways_overflow() == 0
    assert screen.code_of('[data-qr="page"]') == payment.content

    screen.page.locator("details#handoff > summary").click()

    assert screen.sideways_overflow() == 0
    assert screen.code_of('[data-qr="handoff"]') == payment.checkout_url


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_language_is_wider_than_the_smallest_phone(
    shop: Shop, show: Callable[[Device], Screen], language: str
) -> None:
    screen = show(replace(PHONE, width=320, height=568))
    screen.open(shop.pay(terminal="h5", subject=LONG_SUBJECT[:127], amount=123_456_789).checkout_url, lang=language)
    screen.see("ready")
    screen.page.locator("details#languages > summary").click()
    assert screen.sideways_overflow() == 0

    shop.plan(Fault("create", "refused", channel="sandbox2"))
    screen.channel("sandbox2").click()
    screen.has_notice("refused")

    assert screen.sideways_overflow() == 0
    cut = screen.page.evaluate("""() => [...document.querySelectorAll('button, a.button')]
        .filter(e => e.offsetParent && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1))
        .map(e => e.innerText)""")
    assert cut == []


def test_at_200_percent_nothing_is_cut_off(shop: Shop, show: Callable[[Device], Screen]) -> None:
    # A zoom of 200 percent halves the number of pixels, each twice as large.
    screen = show(replace(DESKTOP, width=DESKTOP.width // 2, height=DESKTOP.height // 2, scale=2))
    payment = shop.pay(subject=LONG_SUBJECT[:127])

    screen.open(payment.checkout_url)

    screen.see("ready")
    assert screen.sideways_overflow() == 0
    assert screen.code_of('[data-qr="page"]') == payment.content


@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=lambda device: device.name)
def test_every_touch_target_is_large_enough_for_a_finger(
    shop: Shop, show: Callable[[Device], Screen], device: Device
) -> None:
    screen = show(device)
    terminal = "h5" if device.is_phone else "pc"
    screen.open(shop.pay(terminal=terminal, return_url=f"{shop.origin}/healthz").checkout_url)
    screen.see("ready")

    controls = screen.page.locator("main button:visible, main a:visible, main summary:visible").all()
    boxes = [control.bounding_box() for control in controls]

    assert boxes
    assert [box for box in boxes if box is None or box["height"] < 44] == []


def test_the_desktops_left_column_has_a_beginning_and_an_end(shop: Shop, desktop: Screen) -> None:
    desktop.open(shop.pay(return_url=f"{shop.origin}/healthz").checkout_url)
    desktop.see("ready")
    main, summary, foot = (
        desktop.page.locator(name).bounding_box() for name in ("main", "main > .summary", "main > .foot")
    )

    assert summary["x"] == foot["x"] and summary["width"] == foot["width"]
    assert summary["y"] + summary["height"] <= foot["y"] + 1
    # Together they fill the column.
    assert abs(main["height"] - summary["height"] - foot["height"]) <= 3
    assert desktop.page.locator(".foot a[data-return]").is_visible()
    assert desktop.page.locator(".foot .trust").is_visible()


def test_reduced_motion_is_respected(shop: Shop, show: Callable[[Device], Screen]) -> None:
    screen = show(replace(DESKTOP, motion="reduce"))
    screen.open(shop.pay().checkout_url)
    screen.see("ready")
    shop.plan(Fault("close", "slow", ms=2_000))
    screen.channel("sandbox2").click()
    screen.see("working")

    moving = screen.page.evaluate(
        "document.getAnimations().filter(a => a.playState === 'running'"
        " && a.effect.getComputedTiming().activeDuration > 10).length"
    )

    assert moving == 0
    screen.see("ready")


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=lambda device: device.name)
def test_dark_mode_has_a_dark_page(shop: Shop, show: Callable[[Device], Screen], device: Device) -> None:
    terminal = "h5" if device.is_phone else "pc"
    screen = show(replace(device, scheme="dark"))
    screen.open(shop.pay(terminal=terminal).checkout_url)
    screen.see("ready")

    red, green, blue = screen.page.evaluate("""() => {
        const canvas = document.createElement('canvas').getContext('2d');
        const [html, body] = [document.documentElement, document.body].map(e => getComputedStyle(e).backgroundColor);
        canvas.fillStyle = body === 'rgba(0, 0, 0, 0)' ? html : body;
        canvas.fillRect(0, 0, 1, 1);
        return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
    }""")

    assert max(red, green, blue) < 64
