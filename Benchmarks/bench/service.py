"""The service under test and the sandbox provider: the real binary in two processes."""

import http.client
import json
import subprocess
import time

from .processes import LOOPBACK, Failure, Started, clean_environment, free_port

# Invented for these databases, which contain no real data.
API_KEY = "bench_key_bench_key_bench_key_bench_key"
JWT_SECRET = "bench_user_secret_bench_user_secret_bench"
SANDBOX_SECRET = "bench_sandbox_secret_bench_sandbox_secret"
TOKEN_SECRET = "bench_token_secret_bench_token_secret_bench"

# The longest life of an order, so that a database can be used for days.
FIFTEEN_DAYS = 15 * 24 * 60 * 60


def call(port, method, path, body=None, headers=None, seconds=30):
    """Sends one request on a new connection. Returns the status, the header fields and the body."""
    connection = http.client.HTTPConnection(LOOPBACK, port, timeout=seconds)
    try:
        payload = None if body is None else json.dumps(body).encode()
        given = {"Content-Type": "application/json"} if payload else {}
        connection.request(method, path, payload, given | (headers or {}))
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def answer_of(port, path, method, body=None, **headers):
    """The header fields and the body of a good answer to the merchant."""
    status, head, answer = call(port, method, path, body, as_merchant(**headers))
    if status not in (200, 201):
        raise Failure(f"{path} was answered with {status}: {answer[:300]!r}")
    return list(head.items()), answer


def order(number, user=None, expires_in=FIFTEEN_DAYS):
    """The body of a first pay."""
    return {"out_trade_no": number, "user_id": user or f"u_{number}", "amount": 9900, "currency": "CNY",
            "subject": "A book", "channel": "sandbox", "terminal": "pc", "expires_in": expires_in}


def as_merchant(**more):
    return {"Authorization": f"Bearer {API_KEY}"} | more


# The warm pages and those of the first pays beside. The sandbox's page has twice the bytes of a provider's, so 50,000
# of them exceed the default.
CACHE_MEBIBYTES = "512"


class Sandbox:
    """The sandbox provider."""

    def __init__(self, binary, folder):
        self.port = free_port()
        self.url = f"http://{LOOPBACK}:{self.port}/sandbox"
        self.started = Started(
            "the sandbox", [binary, "sandbox", "--port", self.port, "--log-level", "warning"], folder / "sandbox.log",
            clean_environment(PAYPAGE_SANDBOX_SECRET=SANDBOX_SECRET))
        self.started.wait_for_port(self.port)

    def slow_down(self, milliseconds):
        faults = [{"operation": "create", "fault": "slow", "ms": milliseconds, "times": 1_000_000}]
        self._set(faults if milliseconds else [])

    def _set(self, faults):
        status, _, body = call(self.port, "PUT", "/sandbox/faults", faults)
        if status != 200:
            raise Failure(f"the sandbox rejected the faults: {status} {body!r}")

    def trade(self, number):
        status, _, body = call(self.port, "GET", f"/sandbox/trades/{number}")
        if status != 200:
            raise Failure(f"the sandbox has no trade {number}: {status}")
        return json.loads(body)

    def stop(self):
        self.started.stop()


class Service:
    """`paypage serve` with its defaults, API keys and both kinds of user keys."""

    def __init__(self, binary, database, sandbox, folder, jwks=None, settings=None, name="serve", under=()):
        """`under` is the command of a tool that runs the service."""
        self.port, self.database = free_port(), database
        self.log = folder / f"{name}-{self.port}.log"
        variables = {
            "PAYPAGE_HTTP_PORT": str(self.port), "PAYPAGE_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "PAYPAGE_DATABASE_URL": f"sqlite:{database}",
            "PAYPAGE_API_KEYS": API_KEY, "PAYPAGE_TOKEN_SECRET": TOKEN_SECRET, "PAYPAGE_USER_JWT_SECRET": JWT_SECRET,
            "PAYPAGE_SANDBOX_ENABLED": "true", "PAYPAGE_SANDBOX_SECRET": SANDBOX_SECRET,
            "PAYPAGE_SANDBOX_BASE_URL": sandbox.url, "PAYPAGE_SANDBOX_PAGE_TTL": "15d",
            "PAYPAGE_CACHE_MEMORY": CACHE_MEBIBYTES,
        } | ({"PAYPAGE_USER_JWKS_FILE": str(jwks)} if jwks else {}) | (settings or {})
        began = time.perf_counter()
        command = [*under, binary, "serve"]
        self.started = Started(f"the service ({name})", command, self.log, clean_environment(**variables))
        self._wait_until_ready()
        self.seconds_to_ready = time.perf_counter() - began

    @property
    def pid(self):
        return self.started.pid

    def _wait_until_ready(self, seconds=120):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.started.must_run()
            try:
                if call(self.port, "GET", "/readyz", seconds=5)[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.001)
        raise Failure(f"the service is not ready:\n{self.started.told()}")

    def first_pay(self, number, user, expires_in=FIFTEEN_DAYS):
        headers = as_merchant(**{"Idempotency-Key": f"key-{number}"})
        status, _, answer = call(self.port, "POST", "/v1/payments", order(number, user, expires_in), headers)
        if status != 201:
            raise Failure(f"a first pay was answered with {status}: {answer[:300]!r}")
        return json.loads(answer)

    def stop(self):
        self.started.stop()


def has_setting(binary, variable):
    """Whether this binary knows the setting. An unknown setting would stop its start."""
    told = subprocess.run([binary, "serve", "--help"], capture_output=True, text=True, timeout=30).stdout
    return variable in told
