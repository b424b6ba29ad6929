"""What a board shows of a fit as a whole, worked out where the fit is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dure.calls.tasks.fitting.parts import Counted, Fit

BINS = 10
NORMAL_95 = 1.96
ITEMS_SHOWN_MAX = 100
TEXTS_SHOWN_MAX = 20
# From here on a box that was marked is taken for real.
REAL_MIN = 0.5
# What lies in one place is shown with so large a part of itself around it.
ROOM = 1e-6


def summarise(question: dict[str, Any], result: Fit, counted: Counted) -> dict[str, Any]:
    """A few figures of all verdicts together, as JSON; `tasks` is how many there are.

    `confidence` is how sure they are on average, and `sure` how many are how sure, in ten bins;
    then by what was asked: `shares` of labels with intervals, how numbers are spread, the ranking,
    the commonest texts, how many boxes there are.
    """
    if not result.tasks:
        return {"tasks": 0}
    kind = question["type"]
    if kind == "number":
        return _of_numbers(result)
    summary = {"tasks": len(result.tasks), **_how_sure(result.probabilities)}
    if kind in ("choice", "multi"):
        return summary | {"shares": _shares(result)}
    if kind in ("pair", "rank"):
        return summary | _of_items(kind, result, counted)
    if kind == "text":
        return summary | _of_texts(result)
    return summary | _of_boxes(result)


def _how_sure(probabilities: Sequence[float | None]) -> dict[str, Any]:
    sure = _known(probabilities)
    if not sure.size:
        return {}
    return {
        "confidence": float(sure.mean()),
        "sure": np.histogram(sure, bins=BINS, range=(0.0, 1.0))[0].tolist(),
    }


def _shares(result: Fit) -> list[dict[str, Any]]:
    """Of how many tasks each class is true, as a share, with an interval."""
    n_tasks, n_classes = len(result.tasks), len(result.classes)
    posterior = np.asarray(result.posteriors).reshape(n_tasks, n_classes)
    # How many of these tasks are of a class: a sum of as many coins as there are tasks, each with
    # its own probability, so its variance is the sum of theirs.
    share = posterior.mean(axis=0)
    margin = NORMAL_95 * np.sqrt((posterior * (1 - posterior)).sum(axis=0)) / n_tasks
    return [
        {
            "value": value,
            "share": float(share[k]),
            "low": float(max(0.0, share[k] - margin[k])),
            "high": float(min(1.0, share[k] + margin[k])),
        }
        for k, value in enumerate(result.classes)
    ]


def _of_items(kind: str, result: Fit, counted: Counted) -> dict[str, Any]:
    components = len({one.component for one in result.ranking})
    facts = {"items": len(result.ranking), "components": components}
    if kind == "rank" and components > 1:
        # Tasks with items of their own have orders of their own, and one over all says nothing.
        return facts
    shown = [
        asdict(one)
        | {"is_picture": one.item in counted.pictures, "name": counted.names.get(one.item)}
        for one in result.ranking[:ITEMS_SHOWN_MAX]
    ]
    return facts | {"ranking": shown}


def _of_texts(result: Fit) -> dict[str, Any]:
    said = Counter(label for label in result.labels if label is not None)
    # By how many, then by the words, so that the same verdicts give the same list.
    first = sorted(said.items(), key=lambda one: (-one[1], one[0]))[:TEXTS_SHOWN_MAX]
    return {"texts": [{"text": text, "tasks": n} for text, n in first], "distinct": len(said)}


def _of_boxes(result: Fit) -> dict[str, Any]:
    boxes = list(chain.from_iterable(value["boxes"] for value in result.values if value))
    real = [box for box in boxes if box["probability"] >= REAL_MIN]
    labels = Counter(box["label"] for box in real if "label" in box)
    return {
        **_how_sure([box["probability"] for box in boxes]),
        "boxes": len(real),
        "doubted": len(boxes) - len(real),
        "labels": [{"value": value, "boxes": n} for value, n in sorted(labels.items())],
    }


def _of_numbers(result: Fit) -> dict[str, Any]:
    estimates = _known(result.estimates)
    if estimates.size == 0:
        return {"tasks": 0}
    counts, edges = _spread(estimates)
    widths = _known(
        [
            None if low is None or high is None else high - low
            for low, high in zip(result.lows, result.highs, strict=True)
        ]
    )
    return {
        "tasks": int(estimates.size),
        "spread": {"counts": counts.tolist(), "edges": edges.tolist()},
        "median": float(np.median(estimates)),
        "width": float(np.median(widths)) if widths.size else None,
    }


def _spread(numbers: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """How many lie in each of a few parts; in one where they lie too close for doubles to part."""
    low, high = float(numbers.min()), float(numbers.max())
    edges = np.linspace(low, high, 1 + min(BINS, np.unique(numbers).size))
    if not (np.diff(edges) > 0).all():
        room = max(0.5, ROOM * max(abs(low), abs(high)))
        edges = np.array([low - room, high + room])
    return np.histogram(numbers, bins=edges)[0], edges


def _known(values: Sequence[float | None]) -> NDArray[np.float64]:
    return np.array([value for value in values if value is not None], dtype=np.float64)
