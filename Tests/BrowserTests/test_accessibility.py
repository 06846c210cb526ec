"""Accessibility of every state, light and dark, narrow and wide, in languages of each script and direction."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from support.accessibility import violations
from support.scenes import SCENES, Scene, Stage
from support.screens import DESKTOP, LANGUAGES, PHONE, Device, Screen
from support.shop import Fault, Shop


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> Mapping[str, str]:
    scene = getattr(request.node, "callspec", None) and request.node.callspec.params.get("scene")
    return scene.settings if scene else SCENES[0].settings


@pytest.fixture
def still(show: Callable[[Device], Screen]) -> Screen:
    """A desktop without motion, so that no colour is measured during a transition."""
    return show(replace(DESKTOP, motion="reduce"))


@pytest.mark.parametrize("language", ["en", "zh-CN", "ar"])
@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_axe_finds_no_violation(shop: Shop, still: Screen, scene: Scene, language: str) -> None:
    scene.play(Stage(shop, still, "pc", language))
    state = still.state

    found = {}
    for width, height in ((1280, 800), (390, 844)):
        still.page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            still.page.emulate_media(color_scheme=scheme)
            found[f"{width} {scheme}"] = violations(still)

    assert {case: rules for case, rules in found.items() if rules} == {}
    assert still.state == state, "the state was over before axe-core had seen it"


@pytest.mark.parametrize("language", LANGUAGES)
def test_axe_finds_no_violation_on_a_phone(shop: Shop, phone: Screen, language: str) -> None:
    payment = shop.pay(terminal="h5")
    phone.open(payment.checkout_url, lang=language)
    phone.see("ready")
    phone.page.locator("details#languages > summary").click()
    assert violations(phone) == []

    shop.buyer_pays(f"{payment.number}_1")
    phone.see("paid")

    assert violations(phone) == []


def test_a_screen_reader_finds_headings_and_landmarks(shop: Shop, desktop: Screen) -> None:
    desktop.open(shop.pay().checkout_url, lang="en")
    desktop.see("ready")
    page = desktop.page

    assert page.get_by_role("main").count() == 1
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.title()
    # The QR code has a text alternative, and its modules are not read out.
    assert page.locator('[data-qr="page"]').get_by_role("img").count() == 1
    for name in ("sandbox", "sandbox2"):
        assert page.locator(f'button[name=channel][value="{name}"]').count() <= 1
    for control in page.locator("button:visible, a[href]:visible, summary:visible").all():
        assert control.inner_text().strip() or control.get_attribute("aria-label")


def test_a_screen_reader_announces_news(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    desktop.open(payment.checkout_url, lang="en")
    desktop.see("ready")
    # A live region is announced only if it existed before its news, so it stays the same element.
    desktop.page.evaluate("""() => {
        window.told = [];
        const regions = document.querySelectorAll('[role=status], [aria-live=polite], [role=alert]');
        window.regions = regions.length;
        for (const region of regions) {
            new MutationObserver(() => { if (region.isConnected) window.told.push(region.textContent.trim()); })
                .observe(region, {childList: true, characterData: true, subtree: true});
        }
    }""")
    assert desktop.page.evaluate("window.regions") > 0

    shop.buyer_pays(f"{payment.number}_1")
    desktop.see("paid")

    desktop.page.wait_for_function("window.told.some(text => /paid|received|thank/i.test(text))", timeout=5_000)


def test_the_countdown_does_not_talk_every_second(shop: Shop, desktop: Screen) -> None:
    desktop.open(shop.pay().checkout_url)
    desktop.see("ready")

    talkative = desktop.page.evaluate("""() => {
        const countdown = document.querySelector('[data-countdown]');
        const region = countdown.closest('[aria-live], [role=status], [role=alert], [role=timer]');
        if (!region) return false;
        const live = region.getAttribute('aria-live');
        return region.getAttribute('role') === 'timer' ? live !== null && live !== 'off' : live !== 'off';
    }""")

    assert talkative is False


def test_a_refusal_is_announced_at_once(shop: Shop, show: Callable[[Device], Screen]) -> None:
    for device in (DESKTOP, PHONE):
        screen = show(device)
        screen.open(shop.pay(terminal="h5" if device.is_phone else "pc").checkout_url)
        screen.see("ready")
        shop.plan(Fault("create", "refused", channel="sandbox2"))

        screen.channel("sandbox2").click()

        screen.has_notice("refused")
