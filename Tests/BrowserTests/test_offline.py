"""A broken connection: the page says so, and goes on by itself."""

from playwright.sync_api import Locator, expect

from support.screens import WAIT_MS, Screen
from support.shop import Fault, Shop

OFFLINE = "ERR_INTERNET_DISCONNECTED|/events|EventSource"


def _is_in_the_window(element: Locator) -> bool:
    return element.evaluate("""element => {
        const box = element.getBoundingClientRect();
        return box.height > 0 && box.top >= 0 && box.bottom <= innerHeight;
    }""")


def test_a_press_without_a_connection_is_said_at_the_button_and_repeated_once(shop: Shop, phone: Screen) -> None:
    phone.watch.expect(OFFLINE)
    payment = shop.pay(terminal="h5")
    phone.open(payment.checkout_url, lang="en")
    phone.see("ready")
    phone.context.set_offline(True)

    phone.channel("sandbox2").click()

    said = phone.page.locator("form.ways .later")
    expect(said).to_be_visible(timeout=WAIT_MS)
    assert said.get_attribute("role") == "alert"
    assert _is_in_the_window(said)
    near = phone.channel("sandbox2").bounding_box()
    assert 0 <= said.bounding_box()["y"] - near["y"] - near["height"] < 24
    assert len(shop.trades(payment.number)) == 1
    # The rest of the page stays usable, and the focus stays at the button.
    assert phone.page.locator("a[data-open]").is_visible()
    assert phone.page.evaluate("document.activeElement.value") == "sandbox2"

    phone.context.set_offline(False)

    phone.page.wait_for_selector('main[data-state="ready"][data-channel="sandbox2"]', timeout=WAIT_MS)
    assert phone.page.locator(".later").count() == 0
    assert [(trade.channel, trade.creates) for trade in shop.trades(payment.number)] == [
        ("sandbox", 1),
        ("sandbox2", 1),
    ]


def test_a_press_whose_answer_was_lost_is_not_repeated(shop: Shop, desktop: Screen) -> None:
    desktop.watch.expect("ERR_CONNECTION_RESET")
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")
    posts: list[str] = []

    def lose_the_answer(route) -> None:
        if route.request.method != "POST":
            return route.fallback()
        posts.append(route.request.url)
        route.fetch(max_redirects=0)
        route.abort("connectionreset")

    desktop.context.route("**/checkout/*", lose_the_answer)
    desktop.channel("sandbox2").click()

    desktop.page.wait_for_selector('main[data-state="ready"][data-channel="sandbox2"]', timeout=WAIT_MS)
    expect(desktop.page.locator("#offline")).to_be_hidden(timeout=WAIT_MS)
    assert len(posts) == 1
    assert len(shop.trades(payment.number)) == 2


def test_a_press_that_waits_is_dropped_once_the_order_is_paid(shop: Shop, desktop: Screen) -> None:
    desktop.watch.expect(OFFLINE)
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")
    desktop.context.set_offline(True)
    desktop.channel("sandbox2").click()
    expect(desktop.page.locator(".later")).to_be_visible(timeout=WAIT_MS)

    # Meanwhile the buyer pays by the code that the phone has scanned.
    shop.buyer_pays(f"{payment.number}_1")
    shop.hears_of_the_payment(payment.number)
    desktop.context.set_offline(False)

    desktop.see("paid")
    assert len(shop.trades(payment.number)) == 1


def test_a_lost_connection_is_shown_in_the_window_at_once(shop: Shop, phone: Screen) -> None:
    phone.watch.expect(OFFLINE)
    payment = shop.pay(terminal="h5")
    phone.open(payment.checkout_url)
    phone.see("ready")

    phone.context.set_offline(True)

    banner = phone.page.locator("#offline")
    expect(banner).to_be_visible(timeout=WAIT_MS)
    assert _is_in_the_window(banner)
    phone.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert _is_in_the_window(banner)

    phone.context.set_offline(False)

    expect(banner).to_be_hidden(timeout=WAIT_MS)
    assert phone.state == "ready"


def test_a_press_while_the_service_restarts_is_repeated(shop: Shop, desktop: Screen) -> None:
    desktop.watch.expect("status of 503")
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")
    shop.plan(Fault("close", "slow", ms=100))
    desktop.page.route("**/checkout/*", lambda route: route.fulfill(status=503, body="restarting"), times=2)

    desktop.channel("sandbox2").click()

    desktop.page.wait_for_selector('main[data-state="ready"][data-channel="sandbox2"]', timeout=WAIT_MS)
    assert len(shop.trades(payment.number)) == 2


def test_a_press_that_never_arrives_is_repeated_a_few_times_only(shop: Shop, desktop: Screen) -> None:
    desktop.watch.expect("status of 503")
    payment = shop.pay()
    desktop.page.clock.install()
    desktop.open(payment.checkout_url, lang="en")
    desktop.see("ready")
    posts: list[str] = []

    def refuse_presses(route) -> None:
        if route.request.method != "POST":
            return route.fallback()
        posts.append(route.request.url)
        route.fulfill(status=503, body="no")

    desktop.context.route("**/checkout/*", refuse_presses)
    desktop.channel("sandbox2").click()

    for _ in range(40):
        desktop.page.clock.run_for(2_000)
        desktop.page.wait_for_timeout(50)

    assert len(posts) == 4
    assert desktop.state == "ready"
    said = desktop.page.locator(".later")
    assert said.count() == 1
    assert "available right now" in said.inner_text()
    assert desktop.channel("sandbox2").is_enabled()


def test_a_page_above_a_limit_replaces_no_good_page(shop: Shop, desktop: Screen) -> None:
    desktop.watch.expect("status of 429")
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")
    broken = '<main id="checkout" data-state="broken"></main>'
    desktop.page.route(
        "**/checkout/*", lambda route: route.fulfill(status=429, content_type="text/html", body=broken), times=1
    )

    desktop.page.evaluate("window.dispatchEvent(new Event('online'))")

    expect(desktop.page.locator("#offline")).to_be_visible(timeout=WAIT_MS)
    assert desktop.state == "ready"
    expect(desktop.page.locator("#offline")).to_be_hidden(timeout=WAIT_MS)
