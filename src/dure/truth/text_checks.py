"""The boundary check of texts; see `validate.py`."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dure.truth.types import Answers, Texts
from dure.truth.validate import BadAnswers, check_answers


def check_texts(texts: Texts) -> None:
    """Refuse texts whose arrays do not fit each other.

    Parameters
    ----------
    texts : Texts
        The texts to check; left unchanged.

    Raises
    ------
    BadAnswers
        If a shape, a dtype or a code is not what `Texts` promises.
    """
    n_answers = len(texts.text_of_answer)
    check_answers(
        Answers(
            texts.task_of_answer, texts.worker_of_answer, np.zeros(n_answers, np.int32),
            texts.n_tasks, texts.n_workers, 1,
        )
    )  # fmt: skip
    for at, text in enumerate(texts.text_of_answer):
        if not isinstance(text, str):
            raise BadAnswers(
                f"Expected each answer to be text, got {text!r} at position {at}; "
                "code the answers with dure.truth.code_texts."
            )


def check_gold_texts(gold_text: Sequence[str | None] | None, *, n_tasks: int) -> None:
    """Refuse known texts that do not fit the answers.

    Parameters
    ----------
    gold_text : (n_tasks,) text or None
        The known text of each task, None where it is not known.
    n_tasks : int
        How many tasks there are.

    Raises
    ------
    BadAnswers
        If there is not one for each task, or one is no text.
    """
    if gold_text is None:
        return
    if len(gold_text) != n_tasks:
        raise BadAnswers(
            f"Expected gold_text of one text or None for each of {n_tasks} tasks, "
            f"got {len(gold_text)}; give None where the truth is not known."
        )
    for task, text in enumerate(gold_text):
        if text is not None and not isinstance(text, str):
            raise BadAnswers(
                f"Expected gold_text to hold text or None, got {text!r} for task {task}; "
                "write it as text."
            )
