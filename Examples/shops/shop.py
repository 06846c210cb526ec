"""The back end of a shop that is paid through Paypage. docs/clients/python.md explains each part."""
import hmac, json, os, re, time
from base64 import b64decode, b64encode
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

PAYPAGE, API_KEY = os.environ["PAYPAGE_URL"], os.environ["PAYPAGE_API_KEY"]
SECRET = b64decode(os.environ["PAYPAGE_WEBHOOK_SECRET"].removeprefix("whsec_"))
PORT, DATA = int(os.environ["SHOP_PORT"]), Path(os.environ["SHOP_DATA"])  # Files stand for the rows of a database.
ORDER_PATH = re.compile("/orders/([0-9A-Za-z_]{4,28})")


def call(method, path, body=None, **headers):
    headers |= {"Authorization": f"Bearer {API_KEY}", "Content-Type": "application/json"}
    data = json.dumps(body).encode() if body else None
    try:
        with urlopen(Request(PAYPAGE + path, data, headers, method=method), timeout=10) as answer:
            return json.load(answer)
    except HTTPError as refusal:
        return json.load(refusal)  # A problem with a code.


def pay(order):
    basket = {"out_trade_no": order, "user_id": "u1", "amount": 9900, "currency": "CNY", "subject": "Spring tea",
              "return_url": f"http://127.0.0.1:{PORT}/orders/{order}"}
    # With one key per order, two presses of the button are one call.
    return call("POST", "/v1/payments", basket, **{"Idempotency-Key": order})


def is_genuine(headers, body):
    sent_at = headers.get("webhook-timestamp", "")
    if not SECRET or not re.fullmatch("[0-9]{1,12}", sent_at) or abs(time.time() - int(sent_at)) > 300:
        return False
    signed = f"{headers.get('webhook-id')}.{sent_at}.".encode() + body  # The body as it was received, byte for byte.
    expected = b"v1," + b64encode(hmac.digest(SECRET, signed, "sha256"))
    return any(hmac.compare_digest(expected, given.encode()) for given in headers.get("webhook-signature", "").split())


def take(event, stored):
    if event["type"] == "order.paid" and not stored.exists():
        payment = call("GET", f"/v1/payments/{event['data']['out_trade_no']}")
        if payment["state"] == "paid" and payment["refundable"] == payment["amount"]:  # Nothing of it goes back.
            ship_once(payment["out_trade_no"])
    stored.write_text(json.dumps(event))


def ship_once(order):
    with suppress(FileExistsError):
        (DATA / f"{order}.shipped").touch(exist_ok=False)
        print(f"ship {order}", flush=True)


class Shop(BaseHTTPRequestHandler):
    def do_GET(self):
        order = ORDER_PATH.fullmatch(self.path)
        payment = call("GET", f"/v1/payments/{order[1]}") if order else {}
        self.say(200, f"<p>{payment.get('state', '')}</p><form method=post><button>Pay</button></form>")

    def do_POST(self):
        body = self.rfile.read(min(int(self.headers.get("Content-Length", 0)), 65536))
        if order := ORDER_PATH.fullmatch(self.path):
            return self.say(303, location=pay(order[1])["checkout_url"])
        if not is_genuine(self.headers, body):
            return self.say(401)
        take(json.loads(body), DATA / f"{self.headers['webhook-id']}.json")
        self.say(204)  # Only now. Without a 2xx, Paypage sends the event again.

    def say(self, status, text="", location=None):
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(text.encode())


ThreadingHTTPServer(("127.0.0.1", PORT), Shop).serve_forever()
