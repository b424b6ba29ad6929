"""What weighing a task's answers starts from and what it gives, whatever was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Seen:
    """A task's verdict, what its fit learned, and the answers that this fit saw, row by row.

    `habits[i]` is what was learned of who gave answer i, `predictions[i]` what came with it, and
    `options` are those of the question.
    """

    options: list[str]
    learned: dict[str, Any]
    classes: list[str]
    label: str | None
    posterior: list[float] | None
    value: Any
    estimate: float | None
    is_known: bool
    answers: list[UUID]
    values: list[Any]
    predictions: list[Any]
    habits: list[list[float]]


@dataclass(frozen=True, slots=True)
class Weight:
    """What one answer counted; `of_prediction` is the part that came of its prediction."""

    answer_id: UUID
    value: Any
    weight: float
    of_prediction: float = 0.0


@dataclass(frozen=True, slots=True)
class Beside:
    """What something else than an answer counted.

    It is an item's other comparisons ("left", "right"), all that was said of the other options
    ("options"), what is usual in the call ("usual"), the question's bounds ("bounds"), or what is
    said and known elsewhere ("elsewhere").
    """

    name: str
    weight: float


@dataclass(frozen=True, slots=True)
class Weighed:
    """What speaks for `label` against `runner_up`, in natural log odds.

    `prior`, the weights and what is `besides` sum to `log_odds`: these are the odds of the
    verdict's probabilities. Where the truth is known, they are what the answers alone say; of a
    pair also what is known, which is among `besides`. `kind` is the question's type:

    - choice, pair: one label against the likeliest other one;
    - text: one text against the likeliest other one, or against none being right (None);
    - multi: that an option belongs, against that it does not (None);
    - box: that a box is real, against that it is not (None); `label` is its number from 1.

    `others` are what else may be asked for, and `truth` what is known to be true.
    """

    label: str
    runner_up: str | None
    prior: float
    answers: tuple[Weight, ...]
    log_odds: float
    is_known: bool
    kind: str = "choice"
    besides: tuple[Beside, ...] = ()
    others: tuple[str, ...] = ()
    truth: Any = None


@dataclass(frozen=True, slots=True)
class Moved:
    """What moved a number or an item: `start`, the weights and what is `besides` sum to `end`.

    A number starts at the middle of its answers and ends at the estimate; `shares` are the weights
    of its answers, which sum to 1. An item starts at nought, the middle of the task's items, and
    ends at its score. `item` is the item's name, `others` are those of all.
    """

    kind: str
    start: float
    answers: tuple[Weight, ...]
    besides: tuple[Beside, ...]
    end: float
    is_known: bool
    shares: tuple[float, ...] = ()
    item: str = ""
    others: tuple[str, ...] = ()
    truth: Any = None


def weights_of(
    seen: Seen, amounts: Sequence[float], of_predictions: Sequence[float] = ()
) -> tuple[Weight, ...]:
    told = of_predictions or [0.0] * len(amounts)
    rows = zip(seen.answers, seen.values, amounts, told, strict=True)
    return tuple(Weight(*row) for row in rows)
