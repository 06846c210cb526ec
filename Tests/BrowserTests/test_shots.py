"""Screenshots of each state, in both languages, at two widths. `--shots DIR` writes them for review."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from support.scenes import SCENES, Scene, Stage
from support.screens import DESKTOP, PHONE, Device, Screen
from support.shop import Shop

COLOURS = 128


@pytest.fixture
def settings(scene: Scene) -> Mapping[str, str]:
    return scene.settings


@pytest.mark.shots
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("device", [PHONE, DESKTOP], ids=lambda device: str(device.width))
@pytest.mark.parametrize("language", ["en", "zh-CN"])
@pytest.mark.parametrize("scene", SCENES, ids=str)
def test_a_screenshot_of_each_state(
    shop: Shop,
    show: Callable[[Device], Screen],
    shots_folder: Path,
    scene: Scene,
    language: str,
    device: Device,
    scheme: str,
) -> None:
    screen = show(replace(device, locale=language, scheme=scheme))
    scene.play(Stage(shop, screen, "h5" if device.is_phone else "pc", language))

    name = f"{scene}.{language}.{device.width}" + (".dark" if scheme == "dark" else "")
    (shots_folder / f"{name}.png").write_bytes(_small(screen.page.screenshot(full_page=True, animations="disabled")))


def _small(picture: bytes) -> bytes:
    """Reduces the colours: the page has few, and the file becomes a fifth of the size."""
    small = BytesIO()
    Image.open(BytesIO(picture)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(
        small, "PNG", optimize=True
    )
    return small.getvalue()
