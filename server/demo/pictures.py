"""Placeholder photos for the demo: a drawn lane with something dumped on the verge, marked DEMO across it."""

from __future__ import annotations

import io
from random import Random

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 800, 600
_HORIZON = 250
_SKIES = ((196, 214, 232), (214, 218, 222), (170, 200, 235))
_FIELDS = ((118, 145, 84), (140, 150, 92), (102, 130, 78))


def draw_photo(rng: Random, waste: str) -> bytes:
    """A JPEG of 800 x 600 that shows `waste` (a code of the waste list) beside a lane."""
    image = Image.new("RGB", (WIDTH, HEIGHT), rng.choice(_SKIES))
    draw = ImageDraw.Draw(image)
    _landscape(rng, draw)
    for _ in range(rng.randint(3, 7)):
        _thing(rng, draw, waste)
    _mark(draw)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def _landscape(rng: Random, draw: ImageDraw.ImageDraw) -> None:
    draw.rectangle((0, _HORIZON, WIDTH, HEIGHT), rng.choice(_FIELDS))
    for x in range(-20, WIDTH, 30):
        top = _HORIZON - rng.randint(10, 45)
        draw.ellipse((x, top, x + 70, _HORIZON + 25), (62, 92 + rng.randint(0, 20), 52))
    far = rng.randint(420, 560)
    draw.polygon(
        [(far, _HORIZON), (far + 40, _HORIZON), (WIDTH + 260, HEIGHT), (330, HEIGHT)], (112, 112, 116)
    )


def _thing(rng: Random, draw: ImageDraw.ImageDraw, waste: str) -> None:
    """One piece of the heap: round for bags, tyres and drums, square for appliances and everything else."""
    x, y, size = rng.randint(60, 330), rng.randint(350, 470), rng.randint(50, 95)
    box = (x, y, x + size, y + size)
    if waste.startswith("black_bags"):
        draw.ellipse(box, (34, 34, 38), (12, 12, 14), 3)
        draw.polygon(
            [(x + size // 2, y - 14), (x + size // 2 - 9, y + 8), (x + size // 2 + 9, y + 8)], (34, 34, 38)
        )
    elif waste == "tyres":
        draw.ellipse(box, (44, 44, 44), (20, 20, 20), 3)
        draw.ellipse((x + size // 3, y + size // 3, x + size * 2 // 3, y + size * 2 // 3), (130, 130, 120))
    elif waste == "green":
        draw.ellipse((x, y + size // 3, x + size * 2, y + size), (88, 104 + rng.randint(0, 30), 48))
    elif waste in ("white_goods", "other_electrical"):
        draw.rectangle((x, y - size // 2, x + size, y + size), (232, 234, 236), (140, 144, 148), 3)
        draw.line((x + 4, y, x + size - 4, y), (140, 144, 148), 3)
    else:
        tint = rng.randint(0, 50)
        draw.rectangle((x, y, x + size * 3 // 2, y + size), (134 + tint, 98 + tint, 74), (70, 50, 40), 3)


def _mark(draw: ImageDraw.ImageDraw) -> None:
    draw.text((WIDTH // 2, 120), "DEMO", (176, 0, 32), ImageFont.load_default(150), anchor="mm")
    draw.rectangle((0, HEIGHT - 56, WIDTH, HEIGHT), (255, 255, 255))
    small = ImageFont.load_default(26)
    draw.text(
        (WIDTH // 2, HEIGHT - 28),
        "Drawn for the demo borough. Not a photograph.",
        (20, 20, 20),
        small,
        anchor="mm",
    )
