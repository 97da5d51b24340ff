"""Copies of a photo to look at: upright, small, in sRGB, and without a word of metadata."""

from __future__ import annotations

import io
from collections.abc import Sequence
from os import PathLike

import numpy as np
from PIL import Image, ImageCms

from workers.imaging.formats import HEAD_BYTES, MOST_PIXELS, sniff

QUALITY = 82

_ORIENTATION_TAG = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class CannotBeShown(Exception):
    """The file cannot be turned into a picture; `reason` says why, in words for a person."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def derive(path: str | PathLike[str], long_edge: int) -> bytes:
    """A JPEG whose long edge has at most `long_edge` pixels; never larger than the photo.

    CannotBeShown for a file that is no photo, damaged, cut short or too large; OSError when not to be opened.
    """
    return derive_all(path, (long_edge,))[long_edge]


def derive_all(path: str | PathLike[str], long_edges: Sequence[int]) -> dict[int, bytes]:
    """`derive` for each long edge, in pixels, with the photo decoded once."""
    picture = _read(path, max(long_edges))
    copies = {}
    for long_edge in sorted(long_edges, reverse=True):
        # From one size to the next: each is made from the smallest that is large enough.
        picture.thumbnail((long_edge, long_edge), Image.Resampling.LANCZOS)
        encoded = io.BytesIO()
        picture.save(encoded, "JPEG", quality=QUALITY, optimize=True, progressive=True)
        copies[long_edge] = encoded.getvalue()
    return copies


def _read(path: str | PathLike[str], long_edge: int) -> Image.Image:
    with open(path, "rb") as file:
        head = file.read(HEAD_BYTES)
        if not head:
            raise CannotBeShown("The file is empty.")
        if sniff(head) is None:
            raise CannotBeShown("The file is not a photo in a format we can show.")
        file.seek(0)
        try:
            with Image.open(file) as image:
                return _decode(image, long_edge)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise _too_large() from error
        except CannotBeShown:
            raise
        except Exception as error:
            # Decoders answer damaged bytes with many kinds of error; all of them mean the same to a person.
            raise CannotBeShown("The photo is damaged or cut short.") from error


def _decode(image: Image.Image, long_edge: int) -> Image.Image:
    """An upright sRGB picture, at most `long_edge` pixels long, that carries nothing but its pixels."""
    if image.width * image.height > MOST_PIXELS:
        raise _too_large()
    # A JPEG decoder can skip most of the work when less than half the size is wanted.
    image.draft(None, (long_edge, long_edge))
    image.load()
    orientation, profile = _orientation(image), image.info.get("icc_profile")
    picture = _plain(image)
    picture.thumbnail((long_edge, long_edge), Image.Resampling.LANCZOS, reducing_gap=2.0)
    picture = _in_srgb(_flattened(picture), profile)
    if orientation in _UPRIGHT:
        picture = picture.transpose(_UPRIGHT[orientation])
    picture.info.clear()
    return picture


def _too_large() -> CannotBeShown:
    return CannotBeShown(f"The picture has more than {MOST_PIXELS // 1_000_000} million pixels.")


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:
        # A broken EXIF block is no reason to hide the picture.
        return 1


def _plain(image: Image.Image) -> Image.Image:
    """The picture with 8 bits a channel and no palette, so that it can be resampled."""
    if image.mode.startswith("I") or image.mode == "F":
        values = np.asarray(image, dtype=float)
        white = max(float(np.nanmax(values)), 1.0 if image.mode == "F" else 65_535.0)
        return Image.fromarray(np.nan_to_num(np.clip(values / white * 255, 0, 255)).astype(np.uint8))
    if image.mode in ("1", "P", "PA") or "transparency" in image.info:
        return image.convert("RGBA")
    return image


def _flattened(picture: Image.Image) -> Image.Image:
    """The picture laid on white where it is transparent."""
    if picture.mode not in ("RGBA", "LA", "RGBa", "La"):
        return picture
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture.convert("RGBA")).convert("RGB")


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The colours the profile means; without a usable profile the numbers as they are."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "sRGB" not in ImageCms.getProfileDescription(source):
                converted = ImageCms.profileToProfile(
                    picture, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
                )
                if converted is not None:
                    return converted
        except (ImageCms.PyCMSError, OSError, ValueError):
            # A broken profile, or one for another kind of picture: plain conversion below.
            pass
    return picture.convert("RGB")
