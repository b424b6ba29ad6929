"""How fast and how large the fit is, on simulated answers with four labels.

A million answers (ten a task, two hundred a worker): seconds of one iteration of our
Dawid-Skene and of crowd-kit's, in turn on the same machine, the least of several. Then one and ten
million: memory beyond the input, and one iteration beside a bare gather, which only adds up a
number from a table of the workers' matrices for each answer. DURE_BENCH_ANSWERS=100000000 does a
hundred million instead. Run it by `dure bench truth-speed`.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

N_LABELS, N_EACH, N_OF_WORKER = 4, 10, 200
SIZES = (1_000_000, 10_000_000)
N_ROUNDS = 5
SAMPLE_SECONDS = 0.002


def run() -> dict[str, float]:
    """`speedup_vs_crowdkit`, `bytes_per_answer`, `ratio_to_gather`; then what they come from."""
    sys.path.insert(0, str(Path(__file__).parent))
    from dure.truth import warm

    warm()
    size = int(os.environ.get("DURE_BENCH_ANSWERS", "0"))
    figures = {} if size else _beside_crowdkit()
    for n_answers in (size,) if size else SIZES:
        figures |= _alone(n_answers)
    last = f"{(size or SIZES[-1]) // 1_000_000}m"
    for name in ("bytes_per_answer", "ratio_to_gather"):
        figures[name] = figures[f"{name}_{last}"]
    return figures


def _beside_crowdkit() -> dict[str, float]:
    from _peers import frame_of, peers

    theirs = peers().get("DawidSkene")
    if theirs is None:
        return {}
    from crowdkit.aggregation import DawidSkene

    answers = _simulate(SIZES[0])
    frame = frame_of(answers)
    ours_seconds, their_seconds = [], []
    for _ in range(3):
        ours_seconds.append(_iteration_seconds(lambda n: _fit(answers, n)))
        their_seconds.append(_iteration_seconds(lambda n: DawidSkene(n_iter=n, tol=0.0).fit(frame)))
    return {
        "speedup_vs_crowdkit": min(their_seconds) / min(ours_seconds),
        "iteration_s_1m_beside": min(ours_seconds),
        "iteration_s_1m_crowdkit": min(their_seconds),
    }


def _alone(n_answers: int) -> dict[str, float]:
    from _memory import extra_bytes

    answers = _simulate(n_answers)
    name = f"{n_answers // 1_000_000}m"
    gather = min(_seconds(_gather(answers)) for _ in range(3))
    iteration = _iteration_seconds(lambda n: _fit(answers, n))
    started = time.perf_counter()
    extra, result = extra_bytes(
        lambda: _fit(answers, 100, change_max=None), sample_seconds=SAMPLE_SECONDS
    )
    return {
        f"bytes_per_answer_{name}": extra / n_answers,
        f"ratio_to_gather_{name}": iteration / gather,
        f"iteration_s_{name}": iteration,
        f"whole_fit_s_{name}": time.perf_counter() - started,
        f"whole_fit_rounds_{name}": float(result.n_iterations),
    }


def _fit(answers: Any, n_iterations: int, *, change_max: float | None = 0.0) -> Any:
    from dure.truth import FitOptions, dawid_skene

    options = FitOptions(n_iterations_max=n_iterations)
    if change_max is not None:
        options = FitOptions(n_iterations_max=n_iterations, change_max=change_max)
    return dawid_skene(answers, options=options)


def _iteration_seconds(fit: Callable[[int], Any]) -> float:
    """The seconds of one round: some rounds less one, so that starting and ending cancel out."""
    few = min(_seconds(lambda: fit(1)) for _ in range(2))
    many = min(_seconds(lambda: fit(1 + N_ROUNDS)) for _ in range(2))
    return (many - few) / N_ROUNDS


def _seconds(do: Callable[[], Any]) -> float:
    started = time.perf_counter()
    do()
    return time.perf_counter() - started


def _gather(answers: Any) -> Callable[[], Any]:
    """For each answer and true label, read one cell of its worker's matrix and add it up."""
    from numba import njit

    @njit
    def gather(workers, labels, table, total):  # type: ignore[no-untyped-def]
        for i in range(len(workers)):
            for true in range(len(total)):
                total[true] += table[workers[i], labels[i], true]

    table = np.random.default_rng(0).random((answers.n_workers, N_LABELS, N_LABELS))
    total = np.zeros(N_LABELS)
    gather(answers.worker_of_answer[:1], answers.label_of_answer[:1], table, total)
    return lambda: gather(answers.worker_of_answer, answers.label_of_answer, table, total)


def _simulate(n_answers: int) -> Any:
    """Answers in order of task: workers right six to nine times in ten, others drawn evenly."""
    from dure.truth import Answers

    random = np.random.default_rng(0)
    n_tasks, n_workers = n_answers // N_EACH, max(n_answers // N_OF_WORKER, N_EACH)
    tasks = np.repeat(np.arange(n_tasks, dtype=np.int32), N_EACH)
    # Neighbours on a circle, from a random start: distinct within a task, and in order.
    start = random.integers(0, n_workers - N_EACH, n_tasks, dtype=np.int32)
    workers = (start[:, None] + np.arange(N_EACH, dtype=np.int32)).ravel()
    truth = random.integers(0, N_LABELS, n_tasks, dtype=np.int8)
    accuracy = random.uniform(0.6, 0.9, n_workers).astype(np.float32)
    labels = np.repeat(truth, N_EACH)
    wrong = random.random(n_answers, dtype=np.float32) >= accuracy[workers]
    labels[wrong] += random.integers(1, N_LABELS, int(wrong.sum()), dtype=np.int8)
    labels %= N_LABELS
    return Answers(tasks, workers, labels.astype(np.int32), n_tasks, n_workers, N_LABELS)
