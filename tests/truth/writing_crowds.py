"""Simulated crowds that write, whose truth and skills are known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dure.truth import CodedTexts, code_texts

ROOTS = [
    "garden",
    "window",
    "kitchen",
    "harbour",
    "mountain",
    "도서관",
    "초등학교",
    "아이스크림",
    "버스터미널",
]


@dataclass(frozen=True)
class WritingCrowd:
    coded: CodedTexts
    truth: list[str]
    accuracy: np.ndarray


def write(*, n_tasks: int, seed: int, n_workers: int = 12, n_each: int = 5) -> WritingCrowd:
    """Let some be right nearly always and some seldom; hands slip, and spelling is untidy."""
    random = np.random.default_rng(seed)
    accuracy = np.linspace(0.3, 0.95, n_workers)
    tasks, workers, texts, truth = [], [], [], []
    for task in range(n_tasks):
        right, tempting = (" ".join(random.choice(ROOTS, 2)) for _ in range(2))
        truth.append(right)
        for worker in random.permutation(n_workers)[:n_each]:
            other = tempting if random.random() < 0.5 else " ".join(random.choice(ROOTS, 2))
            text = right if random.random() < accuracy[worker] else other
            if random.random() < 0.25:
                at = int(random.integers(1, len(text)))
                text = text[:at] + text[at - 1] + text[at:]
            if random.random() < 0.3:
                text = f" {text.upper()}."
            tasks.append(f"t{task:05}")
            workers.append(f"w{worker:02}")
            texts.append(text)
    return WritingCrowd(code_texts(tasks, workers, texts), truth, accuracy)
