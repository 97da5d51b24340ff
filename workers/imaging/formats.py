"""Which kind of photo a file is, by its first bytes: names and claimed types are only what somebody said."""

from __future__ import annotations

import pillow_heif
from PIL import Image

# More pixels than any phone takes; a file that claims more is an attack or an accident.
MOST_PIXELS = 200_000_000

# Enough of a file's start for `sniff`.
HEAD_BYTES = 64

# Pillow's own limit is lower than what phones take. Callers check MOST_PIXELS before anything is decoded.
Image.MAX_IMAGE_PIXELS = MOST_PIXELS
pillow_heif.register_heif_opener()

_SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
)
# ISO base media files name their brands in the first box; the first of these found among them tells the type.
_BRANDS = (
    ({b"avif", b"avis"}, "image/avif"),
    ({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx"}, "image/heic"),
    ({b"mif1", b"msf1"}, "image/heif"),
)


def sniff(head: bytes) -> str | None:
    """The media type of a photo from its first HEAD_BYTES bytes; None when it is none we know."""
    for signature, mime in _SIGNATURES:
        if head.startswith(signature):
            return mime
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        size = int.from_bytes(head[:4], "big")
        box = head[:size]
        brands = {box[8:12], *(box[at : at + 4] for at in range(16, len(box), 4))}
        return next((mime for known, mime in _BRANDS if known & brands), None)
    return None
