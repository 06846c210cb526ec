"""A running `paypage serve --dev` on a free loopback port, with its own database."""

from __future__ import annotations

import ctypes
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
API_KEY = "browser-tests-api-key-0123456789"
SHOP_NAME = "Harbour Books"
TOKEN_SECRET = "browser-tests-token-secret-0123456789abcdef"

START_LIMIT_SECONDS = 30
# Calls in flight are finished first, for 30 seconds at most.
STOP_LIMIT_SECONDS = 40

_LISTENING = re.compile(r"listening .*http\.port=(\d+)")
_CONSOLE_LISTENING = re.compile(r"console listening .*console\.port=(\d+)")
COMMAND_LIMIT_SECONDS = 30
_DIES_WITH_PARENT = 1  # PR_SET_PDEATHSIG

# The common settings of every service in these tests. `trusted.proxies` gives each browser its own client address,
# so that one test's clicks do not count against another's.
_COMMON = {
    "PAYPAGE_HTTP_PORT": "0",
    "PAYPAGE_HTTP_TRUSTED_PROXIES": "127.0.0.1",
    "PAYPAGE_API_KEYS": API_KEY,
    "PAYPAGE_TOKEN_SECRET": TOKEN_SECRET,
    "PAYPAGE_SANDBOX_CHANNELS": "sandbox,sandbox2",
    "PAYPAGE_SHOP_NAME": SHOP_NAME,
}

# Shared settings. Times are short, so that a test can see an order's whole life. The provider is as strict as WeChat,
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
# Its pages expire long before their order.
FLEETING_PAGE_SECONDS = 2
FLEETING = {**STRICT, "PAYPAGE_SANDBOX_PAGE_TTL": f"{FLEETING_PAGE_SECONDS}s"}
# Its calls may take long, so that the states in between can be tested.
PATIENT = {**STRICT, "PAYPAGE_PROVIDER_TIMEOUT": "12s"}
# Its calls are fast, so that an order may be short.
BRISK = {**STRICT, "PAYPAGE_PROVIDER_TIMEOUT": "1s", "PAYPAGE_PROVIDER_CONNECT_TIMEOUT": "500ms"}
# The shortest possible order there. Its cut-off is one margin earlier, its last word one margin later.
BRISK_ORDER_SECONDS = 5
# As short, but with time between the cut-off and the provider's deadline, in which a slow browser can still be paid in.
PAYABLE_TO_THE_END = {**BRISK, "PAYPAGE_DEADLINE_MARGIN": "20s"}
PAYABLE_TO_THE_END_SECONDS = 23


def binary() -> Path:
    """The built service: the path from script/browser, or else the debug build."""
    return Path(os.environ.get("BROWSER_TESTS_PAYPAGE", REPOSITORY / ".build/debug/paypage"))


def _die_with_parent() -> None:
    """Ends the service with the test run, even if the run is killed."""
    ctypes.CDLL(None).prctl(_DIES_WITH_PARENT, signal.SIGTERM)


class Service:
    """One process. Its `PAYPAGE_…` variables are the given settings only, without the caller's."""

    def __init__(self, settings: Mapping[str, str], *, restored_from: Path | None = None) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="paypage-browser-tests-")
        self.log_path = Path(self._folder.name) / "log"
        self._environment = {"PATH": os.environ["PATH"], "HOME": self._folder.name, **_COMMON, **settings}
        if restored_from:
            self.run("restore", str(restored_from), "--by", "ann")
        with self.log_path.open("wb") as log:
            self._process = subprocess.Popen(
                [binary(), "serve", "--dev"],
                cwd=self._folder.name,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                preexec_fn=_die_with_parent,
            )
        self.origin = f"http://127.0.0.1:{self._port(_LISTENING)}"

    def log(self) -> str:
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(STOP_LIMIT_SECONDS)
        except subprocess.TimeoutExpired as late:
            self._process.kill()
            self._process.wait()
            raise AssertionError("the service didn't end by itself after SIGTERM") from late
        finally:
            self._folder.cleanup()

    def console_origin(self) -> str:
        return f"http://127.0.0.1:{self._port(_CONSOLE_LISTENING)}"

    def run(self, *command: str) -> str:
        """Runs another command of the program with the service's settings, and returns what it prints."""
        run = subprocess.run(
            [binary(), *command],
            cwd=self._folder.name,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_LIMIT_SECONDS,
        )
        assert run.returncode == 0, f"{command}: {run.stdout}{run.stderr}"
        return run.stdout

    def _port(self, line: re.Pattern[str]) -> int:
        limit = time.monotonic() + START_LIMIT_SECONDS
        while time.monotonic() < limit:
            if match := line.search(self.log()):
                return int(match[1])
            if self._process.poll() is not None:
                break
            time.sleep(0.02)
        self._process.kill()
        self._process.wait()
        raise AssertionError(f"the service didn't start:\n{self.log()[-4000:]}")
