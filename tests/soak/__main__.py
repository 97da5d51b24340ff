"""`make soak`: a fleet of phones on a bad network while processes are killed, then other browsers; everything counted.

The same `--seed` has the same phones save the same things under the same ids, meet the same troubles and the same
processes be killed in the same order; how these fall together is the machine's. A whole run writes docs/soak.md.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.bench.figures import machine
from tests.browser.people import Person
from tests.faults.counts import wait_until_done
from tests.faults.phone import NotNow
from tests.soak import engines, other_client, outbox
from tests.soak.counts import Found, count
from tests.soak.fleet import Crew, Ground, Killer, Officer, ground
from tests.soak.phone import SoakPhone, phones_of

PAGE = Path("docs/soak.md")
PARTS = ["fleet", "engines", "outbox", "rxdb"]
PHONES, OPS, SEED = 20, 1_000, 20_260
KILL_EVERY_S = (6.0, 20.0)
# After the last op is saved: how long the phones may take to hand over what is left, and the workers to finish.
LAST_SENDS_S = 600.0
AT_ONCE = 8
# For the whole fleet, from its first op to the count.
MOST_MIN = 15


def main(arguments: Sequence[str]) -> None:
    """Run what was asked for; end with 1 when anything was lost, doubled or changed, or took too long."""
    asked = _asked(arguments)
    lines: list[str] = []
    whole = True
    if "fleet" in asked.parts:
        whole, lines = _fleet(asked.phones, asked.ops, asked.seed)
    for what, wrong, well in _after(asked.parts, asked.seed):
        _say(lines, f"{what}: {wrong or well}")
        whole = whole and wrong is None
    full = set(asked.parts) == set(PARTS) and (asked.phones, asked.ops) == (PHONES, OPS)
    if full:
        PAGE.write_text(_page(lines))
    raise SystemExit(0 if whole else 1)


def _after(parts: Sequence[str], seed: int) -> Iterator[tuple[str, str | None, str]]:
    """What comes after the fleet: what it was, what went wrong with it, and what is said when nothing did."""
    if "engines" in parts:
        for name, wrong in engines.journeys():
            yield name, wrong, "saved offline, closed, reopened, sent: on the server once, photo bit for bit"
    if "outbox" in parts:
        what = f"the phone's outbox, {outbox.RUNS:,} random histories"
        yield what, outbox.looked_for_losses(seed), "nothing lost, doubled or changed"
    if "rxdb" in parts:
        what = f"{other_client.CLIENTS} clients of RxDB on a bad network, {other_client.REPORTS} reports each"
        yield (
            what,
            other_client.converged(seed),
            "all on the server once, and each client's rows are the server's",
        )


def _asked(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("parts", nargs="*", default=PARTS, help=f"any of {', '.join(PARTS)}; all by default")
    parser.add_argument("--phones", type=int, default=PHONES)
    parser.add_argument("--ops", type=int, default=OPS, help="how many things each phone saves")
    parser.add_argument("--seed", type=int, default=SEED)
    return parser.parse_args(arguments)


def _fleet(number: int, ops: int, seed: int) -> tuple[bool, list[str]]:
    lines: list[str] = []
    _say(lines, f"seed {seed}: {number} phones, {ops:,} ops each")
    with TemporaryDirectory(prefix="tipwatch-soak-") as folder, ground(Path(folder)) as here:
        began = time.monotonic()
        phones = phones_of(here.town.stack.url, here.town.council, number, seed)
        kills, jobs = _run(here, phones, ops, seed)
        hand_over(here, phones)
        found = count(here.town, phones)
        took_min = (time.monotonic() - began) / 60
    troubles: Counter[str] = sum((phone.troubles for phone in phones), Counter())
    _say(lines, f"{took_min:.1f} minutes of {MOST_MIN} at most; killed: {_listed(kills)}; jobs given: {jobs}")
    _say(lines, f"requests and their troubles: {_listed(troubles)}")
    for line in _told(found):
        _say(lines, line)
    return found.whole and took_min <= MOST_MIN, lines


def _run(here: Ground, phones: list[SoakPhone], ops: int, seed: int) -> tuple[Counter[str], int]:
    """Let the crews work, under kills, until each has saved its ops; returns the kills, and the number of jobs."""
    for phone in phones:
        phone.on_good_network = True
        phone.sign_in()
        phone.on_good_network = False
    with here.town.stack.app() as app:
        officer = Officer(Person(app, here.town.council, "officer", here.town.stack.url), random.Random(seed))
    killer = Killer(here, random.Random(seed), KILL_EVERY_S)
    crews = [Crew(phone, ops) for phone in phones]
    for thread in (officer, killer, *crews):
        thread.start()
    while any(crew.is_alive() for crew in crews):
        time.sleep(10)
        saved, unsent = sum(len(phone.saved) for phone in phones), sum(len(phone.unsent) for phone in phones)
        sys.stderr.write(f"saved {saved:,}, unsent {unsent:,}, kills {killer.kills.total()}\n")
    killer.go_home()
    officer.go_home()
    for crew in crews:
        if crew.error is not None:
            raise crew.error
    return killer.kills, officer.jobs


def hand_over(here: Ground, phones: list[SoakPhone]) -> None:
    """Signal is good again, and nothing is killed any more: every phone sends what is left, and pulls its receipts."""
    for phone in phones:
        phone.on_good_network = True
    with ThreadPoolExecutor(AT_ONCE) as crews:
        list(crews.map(lambda phone: phone.send_all(LAST_SENDS_S), phones))
        wait_until_done(here.town.stack, here.town.council, LAST_SENDS_S)
        list(crews.map(_pull_all, phones))


def _pull_all(phone: SoakPhone) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            phone.pull()
            return
        except NotNow:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def _told(found: Found) -> list[str]:
    return [
        f"ops shown as saved: {found.saved:,}",
        f"on the server: {found.on_server:,}",
        f"kept on the phone with a reason: {found.visible:,}",
        f"lost: {found.lost:,}",
        f"doubled: {found.doubled:,}",
        f"on the server without effect: {found.without_effect:,}",
        f"photos verified bit for bit: {found.photos_verified:,} of {found.photos:,}",
        f"rows that differ between phones after the last pull: {len(found.not_converged):,}",
        *(f"differs: {what[:500]}" for what in found.not_converged[:5]),
        "the record: " + ("whole" if not found.record else "; ".join(found.record[:5])),
    ]


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in counts.most_common()) or "nothing"


def _say(lines: list[str], line: str) -> None:
    lines.append(line)
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _page(lines: list[str]) -> str:
    today = datetime.now(UTC)
    about = (
        "Many phones save reports, photos, corrections, notes and job results over a network that loses, cuts, repeats "
        "and reorders, while web, worker, scheduler, Redis and PostgreSQL are killed and started again. Then other "
        "browsers save without signal, are closed, opened again, and send; and RxDB, a sync library of others, "
        "replicates with our push and pull. At the end all that was called saved is held against the rows, the record "
        "and the stored files."
    )
    listed = "\n".join(f"- {line}" for line in lines)
    return (
        f"# Soak\n\n{about}\n\nMade by `make soak` on {today.day} {today:%B %Y}, on {machine()}. "
        f"`make soak SEED=n` repeats a run or makes another.\n\n{listed}\n"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
