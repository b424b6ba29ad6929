"""Verdicts on answers in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dure.calls.tasks.fitting.parts import SEED, Counted, Fit
from dure.calls.tasks.learned import Learned

if TYPE_CHECKING:
    from dure.truth import CodedTexts, TextHabits, TextPosterior

# What a verdict lists: the likeliest texts, and of each some other spellings.
N_TEXTS_MAX = 20
N_SPELLINGS_MAX = 10


def fit_texts(_question: dict[str, Any], counted: Counted) -> Fit:
    from dure import truth  # noqa: PLC0415  slow import

    coded = truth.code_texts(counted.tasks, counted.workers, counted.values)
    posterior = truth.infer_texts(
        coded.texts, gold_text=[counted.gold.get(key) for key in coded.tasks], seed=SEED
    )
    best = posterior.best
    return Fit(
        tasks=list(coded.tasks),
        labels=[posterior.spelling_of_cluster[cluster] for cluster in best.tolist()],
        probabilities=posterior.probability_of_cluster[best].tolist(),
        values=_values(coded, posterior),
        answers=posterior.n_answers.tolist(),
        method=posterior.method,
        version=posterior.version,
        outcome=posterior.outcome.value,
        learned=learn_texts(posterior.habits, workers=coded.workers),
    )


def learn_texts(habits: TextHabits, *, workers: Sequence[str]) -> Learned:
    """What was learned as it is kept.

    No words are: runs stay for good, and people's words may have to go. Those that explaining needs
    stand with each verdict.
    """
    shared = {
        "kind": "text",
        "newcomer": habits.newcomer.tolist(),
        "spread": habits.spread,
        "correlation": habits.correlation,
        "sharpness": habits.sharpness,
        "nearness": habits.nearness,
        "slips": habits.slips,
        "styles": dict(habits.styles),
    }
    return Learned(shared, workers, habits.concentration)


def recall_texts(
    shared: dict[str, Any], concentrations: list[list[float]], *, known: Iterable[str] = ()
) -> TextHabits:
    """The habits of some workers, each as one row, to the last digit as they were learned.

    `known` are those of a task's words that the fit knew.
    """
    from dure.truth.text_habits import TextHabits  # noqa: PLC0415  slow import

    return TextHabits(
        concentration=np.array(concentrations, dtype=np.float64).reshape(-1, 2),
        newcomer=np.array(shared["newcomer"], dtype=np.float64),
        spread=shared["spread"],
        correlation=shared["correlation"],
        sharpness=shared["sharpness"],
        nearness=shared["nearness"],
        slips=shared["slips"],
        styles=shared["styles"],
        known=frozenset(known),
    )


def _values(coded: CodedTexts, posterior: TextPosterior) -> list[dict[str, Any]]:
    """Each task's likeliest texts, with how else they were spelt, the most frequent first.

    `known` are forms of its answers that are words of their own, which explaining needs.
    """
    from dure.truth.normal_text import normalise  # noqa: PLC0415  slow import

    n_given: list[dict[str, int]] = [{} for _ in posterior.spelling_of_cluster]
    for cluster, text in zip(
        posterior.cluster_of_answer.tolist(), coded.texts.text_of_answer, strict=True
    ):
        n_given[cluster][text] = n_given[cluster].get(text, 0) + 1
    clusters_of: list[list[int]] = [[] for _ in coded.tasks]
    for cluster, task in enumerate(posterior.task_of_cluster.tolist()):
        clusters_of[task].append(cluster)
    chance = posterior.probability_of_cluster.tolist()
    share = posterior.share_of_cluster.tolist()
    values = []
    for task, clusters in enumerate(clusters_of):
        likeliest = sorted(clusters, key=lambda one: (-chance[one], one))[:N_TEXTS_MAX]
        texts = [
            {
                "text": posterior.spelling_of_cluster[one],
                "probability": chance[one],
                "answers": sum(n_given[one].values()),
                "spellings": _others(n_given[one], posterior.spelling_of_cluster[one]),
            }
            for one in likeliest
        ]
        forms = {normalise(text) for one in clusters for text in n_given[one]}
        words = {word for form in forms for word in form.split()}
        known = sorted((forms | words) & posterior.habits.known)
        values.append({"share": share[posterior.best[task]], "texts": texts, "known": known})
    return values


def _others(n_given: dict[str, int], best: str) -> list[str]:
    others = sorted((text for text in n_given if text != best), key=lambda t: (-n_given[t], t))
    return others[:N_SPELLINGS_MAX]
