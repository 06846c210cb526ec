"""A simple alternative to Paypage: the stored page served by FastAPI and SQLite, with the same checks.

Reads the service's own database. The hash of the API key is compared in constant time. One join over indexes finds the
page. The order must be new and before its cut-off, the attempt open, and the page fresh and made for that terminal.
"""

import hashlib
import hmac
import os
import sqlite3
import time

from fastapi import FastAPI, Request, Response

LIVE_PAGE = """
    SELECT pages.content, pages.expires_at FROM orders
    JOIN attempts ON attempts.order_number = orders.number AND attempts.state = 'open'
    JOIN pages ON pages.trade_no = attempts.trade_no
    WHERE orders.number = ? AND orders.state = 'new' AND orders.deadline - 60000 > ?
        AND attempts.channel = ? AND pages.serves & ? AND pages.openid = ? AND pages.expires_at > ?
    ORDER BY pages.id DESC LIMIT 1
    """
SERVES = {"pc": 1, "h5": 2, "app": 4, "jsapi": 8}
HEAD = {
    "Cache-Control": "no-store", "Vary": "Accept, Authorization", "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox allow-forms allow-scripts; default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "strict-origin",
}

app = FastAPI()
key_hash = hashlib.sha256(os.environ["BENCH_API_KEY"].encode()).digest()
database = sqlite3.connect(
    f"file:{os.environ['BENCH_DATABASE']}?mode=ro", uri=True, isolation_level=None, check_same_thread=False)
database.execute("PRAGMA mmap_size = 8000000000")


@app.get("/v1/payments/{number}/page")
async def page(number: str, request: Request, channel: str, terminal: str, openid: str = "") -> Response:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    given = hashlib.sha256(key.encode()).digest()
    if scheme.lower() != "bearer" or not hmac.compare_digest(given, key_hash):
        return Response(status_code=401)
    now = int(time.time() * 1_000)
    # The read takes microseconds from a file in memory, so a thread would cost more.
    row = database.execute(LIVE_PAGE, (number, now, channel, SERVES.get(terminal, 0), openid, now)).fetchone()
    if row is None:
        return Response(status_code=404)
    content, expires_at = row
    head = HEAD | {
        "ETag": f'"{hashlib.sha256(content.encode()).hexdigest()[:32]}"',
        "Cache-Status": f"paypage; hit; ttl={(expires_at - now) // 1_000}",
    }
    return Response(content, media_type="text/html", headers=head)
