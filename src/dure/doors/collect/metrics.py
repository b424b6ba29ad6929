"""What the collecting door notes of its work; some additions each, since it is done for everything.

To be called from the event loop only. Who may read the sums is up to scraping.py.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from pathlib import Path
from time import perf_counter
from types import TracebackType

from dure.doors.collect import measures
from dure.doors.collect.counts import Counts
from dure.doors.collect.measures import OTHER, Measure
from dure.errors import Refusal

FILE = "metrics"

counts = Counts(n_numbers=measures.N_NUMBERS, passing=(measures.WAITING.first,))


def _by_label(measure: Measure) -> dict[str, int]:
    return {label: place for (label,), place in measure.places.items()}


_REQUESTS = measures.REQUESTS.places
_SECONDS = _by_label(measures.REQUEST_SECONDS)
_REFUSED = _by_label(measures.REFUSED)
_ANSWERS = _by_label(measures.ANSWERS)
_VERBS = {f"/collect/{verb}": verb for verb in measures.VERBS if verb != OTHER}
_STATUSES = {int(status): status for status in measures.STATUSES if status != OTHER}


def begin_anew(folder: Path) -> None:
    """Before the web processes start: what the last server counted is gone."""
    (folder / FILE).unlink(missing_ok=True)


def share(folder: Path) -> None:
    """In each web process, once: from now on it counts together with the others."""
    counts.share(folder / FILE)


class OneRequest:
    """Note a request's verb, time and status: `with OneRequest(path) as noted: …`."""

    __slots__ = ("_path", "_since", "_status")

    def __init__(self, path: str) -> None:
        self._path, self._status = path, 200

    def refused(self, refusal: Refusal) -> Refusal:
        """Note that the request ends with this refusal, which is given back."""
        self._status = refusal.status
        note_refused(refusal.code)
        return refusal

    def __enter__(self) -> OneRequest:
        self._since = perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if isinstance(error, Exception):
            self._status = 500
        elif error is not None:
            # Cancelled: nobody was answered.
            return
        verb = _VERBS.get(self._path, OTHER)
        counts.numbers[_REQUESTS[verb, _STATUSES.get(self._status, OTHER)]] += 1
        _observe(_SECONDS[verb], measures.SECONDS, perf_counter() - self._since)


def note_refused(code: str) -> None:
    """One more request was refused with this code."""
    counts.numbers[_REFUSED.get(code, _REFUSED[OTHER])] += 1


def note_answers(*, accepted: int = 0, late: int = 0, refused: Iterable[str] = ()) -> None:
    """So many answers of a request were accepted or late; the others refused for these reasons."""
    numbers = counts.numbers
    numbers[_ANSWERS["accepted"]] += accepted
    numbers[_ANSWERS["late"]] += late
    for reason in refused:
        numbers[_ANSWERS["refused"]] += 1
        note_refused(reason)


def note_commit(*, turns: int, seconds: float) -> None:
    """One transaction committed so many turns in that time."""
    _observe(measures.COMMIT_TURNS.first, measures.TURNS, turns)
    _observe(measures.COMMIT_SECONDS.first, measures.SECONDS, seconds)


def note_alone() -> None:
    """One transaction of several turns failed and was done again, turn by turn."""
    counts.numbers[measures.COMMITS_ALONE.first] += 1


def note_waiting(more: int) -> None:
    """So many turns more (or, below zero, fewer) wait to be committed in this process."""
    counts.numbers[measures.WAITING.first] += more


def _observe(first: int, bounds: tuple[float, ...], value: float) -> None:
    numbers = counts.numbers
    numbers[first + bisect_left(bounds, value)] += 1
    numbers[first + len(bounds) + 1] += value
