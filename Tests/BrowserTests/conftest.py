"""The fixtures: one browser for the run, one service per set of settings, screens that are watched."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from support.screens import DESKTOP, PHONE, Device, Screen, screen
from support.service import Service
from support.shop import Shop

CHROMIUM = os.environ.get("BROWSER_TESTS_CHROMIUM", "/usr/bin/chromium")

# Settings that tests share. Short times, so that an order's whole life can be watched; a provider as strict as WeChat,
# whose trade serves one terminal.
STRICT = {
    "PAYPAGE_SANDBOX_PC_KIND": "qr",
    "PAYPAGE_SANDBOX_TRADE_SCOPE": "terminal",
    "PAYPAGE_DEADLINE_MARGIN": "2s",
    "PAYPAGE_PROVIDER_TIMEOUT": "4s",
    "PAYPAGE_PROVIDER_CONNECT_TIMEOUT": "1s",
}
# A provider like Alipay: its pages are HTML, and one trade serves every terminal.
HTML = {**STRICT, "PAYPAGE_SANDBOX_PC_KIND": "html", "PAYPAGE_SANDBOX_TRADE_SCOPE": "order"}
# Its pages run out long before their order.
FLEETING = {**STRICT, "PAYPAGE_SANDBOX_PAGE_TTL": "2s"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--shots", metavar="DIR", help="write a picture of each state into DIR, and run no test")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted = config.getoption("--shots") is not None
    chosen = [item for item in items if (item.get_closest_marker("shots") is not None) == wanted]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Chromium's own sandbox can't be used by root.
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, chromium_sandbox=os.geteuid() != 0, args=["--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def services() -> Iterator[Callable[[dict[str, str]], Service]]:
    """A running service for some settings: the same one for the same settings, each ended at the end."""
    running: dict[frozenset[tuple[str, str]], Service] = {}

    def service(settings: dict[str, str]) -> Service:
        key = frozenset(settings.items())
        if key not in running:
            running[key] = Service(settings)
        return running[key]

    yield service
    with ExitStack() as stack:
        for each in running.values():
            stack.callback(each.stop)


@pytest.fixture
def settings() -> dict[str, str]:
    """A module or a test says otherwise by a fixture of the same name."""
    return STRICT


@pytest.fixture
def shop(services: Callable[[dict[str, str]], Service], settings: dict[str, str]) -> Iterator[Shop]:
    """The shop of the test's service, where nothing goes wrong yet."""
    shop = Shop(services(settings))
    shop.plan()
    yield shop
    shop.plan()


@pytest.fixture
def show(browser: Browser, shop: Shop) -> Iterator[Callable[[Device], Screen]]:
    """Opens screens. At the end none of them may have complained, or asked anybody but the service."""
    screens: list[Screen] = []
    with ExitStack() as stack:

        def open_screen(device: Device) -> Screen:
            screens.append(stack.enter_context(screen(browser, device, shop.origin)))
            return screens[-1]

        yield open_screen
    assert [text for each in screens for text in each.watch.unexpected()] == []
    assert [url for each in screens for url in each.watch.elsewhere()] == []


@pytest.fixture
def desktop(show: Callable[[Device], Screen]) -> Screen:
    return show(DESKTOP)


@pytest.fixture
def phone(show: Callable[[Device], Screen]) -> Screen:
    return show(PHONE)


@pytest.fixture
def shots_folder(request: pytest.FixtureRequest) -> Path:
    folder = Path(request.config.getoption("--shots"))
    folder.mkdir(parents=True, exist_ok=True)
    return folder
