"""Small photos made on the spot for the tests of imaging."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image

from workers.imaging import formats

ATHERSTONE = (52.5755, -1.5445)


def exif(**tags: Any) -> Image.Exif:
    """EXIF as a phone writes it: make, model, orientation, software, taken, offset, changed, lat, lon."""
    block = Image.Exif()
    for name, tag in (("make", 0x010F), ("model", 0x0110), ("orientation", 0x0112), ("software", 0x0131)):
        if name in tags:
            block[tag] = tags[name]
    if "changed" in tags:
        block[0x0132] = tags["changed"]
    details = block.get_ifd(0x8769)
    for name, tag in (("taken", 0x9003), ("offset", 0x9011)):
        if name in tags:
            details[tag] = tags[name]
    if "lat" in tags:
        block.get_ifd(0x8825).update({1: tags.get("lat_ref", "N"), 2: tags["lat"]})
    if "lon" in tags:
        block.get_ifd(0x8825).update({3: tags.get("lon_ref", "W"), 4: tags["lon"]})
    return block


def a_phones_exif() -> Image.Exif:
    return exif(
        make="Apple",
        model="iPhone 15",
        orientation=1,
        software="17.1",
        taken="2026:11:20 14:03:12",
        offset="+00:00",
        lat=(52.0, 34.0, 31.8),
        lon=(1.0, 32.0, 40.2),
    )


def corners(width: int = 64, height: int = 48) -> Image.Image:
    """An upright picture that shows which way up it is: red, green / blue, white quarters."""
    picture = Image.new("RGB", (width, height), "white")
    half = (width // 2, height // 2)
    picture.paste((255, 0, 0), (0, 0, *half))
    picture.paste((0, 255, 0), (half[0], 0, width, half[1]))
    picture.paste((0, 0, 255), (0, half[1], half[0], height))
    return picture


def encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    assert formats.MOST_PIXELS, "importing formats lets Pillow write HEIC"
    if kind == "HEIF" and "exif" in options:
        # As phones do: the turn is in the container too, and a viewer obeys only that one.
        picture = picture.copy()
        picture.info["exif"] = options.pop("exif").tobytes()
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()
