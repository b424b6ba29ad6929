"""All tasks' texts put together into clusters, and how near spellings of one text lie."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dure.truth.normal_text import normalise
from dure.truth.similarity import apart, take_apart
from dure.truth.spellings import gather, style_of, supports
from dure.truth.text_habits import NO_CLUSTER, Clusters
from dure.truth.types import Floats, Ints, Texts

# Errors a letter: where bands of distance end. Without evidence spellings may lie so far apart as
# `NEARNESS_USUAL`; the last band needs `N_NEAR_MIN` pairs that speak for it.
NEARNESS_BANDS = (0.06, 0.09, 0.12, 0.15, 0.2, 0.25)
NEARNESS_USUAL = 0.2
N_NEAR_MIN = 10
# Of the near pairs within tasks in a band, so many may lie near by chance, as texts of different
# tasks do.
CHANCE_PART_MAX = 0.25
N_PAIRS_MAX = 20_000
N_FORMS_PAIRED_MAX = 8
# So long may these pairs be together; of longer ones fewer are looked at.
LETTERS_PAIRED_MAX = 2**22


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Each form that a task was given, with how many gave it; by task, then by form.

    `row_of_answer` says which one an answer is; `names` are the forms, sorted.
    """

    task: Ints
    form: Ints
    count: Ints
    row_of_answer: NDArray[np.int64]
    names: tuple[str, ...]


def count_forms(texts: Texts) -> Rows:
    form_of_text = {text: normalise(text) for text in set(texts.text_of_answer)}
    names = tuple(sorted(set(form_of_text.values())))
    place = {name: at for at, name in enumerate(names)}
    code_of_text = {text: place[form] for text, form in form_of_text.items()}
    n_answers = len(texts.text_of_answer)
    form = np.fromiter((code_of_text[one] for one in texts.text_of_answer), np.int64, n_answers)
    key = texts.task_of_answer.astype(np.int64) * max(1, len(names)) + form
    keys, row_of_answer, count = np.unique(key, return_inverse=True, return_counts=True)
    task, form = np.divmod(keys, max(1, len(names)))
    return Rows(
        task.astype(np.int32), form.astype(np.int32), count.astype(np.int32), row_of_answer, names
    )


def known_forms(rows: Rows, *, n_tasks: int) -> frozenset[str]:
    """Return what at least two people gave to some task, and more than gave it anything else.

    Also words that at least two and most of the answers to some task have among others.
    """
    most = np.zeros(n_tasks, np.int32)
    np.maximum.at(most, rows.task, rows.count)
    is_top = rows.count == most[rows.task]
    n_top = np.bincount(rows.task[is_top], minlength=n_tasks)
    kept = is_top & (n_top[rows.task] == 1) & (rows.count >= 2)
    known = {rows.names[form] for form in np.unique(rows.form[kept]).tolist()}
    return frozenset(known | _known_words(rows, n_tasks=n_tasks))


def _known_words(rows: Rows, *, n_tasks: int) -> set[str]:
    known: set[str] = set()
    words_of = [tuple(set(name.split())) if " " in name else () for name in rows.names]
    forms, counts = rows.form.tolist(), rows.count.tolist()
    first = 0
    for last in np.cumsum(np.bincount(rows.task, minlength=n_tasks)).tolist():
        seen: dict[str, int] = {}
        for row in range(first, last):
            for word in words_of[forms[row]]:
                seen[word] = seen.get(word, 0) + counts[row]
        least = max(2, 1 + sum(counts[first:last]) // 2)
        known.update(word for word, count in seen.items() if count >= least)
        first = last
    return known


def learn_nearness(rows: Rows, *, n_tasks: int, seed: int) -> float:
    """Tell how many errors a letter spellings of one text have.

    Two forms given to one task may lie near since one is a slip, or by chance, as the leading
    forms of two tasks may. Each band of distance counts as slips as long as chance makes few of
    its pairs.
    """
    within = _distances(_pairs_within(rows, n_tasks=n_tasks))
    between = _distances(_pairs_between(rows, n_tasks=n_tasks, seed=seed))
    nearness, first = 0.0, 0.0
    for last in NEARNESS_BANDS:
        n_near = int(((within > first) & (within <= last)).sum())
        by_chance = ((between > first) & (between <= last)).sum() / max(1, len(between))
        if n_near and by_chance * len(within) > CHANCE_PART_MAX * n_near:
            break
        if last > NEARNESS_USUAL and n_near < N_NEAR_MIN:
            break
        nearness = first = last
    return nearness


def _pairs_within(rows: Rows, *, n_tasks: int) -> list[tuple[str, str]]:
    """Return pairs of forms of one task, sorted; from very many, some spread over all."""
    starts = np.concatenate([[0], np.cumsum(np.bincount(rows.task, minlength=n_tasks))]).tolist()
    pairs: set[tuple[int, int]] = set()
    for task in np.flatnonzero(np.diff(starts) > 1).tolist():
        here = slice(starts[task], starts[task + 1])
        order = np.argsort(-rows.count[here], kind="stable")[:N_FORMS_PAIRED_MAX]
        forms = sorted(rows.form[here][order].tolist())
        pairs.update((one, other) for at, one in enumerate(forms) for other in forms[at + 1 :])
    some = sorted(pairs)[:: 1 + len(pairs) // N_PAIRS_MAX]
    return [(rows.names[one], rows.names[other]) for one, other in some]


def _pairs_between(rows: Rows, *, n_tasks: int, seed: int) -> list[tuple[str, str]]:
    """Return pairs of forms that lead in tasks of theirs but were never given to the same one."""
    most = np.zeros(n_tasks, np.int32)
    np.maximum.at(most, rows.task, rows.count)
    leading = np.unique(rows.form[rows.count == most[rows.task]])
    tasks_of: dict[int, set[int]] = {form: set() for form in leading.tolist()}
    for task, form in zip(rows.task.tolist(), rows.form.tolist(), strict=True):
        if form in tasks_of:
            tasks_of[form].add(task)
    if len(leading) ** 2 <= 2 * N_PAIRS_MAX:
        first, second = np.triu_indices(len(leading), 1)
    else:
        random = np.random.default_rng(seed)
        first, second = random.integers(0, len(leading), (2, N_PAIRS_MAX))
    return [
        (rows.names[one], rows.names[other])
        for one, other in zip(leading[first].tolist(), leading[second].tolist(), strict=True)
        if one != other and tasks_of[one].isdisjoint(tasks_of[other])
    ]


def _distances(pairs: Sequence[tuple[str, str]]) -> Floats:
    most = NEARNESS_BANDS[-1]
    n_letters = sum(max(map(len, pair)) for pair in pairs)
    pairs = pairs[:: 1 + n_letters // LETTERS_PAIRED_MAX]
    return np.array(
        [apart(take_apart(one), take_apart(other), nearness=most) for one, other in pairs]
    )


def cluster_texts(
    texts: Texts,
    rows: Rows,
    *,
    nearness: float,
    known: Collection[str],
    right_forms: Sequence[str | None],
) -> Clusters:
    bounds = np.cumsum(np.bincount(rows.task, minlength=texts.n_tasks)).tolist()
    forms, counts = rows.form.tolist(), rows.count.tolist()
    cluster_of_row = np.empty(len(forms), np.int32)
    right = np.full(texts.n_tasks, NO_CLUSTER, np.int32)
    task_of_cluster: list[int] = []
    supports_of_cluster: list[list[float]] = []
    first = 0
    for task, last in enumerate(bounds):
        names = [rows.names[form] for form in forms[first:last]]
        given = dict(zip(names, counts[first:last], strict=True))
        right_form = right_forms[task] if right_forms else None
        gathered = gather(given, nearness=nearness, known=known, right=right_form)
        n_before = len(task_of_cluster)
        place = {form: n_before + at for at, text in enumerate(gathered) for form in text}
        cluster_of_row[first:last] = [place[name] for name in names]
        task_of_cluster += [task] * len(gathered)
        supports_of_cluster += [supports(text, given, known) for text in gathered]
        if right_form is not None:
            right[task] = place[right_form]
        first = last
    of_answer = cluster_of_row[rows.row_of_answer].astype(np.int32)
    n_spellings = np.array(list(map(len, supports_of_cluster)), np.int64)
    return Clusters(
        of_answer=of_answer,
        worker_of_answer=texts.worker_of_answer,
        task=np.array(task_of_cluster, np.int32),
        size=np.bincount(of_answer, minlength=len(task_of_cluster)).astype(np.int32),
        n_answers=np.bincount(texts.task_of_answer, minlength=texts.n_tasks).astype(np.int32),
        right=right,
        cluster_of_spelling=np.repeat(np.arange(len(n_spellings)), n_spellings).astype(np.int32),
        support_of_spelling=np.array([one for few in supports_of_cluster for one in few]),
    )


def share_of_styles(texts: Texts) -> dict[str, float]:
    counts = Counter(map(style_of, texts.text_of_answer))
    return {style: counts[style] / len(texts.text_of_answer) for style in sorted(counts)}
