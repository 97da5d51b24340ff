"""Asking Nominatim through geopy, which is loaded only where a council has switched it on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from geopy.adapters import BaseSyncAdapter
from geopy.geocoders import Nominatim

from server.places.outside.fetch import TIMEOUT_S, fetch_json


def found_at(url: str, agent: str, lat: float, lon: float) -> dict[str, Any] | None:
    """What the Nominatim at `url` has at a position in WGS84 degrees, as it says it. Raises what geopy raises."""
    parts = urlsplit(url)
    client = Nominatim(
        user_agent=agent, scheme=parts.scheme, domain=f"{parts.netloc}{parts.path}", timeout=TIMEOUT_S,
        adapter_factory=_Fetching,
    )  # fmt: skip
    found = client.reverse((lat, lon), zoom=17, language="en-GB,en")
    return None if found is None else found.raw


class _Fetching(BaseSyncAdapter):  # type: ignore[misc]
    """Lets geopy ask by our own rules."""

    def get_json(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> Any:
        return fetch_json(url, headers)

    def get_text(self, url: str, *, timeout: float, headers: Mapping[str, str]) -> str:
        raise NotImplementedError("everything that is asked for is JSON")
