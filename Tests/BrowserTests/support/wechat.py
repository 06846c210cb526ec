"""WeChat on loopback: its OAuth page, the exchange of codes, and orders for `jsapi`. Answers are signed by openssl."""

from __future__ import annotations

import base64
import itertools
import json
import subprocess
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

OPENID = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
_KEY_ID = "PUB_KEY_ID_0114232134912410000000000000"


def _key(folder: Path, name: str) -> tuple[Path, Path]:
    """A private key, and its public key."""
    private, public = folder / f"{name}.pem", folder / f"{name}-public.pem"
    subprocess.run(["openssl", "genrsa", "-out", private, "2048"], check=True, capture_output=True)
    subprocess.run(["openssl", "rsa", "-in", private, "-pubout", "-out", public], check=True, capture_output=True)
    return private, public


class WeChat:
    """Counts its calls. `alipay` is configured too: it signs its pages itself, and answers no call here."""

    def __init__(self, folder: Path) -> None:
        self.calls: list[str] = []
        self.refuses_codes = 0
        self._codes: set[str] = set()
        self._count = itertools.count(1)
        self._private, public = _key(folder, "wechat")
        ours, _ = _key(folder, "ours")
        wechat = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                wechat._answer(self)

            def do_POST(self) -> None:
                wechat._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self.settings: Mapping[str, str] = {
            "PAYPAGE_WECHAT_MCH_ID": "1900000001",
            "PAYPAGE_WECHAT_APP_ID": "wxd678efh567hg6787",
            "PAYPAGE_WECHAT_SERIAL_NO": "1DDE55AD98ED71D6EDD4A4A16996DE7B47773A8C",
            "PAYPAGE_WECHAT_PRIVATE_KEY_FILE": str(ours),
            "PAYPAGE_WECHAT_API_V3_KEY": "a-key-of-thirty-two-bytes-012345",
            "PAYPAGE_WECHAT_PUBLIC_KEY_ID": _KEY_ID,
            "PAYPAGE_WECHAT_PUBLIC_KEY_FILE": str(public),
            "PAYPAGE_WECHAT_BASE_URL": self.origin,
            "PAYPAGE_ALIPAY_APP_ID": "2021000000000001",
            "PAYPAGE_ALIPAY_PRIVATE_KEY_FILE": str(ours),
            "PAYPAGE_ALIPAY_PUBLIC_KEY_FILE": str(public),
            "PAYPAGE_ALIPAY_GATEWAY_URL": f"{self.origin}/gateway.do",
        }
        self.with_oauth: Mapping[str, str] = {
            **self.settings,
            "PAYPAGE_WECHAT_OAUTH_SECRET": "7f1d2b0c9e8a4f6db35c1a0e2d4f6b81",
            "PAYPAGE_WECHAT_OAUTH_BASE_URL": self.origin,
            "PAYPAGE_WECHAT_OAUTH_AUTHORIZE_URL": f"{self.origin}/connect/oauth2/authorize",
        }

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def calls_about(self, number: str) -> list[str]:
        """The calls without those that the service makes by its clock: queries of other orders' trades, and bills."""
        others = [call for call in self.calls if "/out-trade-no/" in call and f"/{number}_" not in call]
        return [call for call in self.calls if call not in others and not call.startswith("/v3/bill/")]

    def made(self, path: str) -> int:
        return sum(1 for call in self.calls if call.startswith(path))

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        address = urlsplit(request.path)
        length = int(request.headers.get("Content-Length") or 0)
        body = request.rfile.read(length)
        self.calls.append(address.path)
        if address.path == "/connect/oauth2/authorize":
            return self._send_back(request, parse_qs(address.query))
        if address.path == "/sns/oauth2/access_token":
            return self._exchange(request, parse_qs(address.query))
        if address.path == "/v3/pay/transactions/jsapi":
            assert json.loads(body)["payer"] == {"openid": OPENID}
            return self._signed(request, 200, json.dumps({"prepay_id": f"wx{next(self._count):034}"}))
        if address.path.endswith("/close"):
            return self._signed(request, 204, "")
        self._plain(request, 404, json.dumps({"code": "ORDER_NOT_EXIST", "message": "no such order"}))

    def _send_back(self, request: BaseHTTPRequestHandler, query: Mapping[str, list[str]]) -> None:
        code = f"code{next(self._count)}"
        self._codes.add(code)
        back = query["redirect_uri"][0]
        request.send_response(302)
        request.send_header("Location", f"{back}{'&' if '?' in back else '?'}code={code}&state={query['state'][0]}")
        request.send_header("Content-Length", "0")
        request.end_headers()

    def _exchange(self, request: BaseHTTPRequestHandler, query: Mapping[str, list[str]]) -> None:
        code = query["code"][0]
        if self.refuses_codes > 0 or code not in self._codes:
            self.refuses_codes -= 1
            return self._plain(request, 200, json.dumps({"errcode": 40163, "errmsg": "code been used"}))
        self._codes.remove(code)
        self._plain(request, 200, json.dumps({"openid": OPENID, "access_token": "t", "expires_in": 7200}))

    def _plain(self, request: BaseHTTPRequestHandler, status: int, text: str, **headers: str) -> None:
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(text)))
        request.end_headers()
        request.wfile.write(text.encode())

    def _signed(self, request: BaseHTTPRequestHandler, status: int, text: str) -> None:
        now, nonce = str(int(time.time())), f"nonce{next(self._count)}"
        seal = subprocess.run(
            ["openssl", "dgst", "-sha256", "-sign", self._private],
            input=f"{now}\n{nonce}\n{text}\n".encode(),
            check=True,
            capture_output=True,
        ).stdout
        self._plain(
            request,
            status,
            text,
            Wechatpay_Timestamp=now,
            Wechatpay_Nonce=nonce,
            Wechatpay_Serial=_KEY_ID,
            Wechatpay_Signature=base64.b64encode(seal).decode(),
        )
