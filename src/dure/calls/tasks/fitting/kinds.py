"""Which module fits answers to which type of question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from dure.calls.tasks.fitting.boxes import fit_boxes
from dure.calls.tasks.fitting.choices import fit_choices
from dure.calls.tasks.fitting.numbers import fit_numbers
from dure.calls.tasks.fitting.parts import Counted, Fit
from dure.calls.tasks.fitting.sets import fit_sets
from dure.calls.tasks.fitting.texts import fit_texts

_FITTED: dict[str, Callable[[dict[str, Any], Counted], Fit]] = {
    "box": fit_boxes,
    "choice": fit_choices,
    "multi": fit_sets,
    "number": fit_numbers,
    "text": fit_texts,
}


def fit(*, question: dict[str, Any], counted: Counted) -> Fit:
    return _FITTED[question["type"]](question, counted)
