"""Reads QR codes from a screenshot, as a phone would, with Debian's zbar and without our own code."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

DECODER_LIMIT_SECONDS = 20
_NOTHING_FOUND = 4


def qr_codes(picture: bytes) -> list[str]:
    """The payload of each QR code in a PNG."""
    with tempfile.TemporaryDirectory(prefix="paypage-browser-tests-") as folder:
        path = Path(folder) / "screen.png"
        path.write_bytes(picture)
        run = subprocess.run(
            ["zbarimg", "--quiet", "--raw", "--set", "*.enable=0", "--set", "qrcode.enable=1", path],
            capture_output=True,
            timeout=DECODER_LIMIT_SECONDS,
        )
    if run.returncode == _NOTHING_FOUND:
        return []
    assert run.returncode == 0, run.stderr.decode(errors="replace")
    return run.stdout.decode().splitlines()
