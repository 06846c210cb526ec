"""The fixtures: one browser for the run, one service per set of settings, and screens whose errors are recorded."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from support.console import CONSOLE, Console
from support.screens import DESKTOP, PHONE, Device, Screen, screen
from support.service import STRICT, Service
from support.shop import Shop

CHROMIUM = os.environ.get("BROWSER_TESTS_CHROMIUM", "/usr/bin/chromium")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--shots", metavar="DIR", help="write a picture of each state into DIR, and run no test")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    wanted = config.getoption("--shots") is not None
    chosen = [item for item in items if (item.get_closest_marker("shots") is not None) == wanted]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    passed = terminalreporter.stats.get("passed", [])
    figures = [str(value) for report in passed for name, value in report.user_properties if name == "measured"]
    if figures:
        terminalreporter.section("measured")
        for figure in figures:
            terminalreporter.line(figure)


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Records a figure for the end of the run. Figures are not asserted, because the machine may be busy."""

    def measured(figure: str) -> None:
        record_property("measured", figure)

    return measured


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
def services() -> Iterator[Callable[[Mapping[str, str]], Service]]:
    """A running service for some settings. The same settings share a service, and each service ends with the run."""
    running: dict[frozenset[tuple[str, str]], Service] = {}

    def service(settings: Mapping[str, str]) -> Service:
        key = frozenset(settings.items())
        if key not in running:
            running[key] = Service(settings)
        return running[key]

    yield service
    with ExitStack() as stack:
        for each in running.values():
            stack.callback(each.stop)


@pytest.fixture
def settings() -> Mapping[str, str]:
    """A module or a test overrides this with a fixture of the same name."""
    return STRICT


@pytest.fixture
def shop(services: Callable[[Mapping[str, str]], Service], settings: Mapping[str, str]) -> Iterator[Shop]:
    """The shop of the test's service, without faults."""
    shop = Shop(services(settings))
    shop.plan()
    yield shop
    shop.plan()


@pytest.fixture
def show(browser: Browser, shop: Shop) -> Iterator[Callable[[Device], Screen]]:
    """Opens screens. At the end, none of them may have reported an error or sent a request to another server."""
    screens: list[Screen] = []
    with ExitStack() as stack:

        def open_screen(device: Device) -> Screen:
            screens.append(stack.enter_context(screen(browser, device, shop.origin)))
            return screens[-1]

        yield open_screen
    assert [text for each in screens for text in each.watch.unexpected()] == []
    assert [url for each in screens for url in each.watch.elsewhere()] == []


@pytest.fixture(scope="session")
def consoles() -> dict[Service, Console]:
    return {}


@pytest.fixture
def console(services: Callable[[Mapping[str, str]], Service], consoles: dict[Service, Console]) -> Console:
    """The console of a service that all tests of the console share."""
    service = services(CONSOLE)
    if service not in consoles:
        consoles[service] = Console(service)
    return consoles[service]


@pytest.fixture
def desk(browser: Browser, console: Console) -> Iterator[Callable[[Device], Screen]]:
    """Opens screens at the console. At the end, none of them may have reported an error or called another server."""
    screens: list[Screen] = []
    with ExitStack() as stack:

        def open_screen(device: Device = DESKTOP) -> Screen:
            screens.append(stack.enter_context(screen(browser, device, console.origin)))
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
