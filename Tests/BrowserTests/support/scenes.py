"""The steps that bring the page to each of its states."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Thread

from . import tokens
from .screens import Screen
from .service import BRISK, BRISK_ORDER_SECONDS, FLEETING, FLEETING_PAGE_SECONDS, HTML, PATIENT, STRICT
from .shop import Fault, Payment, Shop

RETURN_PATH = "/healthz"


@dataclass(frozen=True)
class Stage:
    """A shop, a screen, its terminal, and its language."""

    shop: Shop
    screen: Screen
    terminal: str
    language: str

    @property
    def other_terminal(self) -> str:
        return "h5" if self.terminal == "pc" else "app"

    def pay(self, *, terminal: str | None = None, subject: str | None = None, expires_in: int | None = None) -> Payment:
        subject = subject or ("一本关于大海的书" if self.language == "zh-CN" else "A book about the sea")
        return self.shop.pay(
            terminal=terminal or self.terminal,
            subject=subject,
            expires_in=expires_in,
            return_url=f"{self.shop.origin}{RETURN_PATH}",
        )

    def open(self, url: str) -> None:
        self.screen.open(url, lang=self.language, terminal=self.terminal)


@dataclass(frozen=True)
class Scene:
    """A state, with a name that is valid as a file name."""

    name: str
    play: Callable[[Stage], None]
    settings: Mapping[str, str]

    def __str__(self) -> str:
        return self.name


def _ready(stage: Stage) -> None:
    stage.open(stage.pay().checkout_url)
    stage.screen.see("ready")


def _handoff(stage: Stage) -> None:
    _ready(stage)
    handoff = stage.screen.page.locator("details#handoff > summary")
    if handoff.count():  # A phone has no handoff.
        handoff.click()


def _ready_in_the_app(stage: Stage) -> None:
    stage.screen.open(stage.pay(terminal="app").checkout_url, lang=stage.language, terminal="app")
    stage.screen.see("ready")


def _refused(stage: Stage) -> None:
    _ready(stage)
    stage.shop.plan(Fault("create", "refused", channel="sandbox2", times=9))
    stage.screen.channel("sandbox2").click()
    stage.screen.see("choose")
    stage.screen.has_notice("refused")


def _keep_the_script_away(stage: Stage) -> None:
    """For a state that the script leaves at once, or soon."""
    stage.screen.watch.expect("checkout.js")
    stage.screen.context.route("**/checkout.js*", lambda route: route.abort())


def _renew(stage: Stage) -> None:
    _keep_the_script_away(stage)
    payment = stage.pay()
    stage.screen.page.wait_for_timeout(FLEETING_PAGE_SECONDS * 1_000 + 100)
    stage.open(payment.checkout_url)
    stage.screen.see("renew")


def _choose_on_the_phone(stage: Stage) -> None:
    _keep_the_script_away(stage)
    stage.screen.open(stage.pay(terminal="pc").checkout_url, lang=stage.language, terminal="h5")
    stage.screen.see("choose")


def _news(word: str, state: str) -> Callable[[Stage], None]:
    def play(stage: Stage) -> None:
        payment = stage.pay()
        stage.open(payment.checkout_url)
        # The result of a press is shown until the next event.
        told = {"news": word, "seen": stage.screen.attribute("data-revision") or ""}
        stage.screen.open(payment.checkout_url, lang=stage.language, terminal=stage.terminal, **told)
        stage.screen.see(state)
        stage.screen.has_notice(word)

    return play


def _moved(stage: Stage) -> None:
    payment = stage.pay()
    stage.open(payment.checkout_url)
    stage.screen.see("ready")
    assert stage.shop.repay(payment.number, terminal=stage.other_terminal).status == 200
    stage.screen.see("moved")


def _working(stage: Stage) -> None:
    """Another screen has started a switch, which takes some time."""
    payment = stage.pay()
    stage.open(payment.checkout_url)
    stage.screen.see("ready")
    stage.shop.plan(Fault("close", "slow", ms=10_000, times=9))
    Thread(target=stage.shop.repay, args=[payment.number], kwargs={"channel": "sandbox2"}, daemon=True).start()
    stage.screen.see("working")
    stage.screen.hold()


def _sending(stage: Stage) -> None:
    """A button was pressed, and the service has not answered."""
    _ready(stage)
    stage.screen.hold()
    stage.screen.channel("sandbox2").click()
    stage.screen.see("working")


def _unknown(stage: Stage) -> None:
    _keep_the_script_away(stage)
    _ready(stage)
    stage.shop.plan(Fault("create", "garbage", channel="sandbox2", times=99))
    stage.screen.channel("sandbox2").click()
    stage.screen.see("unknown")


def _time_up(stage: Stage) -> None:
    stage.open(stage.pay(expires_in=BRISK_ORDER_SECONDS).checkout_url)
    stage.screen.see("timeup")
    stage.screen.hold()


def _expired(stage: Stage) -> None:
    stage.open(stage.pay(expires_in=BRISK_ORDER_SECONDS).checkout_url)
    stage.screen.see("expired")


def _paid(stage: Stage) -> None:
    payment = stage.pay()
    stage.open(payment.checkout_url)
    stage.shop.buyer_pays(f"{payment.number}_1")
    stage.screen.see("paid")
    # The countdown back to the shop is a state that passes.
    stage.screen.page.locator("[data-stay]").click()


def _given_back(stage: Stage) -> None:
    payment = pay_twice(stage.shop, stage.pay())
    stage.open(payment.checkout_url)
    stage.screen.see("paid")
    stage.screen.page.wait_for_selector("[data-given-back]")


def _closed(stage: Stage) -> None:
    payment = stage.pay()
    stage.shop.close(payment.number)
    stage.open(payment.checkout_url)
    stage.screen.see("closed")


def _gone(stage: Stage) -> None:
    stage.screen.watch.expect("status of 410")
    payment = stage.pay()
    old = tokens.make(payment.number, expires_at_ms=int(time.time() * 1_000) - 1)
    stage.open(f"{stage.shop.origin}/checkout/{old}")
    stage.screen.see("gone")


def _no_link(stage: Stage) -> None:
    stage.screen.watch.expect("status of 404")
    stage.open(f"{stage.shop.origin}/checkout/nothing")
    stage.screen.see("nolink")


def pay_twice(shop: Shop, payment: Payment) -> Payment:
    """The buyer was at the first trade's password prompt when they moved to another channel, and pays both."""
    assert shop.repay(payment.number, channel="sandbox2").status == 200
    first, second = (trade.number for trade in shop.trades(payment.number))
    shop.buyer_pays(second)
    shop.buyer_pays(first, at_the_prompt=True)
    return payment


SCENES = [
    Scene("ready", _ready, STRICT),
    Scene("ready-html", _ready, HTML),
    Scene("ready-app", _ready_in_the_app, STRICT),
    Scene("handoff", _handoff, STRICT),
    Scene("choose-refused", _refused, STRICT),
    Scene("choose-on-the-phone", _choose_on_the_phone, STRICT),
    Scene("ready-toooften", _news("toooften", "ready"), STRICT),
    Scene("ready-unavailable", _news("unavailable", "ready"), STRICT),
    Scene("renew", _renew, FLEETING),
    Scene("moved", _moved, STRICT),
    Scene("working", _working, PATIENT),
    Scene("sending", _sending, STRICT),
    Scene("unknown", _unknown, STRICT),
    Scene("timeup", _time_up, BRISK),
    Scene("paid", _paid, STRICT),
    Scene("given-back", _given_back, STRICT),
    Scene("closed", _closed, STRICT),
    Scene("expired", _expired, BRISK),
    Scene("gone", _gone, STRICT),
    Scene("nolink", _no_link, STRICT),
]
