"""The screens: a desktop, a phone and the browser inside WeChat, each in a separate browser context."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page, Response, Route

from .decoding import qr_codes
from .watch import Watch

# Generous, because the machine may be busy. A test that passes never waits this long.
WAIT_MS = 20_000

_ANDROID = (
    "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Mobile Safari/537.36"
)
_WECHAT = _ANDROID.replace("Chrome/140.0.0.0", "Version/4.0 Chrome/140.0.0.0") + (
    " MicroMessenger/8.0.50.2701(0x2800325B) WeChat/arm64 NetType/WIFI Language/zh_CN"
)

# The languages of the page.
LANGUAGES = ["en", "zh-CN", "zh-Hant", "ja", "ko", "de", "fr", "es", "ar"]

_addresses = itertools.count(1)


@dataclass(frozen=True)
class Device:
    """A browser's properties, and its user's preferences."""

    name: str
    width: int
    height: int
    agent: str | None = None
    is_phone: bool = False
    locale: str = "en-US"
    scheme: Literal["light", "dark"] = "light"
    motion: Literal["reduce", "no-preference"] = "no-preference"
    scripts: bool = True
    scale: float = 1


DESKTOP = Device("desktop", 1280, 800)
PHONE = Device("phone", 390, 844, agent=_ANDROID, is_phone=True, scale=2)
WECHAT = replace(PHONE, name="wechat", agent=_WECHAT, locale="zh-CN")


def new_address() -> str:
    """An IP address that no other browser of this run uses."""
    number = next(_addresses)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


class Screen:
    """A page in a browser, seen through the checkout's states."""

    def __init__(self, page: Page, watch: Watch, address: str = "") -> None:
        self.page = page
        self.watch = watch
        # The client address that the service sees.
        self.address = address
        self._held: list[Route] = []

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    @property
    def checkout(self) -> Locator:
        return self.page.locator("main#checkout")

    @property
    def state(self) -> str:
        return self.attribute("data-state") or ""

    @property
    def terminal(self) -> str:
        return self.attribute("data-terminal") or ""

    def attribute(self, name: str) -> str | None:
        return self.checkout.get_attribute(name, timeout=WAIT_MS)

    def open(self, url: str, **query: str) -> Response:
        """Goes to the checkout and returns its answer."""
        words = "&".join(f"{name}={value}" for name, value in query.items())
        response = self.page.goto(f"{url}?{words}" if words else url, wait_until="load")
        assert response is not None
        return response

    def see(self, *states: str, timeout: int = WAIT_MS) -> str:
        """Waits until the page is in one of these states, and says which."""
        selector = ", ".join(f'main#checkout[data-state="{state}"]' for state in states)
        try:
            self.page.wait_for_selector(selector, state="attached", timeout=timeout)
        except Exception as late:
            raise AssertionError(f"waited for {states}, the page is {self._describe()}") from late
        return self.state

    def choose_language(self, code: str) -> None:
        """Opens the menu of languages and follows a link of it."""
        menu = self.page.locator("details#languages")
        if menu.get_attribute("open") is None:
            menu.locator("summary").click()
        with self.page.expect_navigation():
            menu.locator(f'a[data-lang="{code}"]').click()

    def hold(self) -> None:
        """Stops updates, so that a short state stays visible."""
        self.context.route("**/checkout/**", lambda route: self._held.append(route))

    def release(self) -> None:
        for route in self._held:
            route.abort("aborted")

    def has_notice(self, name: str) -> None:
        """Waits for a notice, which screen readers announce too."""
        self.page.wait_for_selector(
            f'[role="alert"] [data-notice="{name}"], [role="alert"][data-notice="{name}"]',
            state="visible",
            timeout=WAIT_MS,
        )

    def channel(self, name: str) -> Locator:
        return self.page.locator(f'button[name="channel"][value="{name}"]')

    def text(self) -> str:
        return self.checkout.inner_text(timeout=WAIT_MS)

    def codes(self) -> list[str]:
        """The QR codes that a camera in front of the screen reads."""
        return qr_codes(self.page.screenshot())

    def code_of(self, selector: str) -> str:
        """The QR code that a camera reads from one element."""
        element = self.page.locator(selector)
        try:
            picture = element.screenshot(timeout=WAIT_MS)
        except Error:
            # An update redrew the page during the screenshot.
            picture = element.screenshot(timeout=WAIT_MS)
        codes = qr_codes(picture)
        assert len(codes) == 1, f"{selector} shows {len(codes)} QR codes"
        return codes[0]

    def sideways_overflow(self) -> int:
        """The number of pixels by which the page is wider than its window."""
        return self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    def _describe(self) -> str:
        found = self.page.locator("main#checkout")
        if found.count() == 0:
            return f"not the checkout: {self.page.url}\n{self.page.content()[:2000]}"
        return f"{found.first.get_attribute('data-state')}: {found.first.inner_text()[:1000]}"


@contextmanager
def screen(browser: Browser, device: Device, origin: str) -> Iterator[Screen]:
    """A fresh browser context on a device. Unexpected errors fail the test at its end."""
    address = new_address()
    context = browser.new_context(
        viewport={"width": device.width, "height": device.height},
        user_agent=device.agent,
        is_mobile=device.is_phone,
        has_touch=device.is_phone,
        locale=device.locale,
        color_scheme=device.scheme,
        reduced_motion=device.motion,
        java_script_enabled=device.scripts,
        device_scale_factor=device.scale,
        extra_http_headers={"X-Forwarded-For": address},
    )
    watch = Watch(origin)
    watch.follow(context)
    screen = Screen(context.new_page(), watch, address)
    try:
        yield screen
    finally:
        screen.release()
        # Playwright reports browser events on its next turn.
        for page in context.pages:
            page.wait_for_timeout(1)
        context.close()
