"""Published aggregators, from the package crowd-kit: a dependency of the benchmarks alone."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import numpy as np

# GLAD takes minutes on the larger crowds.
SLOW = ("GLAD",)


def peers() -> dict[str, Callable[[], Any]]:
    """Each method by name; none where crowd-kit is not installed."""
    try:
        from crowdkit import aggregation
    except ImportError:
        return {}
    methods: dict[str, Callable[[], Any]] = {
        "DawidSkene": lambda: aggregation.DawidSkene(n_iter=100),
        "OneCoin": lambda: aggregation.OneCoinDawidSkene(n_iter=100),
        "MACE": aggregation.MACE,
        "GLAD": aggregation.GLAD,
    }
    if os.environ.get("DURE_BENCH_PEERS") == "quick":
        return {name: one for name, one in methods.items() if name not in SLOW}
    return methods


def conclude(method: Callable[[], Any], coded: Any) -> Any:
    """(n_tasks, n_labels) probabilities of one method on one crowd."""
    answers = coded.answers
    shares = method().fit_predict_proba(frame_of(answers))
    probability = np.zeros((answers.n_tasks, answers.n_labels))
    probability[np.ix_(shares.index.to_numpy(), shares.columns.to_numpy())] = shares.fillna(0.0)
    return probability


def frame_of(answers: Any) -> Any:
    """The answers as crowd-kit takes them."""
    import pandas

    return pandas.DataFrame(
        {
            "task": answers.task_of_answer,
            "worker": answers.worker_of_answer,
            "label": answers.label_of_answer,
        }
    )
