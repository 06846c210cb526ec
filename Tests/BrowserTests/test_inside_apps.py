"""One code for both apps: the same link inside WeChat, inside Alipay and in a browser."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from support.screens import PHONE, WECHAT, Device, Screen
from support.service import STRICT
from support.shop import Payment, Shop
from support.wechat import OPENID, WeChat

ALIPAY = replace(PHONE, name="alipay", agent=f"{PHONE.agent} AlipayClient/10.7.20 Language/zh-Hans", locale="zh-CN")

BUTTON = 'a.button.main[href*="/authorize?"]'

# WeChat's bridge, which records its calls and answers them.
BRIDGE = """
    window.invoked = [];
    window.WeixinJSBridge = { invoke: (name, parameters, done) => {
        window.invoked.push([name, parameters.package]);
        done({ err_msg: window.bridgeSays || 'get_brand_wcpay_request:cancel' });
    } };
"""


@pytest.fixture(scope="module")
def wechat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WeChat]:
    wechat = WeChat(tmp_path_factory.mktemp("wechat"))
    yield wechat
    wechat.stop()


@pytest.fixture
def settings(wechat: WeChat) -> Mapping[str, str]:
    return {**STRICT, **wechat.with_oauth}


@pytest.fixture
def payment(shop: Shop, wechat: WeChat) -> Payment:
    wechat.calls.clear()
    wechat.refuses_codes = 0
    return shop.leave_the_choice()


@pytest.fixture
def inside(show: Callable[[Device], Screen], wechat: WeChat) -> Screen:
    screen = show(WECHAT)
    screen.watch.allow_origin(wechat.origin)
    screen.context.add_init_script(BRIDGE)
    return screen


def _press(screen: Screen) -> None:
    screen.page.locator(BUTTON).click()
    screen.see("ready")


def test_looking_inside_wechat_calls_no_payment_provider(payment: Payment, inside: Screen, wechat: WeChat) -> None:
    inside.open(payment.checkout_url)

    inside.see("choose")
    expect(inside.page.locator(BUTTON)).to_be_visible()
    inside.page.reload()
    inside.see("choose")
    assert wechat.calls_about(payment.number) == []


def test_inside_wechat_a_press_pays_by_the_bridge_at_once(payment: Payment, inside: Screen, wechat: WeChat) -> None:
    inside.open(payment.checkout_url)

    _press(inside)

    inside.page.wait_for_function("window.invoked.length === 1")
    assert inside.page.evaluate("window.invoked[0][0]") == "getBrandWCPayRequest"
    assert inside.page.evaluate("window.invoked[0][1]").startswith("prepay_id=wx")
    assert wechat.made("/sns/oauth2/access_token") == 1
    assert wechat.made("/v3/pay/transactions/jsapi") == 1


def test_the_code_and_the_openid_are_in_no_address_of_the_page(payment: Payment, inside: Screen) -> None:
    inside.open(payment.checkout_url)

    _press(inside)

    inside.page.wait_for_function("window.invoked.length === 1")
    assert inside.page.url == payment.checkout_url
    assert OPENID not in inside.page.content()


def test_the_payment_starts_by_itself_once(payment: Payment, inside: Screen, wechat: WeChat) -> None:
    inside.open(payment.checkout_url)
    _press(inside)
    inside.page.wait_for_function("window.invoked.length === 1")

    inside.page.reload()

    inside.see("ready")
    assert inside.page.evaluate("window.invoked.length") == 0
    inside.page.locator("[data-bridge]").click()
    inside.page.wait_for_function("window.invoked.length === 1")
    assert wechat.made("/sns/oauth2/access_token") == 1


def test_a_refused_code_is_replaced_once(payment: Payment, inside: Screen, wechat: WeChat) -> None:
    wechat.refuses_codes = 1
    inside.open(payment.checkout_url)

    _press(inside)

    assert wechat.made("/connect/oauth2/authorize") == 2


def test_a_code_that_stays_refused_leads_to_a_message_and_the_button(
    payment: Payment, inside: Screen, wechat: WeChat
) -> None:
    wechat.refuses_codes = 2
    inside.open(payment.checkout_url)

    inside.page.locator(BUTTON).click()

    inside.has_notice("unavailable")
    assert wechat.made("/connect/oauth2/authorize") == 2
    _press(inside)


def test_wechats_own_page_offers_no_alipay(payment: Payment, inside: Screen) -> None:
    inside.open(payment.checkout_url)

    inside.see("choose")
    assert inside.page.locator('[value="alipay"], [href*="channel=alipay"]').count() == 0


def test_inside_alipay_its_own_payment_is_the_main_one_and_wechat_is_missing(
    payment: Payment, show: Callable[[Device], Screen], wechat: WeChat
) -> None:
    alipay = show(ALIPAY)
    alipay.open(payment.checkout_url)

    alipay.see("choose")
    assert alipay.page.locator("button.main").get_attribute("value") == "alipay"
    assert alipay.channel("wechat").count() == 0
    assert wechat.calls_about(payment.number) == []

    alipay.channel("alipay").click()
    alipay.see("ready")
    assert alipay.terminal == "h5"


def test_a_browser_offers_every_way(payment: Payment, phone: Screen) -> None:
    phone.open(payment.checkout_url)

    phone.see("choose")
    for name in ["alipay", "wechat", "sandbox"]:
        expect(phone.channel(name)).to_be_visible()


def test_the_desktops_code_is_the_link_for_every_app(payment: Payment, desktop: Screen, inside: Screen) -> None:
    desktop.open(payment.checkout_url)
    desktop.page.locator("details#handoff > summary").click()
    link = desktop.code_of('[data-qr="handoff"]')
    assert link == payment.checkout_url

    inside.open(link)
    _press(inside)


def test_another_buyer_of_the_link_is_identified_again(payment: Payment, inside: Screen, wechat: WeChat) -> None:
    inside.open(payment.checkout_url)
    _press(inside)
    inside.page.wait_for_function("window.invoked.length === 1")
    inside.context.add_init_script("window.bridgeSays = 'get_brand_wcpay_request:fail';")
    inside.page.reload()
    inside.see("ready")

    inside.page.locator("[data-bridge]").click()

    inside.page.wait_for_function("window.invoked.length === 1 && !location.search")
    assert wechat.made("/sns/oauth2/access_token") == 2


def test_a_second_press_during_wechats_payment_does_nothing(payment: Payment, inside: Screen) -> None:
    inside.open(payment.checkout_url)
    _press(inside)
    inside.page.wait_for_function("window.invoked.length === 1")
    inside.context.add_init_script("window.WeixinJSBridge.invoke = (name) => window.invoked.push([name]);")
    inside.page.reload()
    inside.see("ready")

    inside.page.locator("[data-bridge]").click()
    inside.page.locator("[data-bridge]").click()

    inside.page.wait_for_function("window.invoked.length > 0")
    assert inside.page.evaluate("window.invoked.length") == 1


class TestWithoutTheSecret:
    @pytest.fixture
    def settings(self, wechat: WeChat) -> Mapping[str, str]:
        return {**STRICT, **wechat.settings}

    def test_the_page_asks_to_be_opened_in_a_browser(self, payment: Payment, inside: Screen, wechat: WeChat) -> None:
        inside.open(payment.checkout_url, lang="en")

        inside.see("choose")
        assert "Open this page in your browser" in inside.text()
        assert inside.page.locator(BUTTON).count() == 0
        assert wechat.calls_about(payment.number) == []
