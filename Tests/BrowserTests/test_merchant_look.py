"""The merchant's name, logo, colour, and pictures and titles of the channels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from support.screens import DESKTOP, Device, Screen
from support.service import STRICT
from support.shop import Fault, Shop, send

LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 32" width="96" height="32">'
    "<script>parent.postMessage('run', '*'); document.title = 'run'</script>"
    '<rect width="96" height="32" fill="#123456"/></svg>'
)
YELLOW = "#ffcc00"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    folder: Path = tmp_path_factory.mktemp("look")
    logo, mark = folder / "logo.svg", folder / "mark.png"
    logo.write_text(LOGO, encoding="utf-8")
    picture = BytesIO()
    Image.new("RGB", (64, 64), "#aa0000").save(picture, "PNG")
    mark.write_bytes(picture.getvalue())
    return {
        **STRICT,
        "PAYPAGE_SHOP_LOGO": str(logo),
        "PAYPAGE_SHOP_COLOR": YELLOW,
        "PAYPAGE_CHANNELS_SANDBOX2_MARK_FILE": str(mark),
        "PAYPAGE_CHANNELS_SANDBOX2_TITLE_EN": "Harbour Card",
        "PAYPAGE_CHANNELS_ORDER": "sandbox2,sandbox",
    }


def _is_loaded(screen: Screen, selector: str) -> bool:
    picture = screen.page.locator(selector)
    return picture.evaluate("picture => picture.decode().then(() => picture.naturalWidth > 0, () => false)")


def test_the_page_shows_the_merchants_logo_pictures_and_titles(shop: Shop, desktop: Screen) -> None:
    desktop.open(shop.pay().checkout_url, lang="en")
    desktop.see("ready")

    assert _is_loaded(desktop, "img.logo")
    assert _is_loaded(desktop, "button.way img.mark")
    assert desktop.channel("sandbox2").inner_text() == "Harbour Card"
    # A script in the merchant's file does not run.
    assert "run" not in desktop.page.title()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_main_button_has_the_merchants_colour_and_readable_text(
    shop: Shop, show: Callable[[Device], Screen], scheme: str
) -> None:
    screen = show(DESKTOP)
    screen.page.emulate_media(color_scheme=scheme)
    screen.open(shop.pay(terminal="h5").checkout_url, terminal="h5")
    screen.see("ready")

    button = screen.page.locator(".button.main:visible").first
    style = button.evaluate("e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).color]")
    assert style == ["rgb(255, 204, 0)", "rgb(0, 0, 0)"]


def test_the_channels_stand_in_the_merchants_order(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")
    shop.plan(Fault("create", "refused", channel="sandbox2"))
    desktop.channel("sandbox2").click()
    desktop.see("choose")

    offered = desktop.page.locator("button.way").evaluate_all("all => all.map(one => one.value)")

    assert offered == ["sandbox2", "sandbox"]


def test_the_merchants_svg_file_can_do_nothing_when_opened_by_itself(shop: Shop, desktop: Screen) -> None:
    desktop.open(shop.pay().checkout_url)
    desktop.see("ready")
    url = desktop.page.locator("img.logo").get_attribute("src")

    answer = send("GET", f"{shop.origin}{url}")

    assert answer.header("Content-Type") == "image/svg+xml"
    assert answer.header("X-Content-Type-Options") == "nosniff"
    policy = answer.header("Content-Security-Policy") or ""
    assert "default-src 'none'" in policy and "sandbox" in policy and "script" not in policy
    assert answer.header("Cache-Control") == "public, max-age=31536000, immutable"
