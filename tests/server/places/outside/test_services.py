"""Each service is asked as its documents say, for a second at most, and only for what it may know: a position."""

from __future__ import annotations

import json
import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from server.config import OUTSIDE_SERVICES, Settings
from server.places.outside.fetch import MOST_BYTES
from server.places.outside.services import NoAnswer, Opinion, ask
from tests.builders import HERE
from tests.server.places.outside.conftest import KEY
from tests.server.places.outside.outsider import NAMES, PLACES, Outsider

OS_SERVICES = ("os_names", "os_places")


def test_each_says_what_it_calls_a_position(settings: Settings) -> None:
    assert ask("nominatim", settings, *HERE) == Opinion("Oldbury Road, Hartshill")
    assert ask("os_names", settings, *HERE) == Opinion("Oldbury Road, Hartshill")
    assert ask("os_places", settings, *HERE) == Opinion(
        "1, OLDBURY ROAD, HARTSHILL, NUNEATON, CV10 0TD", 12.0
    )


def test_what_leaves_is_the_position_and_the_key_in_a_header(settings: Settings, outsider: Outsider) -> None:
    for name in OUTSIDE_SERVICES:
        ask(name, settings, *HERE)
    nominatim, names, places = outsider.asked
    assert nominatim.path == "/reverse" and "key" not in nominatim.headers
    assert (nominatim.query["lat"], nominatim.query["lon"]) == (["52.5755"], ["-1.5445"])
    assert set(nominatim.query) == {"lat", "lon", "format", "zoom", "accept-language", "addressdetails"}
    # The worked point of the grid: Atherstone.
    assert names.query["point"] == places.query["point"] == ["430965.04,297615.60"]
    assert set(names.query) == {"point", "format", "radius", "fq"}
    assert set(places.query) == {"point", "format", "radius", "srs", "output_srs"}
    for request in outsider.asked:
        assert request.headers["user-agent"] == "tipwatch"
        assert set(request.headers) <= {
            "user-agent",
            "accept",
            "accept-encoding",
            "host",
            "connection",
            "key",
        }
        assert KEY not in json.dumps(request.query)
    assert names.headers["key"] == places.headers["key"] == KEY


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("nominatim", b'{"error": "Unable to geocode"}'),
        ("os_names", b'{"header": {"totalresults": 0}}'),
        ("os_places", b'{"header": {}, "results": []}'),
    ],
)
def test_nothing_near_is_no_opinion_and_no_failure(
    settings: Settings, outsider: Outsider, name: str, body: bytes
) -> None:
    outsider.answer = body
    assert ask(name, settings, *HERE) is None


def test_without_a_road_nominatims_own_line_is_taken(settings: Settings, outsider: Outsider) -> None:
    outsider.answer = b'{"lat": "52.5", "lon": "-1.5", "display_name": "Windmill\\n  Hill", "address": {}}'
    assert ask("nominatim", settings, *HERE) == Opinion("Windmill Hill")


def test_an_address_of_the_other_list_is_one_too(settings: Settings, outsider: Outsider) -> None:
    outsider.answer = json.dumps({"results": [{"LPI": PLACES["results"][0]["DPA"]}]}).encode()
    assert ask("os_places", settings, *HERE) == Opinion(
        "1, OLDBURY ROAD, HARTSHILL, NUNEATON, CV10 0TD", 12.0
    )


@pytest.mark.parametrize("name", OUTSIDE_SERVICES)
@pytest.mark.parametrize(
    "body",
    [b"", b"not JSON", b'"text"', b"7", b"[[[]]]", b'{"results": {}}', b'{"results": [null]}', b"[" * 100_000,
     b" " * (MOST_BYTES + 1), b"\xff\xfe", b'{"error": "no"}', b'{"address": 3}'],
)  # fmt: skip
def test_an_odd_answer_is_no_answer(settings: Settings, outsider: Outsider, name: str, body: bytes) -> None:
    outsider.answer = body
    if name in OS_SERVICES and body.startswith(b'{"') and b"results" not in body:
        assert ask(name, settings, *HERE) is None, "an answer without results"
        return
    with pytest.raises(NoAnswer):
        ask(name, settings, *HERE)


def test_a_distance_that_is_no_number_is_no_answer(settings: Settings, outsider: Outsider) -> None:
    outsider.answer = b'{"results": [{"DPA": {"ADDRESS": "A", "X_COORDINATE": NaN, "Y_COORDINATE": 1}}]}'
    with pytest.raises(NoAnswer):
        ask("os_places", settings, *HERE)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=5), each, max_size=3),
    max_leaves=8,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES["results"][0]["GAZETTEER_ENTRY"], JSON)))
@trying(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_it_answers_is_an_opinion_in_words_or_none(
    settings: Settings, outsider: Outsider, entry: dict[str, object]
) -> None:
    outsider.answer = json.dumps({"results": [{"GAZETTEER_ENTRY": entry}]}).encode()
    try:
        opinion = ask("os_names", settings, *HERE)
    except NoAnswer:
        return
    assert opinion is not None and opinion.label.strip() and len(opinion.label) <= 200


@pytest.mark.parametrize("name", ["nominatim", "os_names"])
def test_it_waits_a_second_and_no_longer(settings: Settings, outsider: Outsider, name: str) -> None:
    outsider.goes_on.clear()
    with pytest.raises(NoAnswer, match="did not answer"):
        ask(name, settings, *HERE)
    assert len(outsider.asked) == 1 and not outsider.goes_on.is_set(), "it still holds its answer back"


@contextmanager
def dripping() -> Iterator[str]:
    """A server whose answer comes a byte at a time, each in time, so that no socket's timeout would ever end it."""
    listener, enough = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def drip() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n{")
            while not enough.wait(0.1):
                connection.sendall(b" ")

    thread = threading.Thread(target=drip)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        enough.set()
        thread.join()
        listener.close()


def test_an_answer_that_comes_in_drops_is_not_waited_for(settings: Settings) -> None:
    with dripping() as url, pytest.raises(NoAnswer, match="within a second"):
        ask("os_names", replace(settings, os_api_url=url), *HERE)


@pytest.mark.parametrize("status", [302, 401, 404, 429, 500, 503])
def test_a_refusal_is_no_answer_and_the_key_goes_nowhere_else(
    settings: Settings, outsider: Outsider, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    outsider.status, outsider.more_headers = status, {"Location": f"{outsider.url}/elsewhere"}
    for name in OUTSIDE_SERVICES:
        with pytest.raises(NoAnswer) as caught:
            ask(name, settings, *HERE)
        assert KEY not in str(caught.value) and outsider.url not in str(caught.value)
    assert len(outsider.asked) == len(OUTSIDE_SERVICES), "a redirect is not followed"
    assert KEY not in caplog.text


def test_nobody_there_is_no_answer(settings: Settings, free_port: int) -> None:
    with pytest.raises(NoAnswer):
        ask("os_names", replace(settings, os_api_url=f"http://127.0.0.1:{free_port}"), *HERE)
