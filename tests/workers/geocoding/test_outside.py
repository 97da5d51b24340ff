"""Outside services are asked seldom, briefly, and left alone when they fail."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.error import URLError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.geocoding import outside
from workers.geocoding.outside import NoAnswer, Position, SecondOpinion, Service, os_names, os_places

HERE = Position(52.5755, -1.5445, 430_965.0, 297_615.6)
NAMES = {"results": [{"GAZETTEER_ENTRY": {
    "NAME1": "Oldbury Road", "LOCAL_TYPE": "Named Road", "GEOMETRY_X": 430_965.0, "GEOMETRY_Y": 297_625.6,
    "POPULATED_PLACE": "Hartshill",
}}]}  # fmt: skip
PLACES = {"results": [{"DPA": {
    "ADDRESS": "1, OLDBURY ROAD, HARTSHILL", "X_COORDINATE": 430_965.0, "Y_COORDINATE": 297_615.6,
}}]}  # fmt: skip


class Clock:
    """A clock that is moved by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def answering(answer: Any, asked: list[tuple[str, Mapping[str, str]]]) -> outside.Get:
    def get(url: str, headers: Mapping[str, str]) -> Any:
        asked.append((url, headers))
        return answer

    return get


def test_os_names_and_places_say_what_is_nearest() -> None:
    asked: list[tuple[str, Mapping[str, str]]] = []
    names, places = os_names("k1", answering(NAMES, asked)), os_places("k2", answering(PLACES, asked))
    assert names.opinion(HERE) == SecondOpinion("os_names", "Oldbury Road, Hartshill", 10.0)
    assert places.opinion(HERE) == SecondOpinion("os_places", "1, OLDBURY ROAD, HARTSHILL", 0.0)
    (first, headers), (second, _) = asked
    assert first.startswith("https://api.os.uk/search/names/v1/nearest?point=430965.00%2C297615.60&")
    assert second.startswith("https://api.os.uk/search/places/v1/nearest?point=430965.00%2C297615.60&")
    assert headers == {"key": "k1"}, "the key is in a header, so that no log of addresses holds it"


def test_nothing_near_is_no_opinion() -> None:
    assert os_names("k", answering({"results": []}, [])).opinion(HERE) is None
    assert os_places("k", answering({"header": {}}, [])).opinion(HERE) is None


def test_it_is_asked_no_more_often_than_allowed() -> None:
    clock, asked = Clock(), []
    service = Service("nominatim", lambda position: asked.append(position), clock)
    service.opinion(HERE)
    with pytest.raises(NoAnswer, match="a moment ago"):
        service.opinion(HERE)
    clock.now += 1.2
    service.opinion(HERE)
    assert len(asked) == 2


def test_after_three_failures_it_is_left_alone() -> None:
    clock, asked = Clock(), []

    def fails(position: Position) -> None:
        asked.append(position)
        raise URLError("no route")

    service = Service("os_names", fails, clock)
    for _ in range(6):
        with pytest.raises(NoAnswer):
            service.opinion(HERE)
        clock.now += 10
    assert len(asked) == 3


@given(
    st.recursive(
        st.none() | st.integers() | st.text(), lambda each: st.lists(each) | st.dictionaries(st.text(), each)
    )
)
def test_an_odd_answer_is_no_answer(answer: Any) -> None:
    service = os_names("k", answering({"results": [{"GAZETTEER_ENTRY": answer}]}, []))
    with pytest.raises(NoAnswer):
        service.opinion(HERE)


@pytest.fixture
def nominatim_server() -> Iterator[str]:
    """A server that answers as Nominatim does."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert "lat=52.5755" in self.path and self.headers["User-Agent"] == "tipwatch"
            body = json.dumps(
                {"display_name": "Oldbury Road, Hartshill", "lat": "52.5755", "lon": "-1.5445"}
            ).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_nominatim_says_its_address(nominatim_server: str) -> None:
    found = outside.nominatim(nominatim_server, scheme="http").opinion(HERE)
    assert found == SecondOpinion("nominatim", "Oldbury Road, Hartshill")
