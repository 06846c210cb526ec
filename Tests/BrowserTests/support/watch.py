"""Records every error and every request of a browser during a test."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

# Reported through the console, which is already recorded.
REPORT_VIOLATIONS = """
document.addEventListener('securitypolicyviolation', violation =>
    console.error(`policy violation: ${violation.effectiveDirective} of ${violation.blockedURI}`));
"""

_COMPLAINTS = ("error", "warning", "assert")


@dataclass
class Watch:
    """The record of one browser context. A test declares the errors that it provokes; any other error fails it."""

    origin: str
    complaints: list[str] = field(default_factory=list)
    requests: list[tuple[str, str]] = field(default_factory=list)
    _allowed: list[str] = field(default_factory=list)
    _expected: list[re.Pattern[str]] = field(default_factory=list)

    def follow(self, context: BrowserContext) -> None:
        context.on("console", self._console)
        context.on("weberror", self._error)
        context.on("request", self._request)
        context.on("requestfailed", self._failure)
        context.add_init_script(REPORT_VIOLATIONS)

    def expect(self, pattern: str) -> None:
        """Declares that errors with this text are expected."""
        self._expected.append(re.compile(pattern))

    def allow_origin(self, origin: str) -> None:
        """Declares an origin that the test itself opens."""
        self._allowed.append(f"{origin}/")

    def unexpected(self) -> list[str]:
        return [text for text in self.complaints if not any(pattern.search(text) for pattern in self._expected)]

    def elsewhere(self) -> list[str]:
        """Requests to any origin but the service's."""
        urls = [url for _, url in self.requests]
        return [url for url in urls if not url.startswith((f"{self.origin}/", "data:", "about:", *self._allowed))]

    def asked(self, method: str, path: str) -> int:
        """The number of requests with a method to paths of the service with a prefix."""
        return sum(1 for made, url in self.requests if made == method and url.startswith(f"{self.origin}{path}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in _COMPLAINTS:
            place = message.location.get("url", "")
            if place.endswith("/favicon.ico"):
                return  # The browser requests it on pages that are not ours; our page has an icon.
            self.complaints.append(f"console {message.type}: {message.text} ({place})")

    def _error(self, error: WebError) -> None:
        self.complaints.append(f"uncaught: {error.error}")

    def _request(self, request: Request) -> None:
        self.requests.append((request.method, request.url))

    def _failure(self, request: Request) -> None:
        # Requests in flight when a page is left, such as its stream, end like this.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"failed: {request.method} {request.url}: {request.failure}")
