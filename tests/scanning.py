"""Reading QR codes as a phone's camera does."""

from __future__ import annotations

import io

import zxingcpp
from PIL import Image

# What each character of a code printed on a terminal shows, above and below: light on dark.
_HALVES = {" ": (0, 0), "▀": (255, 0), "▄": (0, 255), "█": (255, 255)}
_SCALE = 4


def scanned(picture: bytes) -> str:
    """What the one QR code in a picture says."""
    return _read(Image.open(io.BytesIO(picture)))


def scanned_from_terminal(printed: str) -> str:
    """What the QR code says that was printed on a terminal, among other lines."""
    lines = [line for line in printed.splitlines() if line and set(line) <= set(_HALVES)]
    rows = [bytes(_HALVES[sign][half] for sign in line) for line in lines for half in (0, 1)]
    drawn = Image.frombytes("L", (len(rows[0]), len(rows)), b"".join(rows))
    return _read(drawn.resize((drawn.width * _SCALE, drawn.height * _SCALE), Image.Resampling.NEAREST))


def _read(picture: Image.Image) -> str:
    [code] = zxingcpp.read_barcodes(picture)
    return code.text
