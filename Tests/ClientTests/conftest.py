"""The fixtures: a running service, and a client that is generated from its own description."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.service import Service
from support.shop import Shop, send

PACKAGE = "paypage_client"


@pytest.fixture(scope="session")
def service() -> Iterator[Service]:
    service = Service({"PAYPAGE_SANDBOX_PC_KIND": "qr"})
    yield service
    service.stop()


@pytest.fixture
def shop(service: Service) -> Shop:
    """The buyers, and the provider's books."""
    return Shop(service)


@pytest.fixture(scope="session", autouse=True)
def generated(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the generated package, which the tests import. A warning of the generator is a failure."""
    folder = tmp_path_factory.mktemp("generated")
    description = folder / "openapi.yaml"
    description.write_bytes(send("GET", f"{service.origin}/openapi.yaml").body)
    package = folder / PACKAGE
    generator = [
        Path(sys.executable).with_name("openapi-python-client"), "generate", "--fail-on-warning", "--meta", "none",
        "--path", description, "--output-path", package, "--config", Path(__file__).with_name("generator.yaml"),
    ]  # fmt: skip
    run = subprocess.run(generator, cwd=folder, capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stdout + run.stderr
    sys.path.insert(0, str(folder))
    yield package
    sys.path.remove(str(folder))
