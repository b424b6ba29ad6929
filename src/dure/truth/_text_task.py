"""The texts given to one task, by what was learned before; no compiled code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from dure.truth.normal_text import normalise
from dure.truth.spellings import gather, supports
from dure.truth.text_habits import NO_CLUSTER, Clusters, TextHabits
from dure.truth.types import Ints


def cluster_task(
    texts: Sequence[str], worker_of_answer: Ints, *, habits: TextHabits, right: str | None = None
) -> tuple[Clusters, list[list[str]]]:
    """Return the clusters of one task, and their forms; `right` is a known form."""
    forms = [normalise(text) for text in texts]
    counts = Counter(forms)
    gathered = gather(counts, nearness=habits.nearness, known=habits.known, right=right)
    place = {form: at for at, text in enumerate(gathered) for form in text}
    of_answer = np.array([place[form] for form in forms], np.int32)
    support = [supports(text, counts, habits.known) for text in gathered]
    clusters = Clusters(
        of_answer=of_answer,
        worker_of_answer=worker_of_answer,
        task=np.zeros(len(gathered), np.int32),
        size=np.bincount(of_answer, minlength=len(gathered)).astype(np.int32),
        n_answers=np.array([len(texts)], np.int32),
        right=np.array([NO_CLUSTER if right is None else place[right]], np.int32),
        cluster_of_spelling=np.repeat(
            np.arange(len(support), dtype=np.int32), [len(few) for few in support]
        ),
        support_of_spelling=np.array([one for few in support for one in few]),
    )
    return clusters, gathered
