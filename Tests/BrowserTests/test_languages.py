"""The languages of the page, by the browser's preference or by the link."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from support.screens import DESKTOP, LANGUAGES, PHONE, Device, Screen
from support.service import SHOP_NAME
from support.shop import Shop


@pytest.mark.parametrize(
    ("locale", "query", "language"),
    [
        ("en-US", {}, "en"),
        ("zh-CN", {}, "zh-CN"),
        ("zh-TW", {}, "zh-Hant"),
        ("zh-HK", {}, "zh-Hant"),
        ("ja-JP", {}, "ja"),
        ("ko-KR", {}, "ko"),
        ("de-AT", {}, "de"),
        ("fr-CA", {}, "fr"),
        ("es-MX", {}, "es"),
        ("ar-EG", {}, "ar"),
        ("nl-NL", {}, "en"),
        ("en-US", {"lang": "zh-CN"}, "zh-CN"),
        ("zh-CN", {"lang": "en"}, "en"),
        ("en-US", {"lang": "zh-TW"}, "zh-Hant"),
        ("zh-CN", {"lang": "tlh"}, "zh-CN"),
    ],
)
def test_the_page_uses_the_browsers_language_unless_the_link_sets_one(
    shop: Shop, show: Callable[[Device], Screen], locale: str, query: dict[str, str], language: str
) -> None:
    payment = shop.pay()
    screen = show(replace(DESKTOP, locale=locale))

    screen.open(payment.checkout_url, **query)

    screen.see("ready")
    assert screen.page.locator("html").get_attribute("lang") == language


def test_the_page_names_the_shop_the_subject_and_the_order(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay(subject="A book about the sea")
    desktop.open(payment.checkout_url)

    text = desktop.text()

    assert all(words in text for words in (SHOP_NAME, "A book about the sea", payment.number))


def test_another_language_is_chosen_from_the_menu_and_is_kept(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    english = desktop.text()

    desktop.choose_language("zh-CN")
    desktop.see("ready")
    assert desktop.page.locator("html").get_attribute("lang") == "zh-CN"
    assert desktop.text() != english

    # Neither a switch nor news from the server resets it.
    desktop.channel("sandbox2").click()
    desktop.page.wait_for_selector('main[data-state="ready"][data-channel="sandbox2"]')
    shop.buyer_pays(f"{payment.number}_2")
    desktop.see("paid")
    assert desktop.page.locator("html").get_attribute("lang") == "zh-CN"
    assert "支付" in desktop.text()


@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [(9_900, "CNY", "99.00"), (123_456_789, "USD", "1,234,567.89"), (1_500, "JPY", "1,500")],
)
def test_an_amount_is_formatted_for_its_currency(
    shop: Shop, desktop: Screen, language: str, amount: int, currency: str, shown: str
) -> None:
    payment = shop.pay(amount=amount, currency=currency)

    desktop.open(payment.checkout_url, lang=language)

    desktop.see("ready")
    text = desktop.text()
    assert shown in text
    assert f"{shown}." not in text.replace("\n", " ")


def test_each_language_has_a_translation_of_every_text(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay(subject="X")
    desktop.open(payment.checkout_url, lang="zh-CN")
    desktop.see("ready")

    words = [
        word
        for word in desktop.page.locator("body").inner_text().split()
        if len(word) > 3 and word.isascii() and word.isalpha()
    ]

    assert set(words) <= set(SHOP_NAME.split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_menu_names_each_language_in_itself_and_works_without_script(
    shop: Shop, show: Callable[[Device], Screen], language: str
) -> None:
    screen = show(replace(PHONE, scripts=False))
    screen.open(shop.pay(terminal="h5").checkout_url)

    screen.choose_language(language)

    assert screen.page.locator("html").get_attribute("lang") == language
    menu = screen.page.locator("details#languages")
    current = menu.locator("a[aria-current]")
    assert current.get_attribute("data-lang") == language
    menu.locator("summary").click()
    assert current.inner_text() in menu.locator("summary").inner_text()
    heights = [link.bounding_box()["height"] for link in menu.locator("a").all()]
    assert len(heights) == len(LANGUAGES) and min(heights) >= 44


def test_arabic_is_laid_out_from_right_to_left(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay(subject="كتاب عن البحر")
    desktop.open(payment.checkout_url, lang="ar")
    desktop.see("ready")
    page = desktop.page

    assert page.locator("html").get_attribute("dir") == "rtl"
    # The summary is on the right, where reading begins.
    summary, pay = page.locator(".summary").bounding_box(), page.locator(".pay").bounding_box()
    assert summary["x"] > pay["x"]
    assert page.locator(".subject").evaluate("e => getComputedStyle(e).direction") == "rtl"
    # An order number reads from left to right, and digits are Latin everywhere.
    assert page.locator(".number bdi").evaluate("e => getComputedStyle(e).direction") == "ltr"
    shown = page.locator("body").inner_text()
    assert all(character.isascii() for character in shown if character.isdigit())
    assert desktop.sideways_overflow() == 0


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != "ar"])
def test_other_languages_are_laid_out_from_left_to_right(shop: Shop, desktop: Screen, language: str) -> None:
    desktop.open(shop.pay(subject="كتاب عن البحر").checkout_url, lang=language)
    desktop.see("ready")

    assert desktop.page.locator("html").get_attribute("dir") == "ltr"
    # The merchant's own words keep their direction.
    assert desktop.page.locator(".subject").evaluate("e => getComputedStyle(e).direction") == "rtl"
