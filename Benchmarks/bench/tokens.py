"""User tokens, one per user, as the merchant would issue them.

    python -m bench.tokens KEYS TOKENS COUNT      (in the environment of Benchmarks/requirements.txt)

writes COUNT tokens signed with ES256, one per line, and the file of public keys that verifies them.
"""

import base64
import hashlib
import hmac
import json
import sys
import time

from .service import FIFTEEN_DAYS

KEY_NAME = "bench-es256"


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unsigned(header, user, series=0):
    now = int(time.time()) - series
    claims = {"sub": user, "iat": now, "exp": now + FIFTEEN_DAYS}
    return ".".join(encoded(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))


def hs256(user, secret, series=0):
    """Tokens of another `series` differ, because they were issued that many seconds earlier."""
    text = unsigned({"alg": "HS256", "typ": "JWT"}, user, series)
    return f"{text}.{encoded(hmac.digest(secret.encode(), text.encode(), hashlib.sha256))}"


def write_es256(keys, tokens, count):
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    private = ec.generate_private_key(ec.SECP256R1())
    point = private.public_key().public_numbers()
    public = {"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": KEY_NAME,
              "x": encoded(point.x.to_bytes(32, "big")), "y": encoded(point.y.to_bytes(32, "big"))}
    with open(keys, "w") as file:
        json.dump({"keys": [public]}, file)
    with open(tokens, "w") as file:
        for index in range(1, count + 1):
            text = unsigned({"alg": "ES256", "typ": "JWT", "kid": KEY_NAME}, f"user_{index:07d}")
            r, s = utils.decode_dss_signature(private.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
            file.write(f"{text}.{encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}\n")


if __name__ == "__main__":
    write_es256(sys.argv[1], sys.argv[2], int(sys.argv[3]))
