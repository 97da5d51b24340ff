"""Photos for the tests of browsers, as a phone's camera writes them."""

from __future__ import annotations

from pathlib import Path
from random import Random

from PIL import Image

from tests.workers.imaging.photos import a_phones_exif, encoded


def camera_photo(folder: Path, name: str = "IMG_0001.jpg", seed: int = 1, grain: int = 60) -> Path:
    """A JPEG of 1200 x 900 pixels with the EXIF of a phone, unlike those of other seeds.

    It has `grain` (a multiple of 4) spots across: 160 kB with 60 of them, the more the finer they are.
    """
    size = (grain, grain * 3 // 4)
    rough = Image.frombytes("RGB", size, Random(seed).randbytes(size[0] * size[1] * 3)).resize((1200, 900))
    path = folder / name
    path.write_bytes(encoded(rough, "JPEG", exif=a_phones_exif(), quality=85))
    return path
