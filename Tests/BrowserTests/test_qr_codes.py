"""Every QR code on the page is readable by a phone."""

from support.decoding import qr_codes
from support.screens import Screen
from support.shop import Shop, send


def test_the_desktop_shows_the_providers_qr_code(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()

    desktop.open(payment.checkout_url)

    desktop.see("ready")
    assert payment.kind == "qr"
    assert desktop.terminal == "pc"
    assert payment.content in desktop.codes()
    assert desktop.code_of('[data-qr="page"]') == payment.content == shop.live_content(payment.number)


def test_the_handoff_code_is_the_checkout_link_itself(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")

    desktop.page.locator("details#handoff > summary").click()

    assert desktop.code_of('[data-qr="handoff"]') == payment.checkout_url


def test_both_qr_codes_are_readable_in_dark_mode(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    desktop.page.emulate_media(color_scheme="dark")
    desktop.open(payment.checkout_url)

    assert desktop.code_of('[data-qr="page"]') == payment.content
    desktop.page.locator("details#handoff > summary").click()
    assert desktop.code_of('[data-qr="handoff"]') == payment.checkout_url


def test_the_qr_image_of_the_api_has_the_same_payload(shop: Shop) -> None:
    payment = shop.pay()

    for size in ("", "?size=3", "?size=12"):
        drawn = send("GET", f"{payment.checkout_url}/page{size}", headers={"Accept": "image/png"})

        assert (drawn.status, drawn.header("Content-Type")) == (200, "image/png")
        assert qr_codes(drawn.body) == [payment.content]


def test_a_phone_shows_no_qr_code_to_scan(shop: Shop, phone: Screen) -> None:
    payment = shop.pay(terminal="h5")

    phone.open(payment.checkout_url)

    phone.see("ready")
    assert phone.terminal == "h5"
    assert phone.page.locator("[data-qr]:visible").count() == 0
    assert phone.page.locator("a[data-open]").is_visible()
