"""Checkout tokens as the service creates them, to show that another order's token or an expired one opens nothing."""

from __future__ import annotations

import base64
import hashlib
import hmac

from .service import TOKEN_SECRET

_VERSION = "c1"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def make(number: str, *, expires_at_ms: int, secret: str = TOKEN_SECRET) -> str:
    """`c1.{order}.{expiry, base 36}.{HMAC-SHA256}`, under a key that is derived from the secret."""
    claim = f"{_VERSION}.{number}.{_base36(expires_at_ms)}"
    seal = hmac.digest(_key(secret), claim.encode(), hashlib.sha256)
    return f"{claim}.{base64.urlsafe_b64encode(seal).rstrip(b'=').decode()}"


def _key(secret: str) -> bytes:
    """HKDF (RFC 5869) with SHA-256, without salt, one block long."""
    extracted = hmac.digest(bytes(32), secret.encode(), hashlib.sha256)
    return hmac.digest(extracted, f"paypage checkout token {_VERSION}".encode() + b"\x01", hashlib.sha256)


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
