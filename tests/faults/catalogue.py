"""The faults that "nothing saved is lost, doubled or changed" has to survive, and where each is tried.

Layers. P: a proxy between the real app or a model phone and gunicorn with PostgreSQL. B: the real app in Chromium.
M: model phones against the API. S: real server processes. Number 28 (a lost answer to a token's refresh) fell away,
since sessions are not refreshed; the others keep the numbers by which they are known.
"""

from __future__ import annotations

from dataclasses import dataclass

LAYERS = {
    "P": "through the fault proxy",
    "B": "in a real browser",
    "M": "with model phones",
    "S": "with real server processes",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, and the layers at which it is tried."""

    name: str
    layers: str


FAULTS = {
    1: Fault("A request never arrives", "P"),
    2: Fault("A request is applied and its answer lost", "P"),
    3: Fault("An answer is cut in the middle of its JSON", "P"),
    4: Fault("A body is cut short and the connection closed (FIN)", "P"),
    5: Fault("A body is cut short and the connection reset (RST)", "P"),
    6: Fault("A captive portal answers 200 with its own page", "P"),
    7: Fault("A network redirects to its log-in page", "P"),
    8: Fault("A proxy answers a bare 400, 413 or 502", "P"),
    9: Fault("The server answers 429 with Retry-After", "S"),
    10: Fault("An exchange outlasts the phone's patience and is delivered after all", "P"),
    11: Fault("A request is delivered twice", "P"),
    12: Fault("Batches arrive in another order", "M"),
    13: Fault("The tab is killed between saving and sending", "B"),
    14: Fault("The tab is killed between sending and noting the answer", "B"),
    15: Fault("The tab is killed while the camera is open", "B"),
    16: Fault("Two tabs send at once", "B"),
    17: Fault("A tab is frozen while it holds the lock for sending", "B"),
    18: Fault("The system closes the database connection under the app", "B"),
    19: Fault("Storage is full: at saving, in mid-photo, at noting an answer", "B"),
    20: Fault("The system wipes the phone's storage", "B"),
    21: Fault("A photo's stored bytes are gone, or none", "B"),
    22: Fault("A photo that arrived whole does not match its hash", "P"),
    23: Fault("Two pieces of a photo are sent for the same offset", "P"),
    24: Fault("An upload is still locked by a dead request", "S"),
    25: Fault("An upload has expired on the server", "S"),
    26: Fault("A photo's last answer is lost", "P"),
    27: Fault("The session ends in the middle of sending", "S"),
    29: Fault("Somebody else signs in while items wait", "B"),
    30: Fault("The account or the phone is switched off, or a role taken, while the phone is offline", "S"),
    31: Fault("The phone's clock is years off, changes to summer time, or is set back", "B"),
    32: Fault("A job is ended or given to another while the phone is offline", "M"),
    33: Fault("Two crews clear one job", "M"),
    34: Fault("A phone was away for longer than deletions are remembered", "M"),
    35: Fault("A row is committed late, below a cursor already given out", "S"),
    36: Fault("An old app meets a new server, and a new app an old one", "M"),
    37: Fault("One operation in the middle of a chain can never be applied", "M"),
    38: Fault("A new version of the app arrives while a draft is open", "B"),
    39: Fault("An old tab stands in the way of a database upgrade", "B"),
    40: Fault("A process dies between committing and handing on the work", "S"),
    41: Fault("A task is delivered twice", "S"),
    42: Fault("The database fails over, or is restored from last night's backup", "S"),
    43: Fault("The disk for photos is full", "S"),
    44: Fault("GPS is denied, stale, 5 km off or says 0, 0", "B"),
    45: Fault("A photo is HEIC, 48 megapixels, CMYK, cut short or wrongly named", "BS"),
    46: Fault("The link carries 20 kbit/s with 3 s latency", "P"),
}
