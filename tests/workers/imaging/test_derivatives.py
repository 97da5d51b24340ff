from __future__ import annotations

import contextlib
import io
import random
import struct
import time
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms

from tests.workers.imaging.photos import a_phones_exif, corners, encoded, exif
from workers.imaging.derivatives import CannotBeShown, derive, derive_all
from workers.imaging.exif import ExifFacts, read_exif
from workers.imaging.formats import sniff

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


class Shown:
    """A derivative as a viewer sees it."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.image = Image.open(io.BytesIO(content))
        self.image.load()

    def quarters(self) -> list[tuple[int, ...]]:
        """Colours of the middles of the four quarters: top left, top right, bottom left, bottom right."""
        width, height = self.image.size
        return [self.at(x, y) for y in (height // 4, 3 * height // 4) for x in (width // 4, 3 * width // 4)]

    def at(self, x: int, y: int) -> tuple[int, ...]:
        colour = self.image.getpixel((x, y))
        assert isinstance(colour, tuple)
        return tuple(int(channel) for channel in colour)


@pytest.fixture
def show(tmp_path: Path) -> Any:
    def shown(content: bytes, long_edge: int = 320) -> Shown:
        photo = tmp_path / "photo"
        photo.write_bytes(content)
        return Shown(derive(photo, long_edge))

    return shown


def about(expected: list[tuple[int, ...]], found: list[tuple[int, ...]], within: int = 25) -> bool:
    return bool(np.abs(np.array(expected) - np.array(found)).max() <= within)


# How a picture has to be turned so that a viewer who obeys the orientation sees it upright.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
@pytest.mark.parametrize("orientation", STORED)
def test_all_orientations_land_upright(show: Any, orientation: int, kind: str) -> None:
    turn = STORED[orientation]
    stored = corners() if turn is None else corners().transpose(turn)
    shown = show(encoded(stored, kind, exif=exif(orientation=orientation)))
    assert shown.image.size == (64, 48)
    assert about([RED, GREEN, BLUE, WHITE], shown.quarters(), within=60)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "TIFF"])
def test_every_format_becomes_a_jpeg(show: Any, kind: str) -> None:
    shown = show(encoded(corners(), kind))
    assert sniff(shown.content) == "image/jpeg"
    assert about([RED, GREEN, BLUE, WHITE], shown.quarters(), within=60)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_no_metadata_is_left(show: Any, kind: str) -> None:
    extra: dict[str, Any] = {"comment": b"secret", "dpi": (300, 300)} if kind == "JPEG" else {}
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    shown = show(encoded(corners(), kind, exif=a_phones_exif(), icc_profile=profile, **extra))
    assert read_exif(io.BytesIO(shown.content)) == ExifFacts()
    assert set(shown.image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive",
                                     "progression"}  # fmt: skip
    for trace in (b"Apple", b"secret", b"Exif", b"ICC_PROFILE", b"http://ns.adobe.com"):
        assert trace not in shown.content


@pytest.mark.parametrize(
    ("size", "expected"),
    [((3000, 2000), (320, 213)), ((2000, 3000), (213, 320)), ((200, 100), (200, 100)), ((4000, 2), (320, 1))],
)
def test_long_edge_and_never_larger(show: Any, size: tuple[int, int], expected: tuple[int, int]) -> None:
    assert show(encoded(corners(*size), "JPEG")).image.size == expected


def test_all_sizes_at_once(tmp_path: Path) -> None:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(encoded(corners(2400, 1800), "JPEG"))
    copies = derive_all(photo, (320, 1600))
    assert {edge: Shown(copy).image.size for edge, copy in copies.items()} == {
        320: (320, 240),
        1600: (1600, 1200),
    }
    assert about([RED, GREEN, BLUE, WHITE], Shown(copies[320]).quarters())


def test_cmyk(show: Any) -> None:
    shown = show(encoded(corners().convert("CMYK"), "JPEG"))
    assert shown.image.mode == "RGB"
    assert about([RED, GREEN, BLUE, WHITE], shown.quarters(), within=40)


@pytest.mark.parametrize("mode", ["L", "1", "I;16"])
def test_grey(show: Any, mode: str) -> None:
    if mode == "I;16":
        levels = np.full((48, 64), 0x8000, dtype=np.uint16)
        shown, expected = show(encoded(Image.fromarray(levels), "PNG")), 128
    else:
        shown, expected = show(encoded(Image.new(mode, (64, 48), 255), "PNG")), 255
    assert about([(expected,) * 3] * 4, shown.quarters(), within=3)


def test_floating_point(show: Any) -> None:
    shown = show(encoded(Image.new("F", (64, 48), 0.5), "TIFF"))
    assert about([(128, 128, 128)] * 4, shown.quarters(), within=3)


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparent_parts_are_white(show: Any, mode: str) -> None:
    if mode == "P":
        picture = Image.new("P", (64, 48), 0)
        picture.putpalette([0, 0, 0, 255, 0, 0])
        content = encoded(picture, "PNG", transparency=0)
    else:
        content = encoded(Image.new(mode, (64, 48), 0), "PNG")
    assert about([WHITE] * 4, show(content).quarters(), within=2)


def test_transparency_by_colour(show: Any) -> None:
    content = encoded(Image.new("RGB", (64, 48), (1, 2, 3)), "PNG", transparency=(1, 2, 3))
    assert about([WHITE] * 4, show(content).quarters(), within=2)


def test_another_colour_space_becomes_srgb(show: Any) -> None:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    plain = show(encoded(Image.new("RGB", (64, 48), (120, 90, 60)), "PNG"))
    assert show(encoded(Image.new("RGB", (64, 48), (120, 90, 60)), "PNG", icc_profile=lab)).quarters() == (
        plain.quarters()
    ), "a profile for another kind of picture is no reason to fail"
    swapped = show(encoded(Image.new("RGB", (64, 48), RED), "PNG", icc_profile=_green_and_red_swapped()))
    assert about([GREEN] * 4, swapped.quarters(), within=10)


def _green_and_red_swapped() -> bytes:
    """sRGB with the red and green primaries exchanged, under another name."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    tags = {}
    for entry in range(int.from_bytes(profile[128:132], "big")):
        at = 132 + 12 * entry
        tags[bytes(profile[at : at + 4])] = at
    red, green = tags[b"rXYZ"], tags[b"gXYZ"]
    profile[red + 4 : red + 12], profile[green + 4 : green + 12] = (
        profile[green + 4 : green + 12],
        profile[red + 4 : red + 12],
    )
    return bytes(profile.replace("sRGB".encode("utf-16-be"), "Swap".encode("utf-16-be")))


def test_a_broken_profile_is_no_reason_to_fail(show: Any) -> None:
    shown = show(encoded(corners(), "JPEG", icc_profile=b"no profile at all"))
    assert about([RED, GREEN, BLUE, WHITE], shown.quarters())


def reason(tmp_path: Path, content: bytes) -> str:
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(content)
    with pytest.raises(CannotBeShown) as refused:
        derive(photo, 320)
    assert str(refused.value) == refused.value.reason
    return refused.value.reason


def test_zero_bytes(tmp_path: Path) -> None:
    assert reason(tmp_path, b"") == "The file is empty."


@pytest.mark.parametrize(
    "content", [b"Dear council", b"<svg onload='alert(1)'/>", b"%PDF-1.7", b"\x00" * 500]
)
def test_files_that_are_no_photos(tmp_path: Path, content: bytes) -> None:
    assert reason(tmp_path, content) == "The file is not a photo in a format we can show."


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF"])
def test_truncated(tmp_path: Path, kind: str) -> None:
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 255, (200, 300, 3), dtype=np.uint8))
    content = encoded(noise, kind)
    for share in (0.02, 0.5, 0.9):
        cut = content[: max(40, int(len(content) * share))]
        assert reason(tmp_path, cut) == "The photo is damaged or cut short."


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF", "AVIF", "GIF", "TIFF"])
def test_damaged_photos_are_shown_or_refused(tmp_path: Path, kind: str) -> None:
    good = encoded(corners(), kind, exif=a_phones_exif())
    chance = random.Random(kind)
    photo = tmp_path / "photo"
    for _ in range(40):
        bad = bytearray(good)
        for _ in range(6):
            bad[chance.randrange(len(bad))] = chance.randrange(256)
        photo.write_bytes(bad)
        with contextlib.suppress(CannotBeShown):
            Shown(derive(photo, 320))


@pytest.mark.parametrize("side", [14_200, 20_100, 60_000])
def test_bombs(tmp_path: Path, side: int) -> None:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(b"\x00" * 10_000))
        + chunk(b"IEND", b"")
    )
    assert reason(tmp_path, bomb) == "The picture has more than 200 million pixels."


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        derive(tmp_path / "gone.jpg", 320)


def test_48_megapixels_take_about_a_second(tmp_path: Path) -> None:
    """About half a second on an idle machine; the limit leaves room for a busy one."""
    photo = tmp_path / "large.jpg"
    photo.write_bytes(encoded(corners(8000, 6000), "JPEG"))
    started = time.process_time()
    derive_all(photo, (320, 1600))
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"\xff\xd8", None),
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"GIF89a", "image/gif"),
        (b"II*\x00", "image/tiff"),
        (b"MM\x00*", "image/tiff"),
        (b"RIFF\x00\x00\x00\x00WEBP", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVE", None),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "image/heic"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", "image/heic"),
        (b"\x00\x00\x00\x14ftypmif1\x00\x00\x00\x00mif1heic", "image/heif"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1avif", "image/avif"),
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00mp41mp42", None),
        (b"", None),
    ],
)
def test_sniff(head: bytes, expected: str | None) -> None:
    assert sniff(head) == expected
