"""Compile the kernels before the first real fit."""

from __future__ import annotations

import numpy as np

from dure.truth.dawid_skene import dawid_skene
from dure.truth.multi_label import infer_sets
from dure.truth.numeric import robust_mean
from dure.truth.one_coin import one_coin
from dure.truth.types import Answers, Numbers, Sets


def warm() -> None:
    """Compile every kernel, or load it from the cache, by four tiny fits.

    Assumes nothing; call it once when a worker starts, so that no fit waits for the compiler.

    Returns
    -------
    None
        Nothing; only the compiled code stays.

    Notes
    -----
    Source: none.
    """
    codes = np.array([0, 0, 1, 1], dtype=np.int32)
    others = np.array([0, 1, 0, 1], dtype=np.int32)
    answers = Answers(codes, others, codes, n_tasks=2, n_workers=2, n_labels=2)
    gold = np.array([0, -1], dtype=np.int32)
    dawid_skene(answers, gold_label=gold)
    one_coin(answers, gold_label=gold)
    infer_sets(Sets(codes, others, np.eye(4, 2, dtype=bool), n_tasks=2, n_workers=2, n_labels=2))
    values = np.array([1.0, 2.0, 3.0, 5.0])
    robust_mean(Numbers(codes, others, values, n_tasks=2, n_workers=2))
