"""The page's security headers, its size, and its secrets."""

import re
from collections.abc import Callable, Mapping

import pytest
from playwright.sync_api import Response

from support.screens import DESKTOP, Device, Screen
from support.service import HTML, STRICT, Service
from support.shop import Shop, send


def _policy(header: str | None) -> dict[str, list[str]]:
    assert header
    directives = [directive.split() for directive in header.split(";") if directive.strip()]
    return {directive[0]: directive[1:] for directive in directives}


def test_the_page_allows_no_inline_script_and_no_frame(shop: Shop) -> None:
    answer = send("GET", shop.pay().checkout_url, headers={"Accept": "text/html"})

    policy = _policy(answer.header("Content-Security-Policy"))
    assert policy["default-src"] == ["'none'"]
    assert policy["script-src"] == ["'self'"]
    assert "'unsafe-inline'" not in answer.header("Content-Security-Policy")
    assert policy["frame-ancestors"] == ["'none'"]
    assert policy["base-uri"] == ["'none'"]
    assert "form-action" in policy
    assert answer.header("X-Content-Type-Options") == "nosniff"
    assert answer.header("Cache-Control") == "no-store"
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>|\son\w+=|\sstyle=|<style", answer.text)


def test_an_allowed_origin_may_frame_the_page(services: Callable[[Mapping[str, str]], Service]) -> None:
    shop = Shop(services({**STRICT, "PAYPAGE_CHECKOUT_FRAME_ANCESTORS": "https://shop.example"}))

    answer = send("GET", shop.pay().checkout_url, headers={"Accept": "text/html"})

    assert _policy(answer.header("Content-Security-Policy"))["frame-ancestors"] == ["https://shop.example"]


def test_a_referer_contains_the_origin_and_never_the_token(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    answer = desktop.open(payment.checkout_url)
    desktop.see("ready")

    # WeChat's H5 pages need a Referer; the token must not be in it.
    assert answer.header_value("Referrer-Policy") in ("origin", "strict-origin", "strict-origin-when-cross-origin")
    referrers = []
    desktop.context.on("request", lambda request: referrers.append(request.headers.get("referer", "")))
    elsewhere = shop.origin.replace("127.0.0.1", "localhost")
    desktop.watch.allow_origin(elsewhere)
    desktop.page.evaluate("address => { location.href = address }", f"{elsewhere}/healthz")
    desktop.page.wait_for_url(f"{elsewhere}/healthz")
    assert referrers[-1] == f"{shop.origin}/"


@pytest.mark.parametrize("terminal", ["pc", "h5"])
def test_the_page_is_compressed_and_smaller_than_40_kibibytes(
    shop: Shop, show: Callable[[Device], Screen], measured: Callable[[str], None], terminal: str
) -> None:
    screen = show(DESKTOP)
    responses: list[Response] = []
    screen.context.on("response", lambda response: responses.append(response))

    payment = shop.pay(terminal=terminal)
    screen.open(payment.checkout_url, terminal=terminal)
    screen.see("ready")

    weights = {
        "page" if payment.token in response.url else response.url.split("/")[-1].split("?")[0]: response.request.sizes()["responseBodySize"]
        for response in responses
        if "/events" not in response.url
    }
    parts = ", ".join(f"{name} {weight}" for name, weight in weights.items())
    measured(f"weight of the page on {terminal}, in bytes: {sum(weights.values())} ({parts})")
    assert {"page", "checkout.css", "checkout.js"} <= set(weights)
    assert sum(weights.values()) < 40 * 1_024
    for response in responses:
        if "/events" not in response.url:
            assert response.header_value("Content-Encoding") == "gzip" or response.url.endswith(".svg"), response.url


class TestTheLog:
    @pytest.fixture
    def settings(self) -> Mapping[str, str]:
        # A separate service, because its log is read.
        return {**HTML, "PAYPAGE_ORDER_TTL": "29m"}

    def test_the_log_contains_no_token_and_no_page(
        self, shop: Shop, desktop: Screen, services: Callable[[Mapping[str, str]], Service], settings: Mapping[str, str]
    ) -> None:
        desktop.watch.expect("status of 404")
        payment = shop.pay()
        desktop.open(payment.checkout_url)
        desktop.see("ready")
        desktop.channel("sandbox2").click()
        desktop.page.wait_for_selector('main[data-state="ready"][data-channel="sandbox2"]')
        with desktop.context.expect_page() as opened:
            desktop.page.locator("a[data-open]").click()
        opened.value.locator("button.pay").click()
        desktop.see("paid")
        desktop.open(f"{shop.origin}/checkout/{payment.token}x")

        log = services(settings).log()

        assert payment.number in log, "the log is the right one"
        assert payment.token not in log
        assert payment.token.rsplit(".", 1)[1] not in log
        assert "<!DOCTYPE" not in log
        assert not re.search(r"\b(ERROR|CRITICAL)\b", log)
