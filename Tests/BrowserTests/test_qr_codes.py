"""A QR code that is shown is a QR code that a phone reads."""

from support.decoding import qr_codes
from support.screens import Screen
from support.shop import Shop, send


def test_the_desktop_shows_the_code_that_the_provider_gave(shop: Shop, desktop: Screen) -> None:
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


def test_both_codes_can_be_read_in_the_dark(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    desktop.page.emulate_media(color_scheme="dark")
    desktop.open(payment.checkout_url)
    desktop.page.locator("details#handoff > summary").click()

    assert desktop.code_of('[data-qr="page"]') == payment.content
    assert desktop.code_of('[data-qr="handoff"]') == payment.checkout_url


def test_a_drawn_code_of_the_page_call_reads_the_same(shop: Shop) -> None:
    payment = shop.pay()

    for size in ("", "?size=3", "?size=12"):
        drawn = send("GET", f"{payment.checkout_url}/page{size}", headers={"Accept": "image/png"})

        assert (drawn.status, drawn.header("Content-Type")) == (200, "image/png")
        assert qr_codes(drawn.body) == [payment.content]


def test_a_phone_has_no_code_to_scan_with_itself(shop: Shop, phone: Screen) -> None:
    payment = shop.pay(terminal="h5")

    phone.open(payment.checkout_url)

    phone.see("ready")
    assert phone.terminal == "h5"
    assert phone.page.locator("[data-qr]:visible").count() == 0
    assert phone.page.locator("a[data-open]").is_visible()
