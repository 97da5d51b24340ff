"""The receipt code: the first 50 bits of a report's id in Crockford's base 32, so that the phone knows it offline."""

from __future__ import annotations

import re
import uuid

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BITS = 50
_LOOKALIKES = str.maketrans({"O": "0", "I": "1", "L": "1"})


def receipt_code(report_id: uuid.UUID) -> str:
    """Ten characters in two groups, such as `1EFKR-MKX3S`. https://www.crockford.com/base32.html"""
    number = report_id.int >> (128 - BITS)
    characters = "".join(ALPHABET[(number >> shift) & 31] for shift in range(BITS - 5, -1, -5))
    return f"{characters[:5]}-{characters[5:]}"


def typed_receipt_code(text: str) -> str | None:
    """A receipt code as somebody typed it, put right (case, spaces, O for 0), or None when it cannot be one."""
    characters = re.sub(r"[\s-]", "", text).upper().translate(_LOOKALIKES)
    if len(characters) != 10 or any(character not in ALPHABET for character in characters):
        return None
    return f"{characters[:5]}-{characters[5:]}"
