"""Who is paid for the value of answers, on fifteen recorded crowds with cheats added to them.

A tenth of the tasks with a known truth is gold, or the next larger share with which at least five
workers have enough checked answers; see `GOLD_SHARES`. Each cheat is added alone, and so is an
honest person of median accuracy who answers the same tasks; a ratio is what the one was paid over
what the other was, summed over the seeds. Run it by `dure bench shares`.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

TOTAL_MINOR = 1_000_000
SEEDS = range(10)
GOLD_SHARES = (0.1, 0.2, 0.3, 0.5, 1.0)
N_WORKERS_MIN = 5
# So many honest people of each kind of work are drawn, and their payments averaged.
N_HONEST = 4
# An added person answers about so many gold tasks.
N_CHECKED = 40


def run() -> dict[str, float]:
    """The figures of all crowds together first, then each kind's, then each crowd's."""
    sys.path.insert(0, str(Path(__file__).parent))
    from _cheats import COPYISTS, IDENTITIES, SPAMMERS
    from _recorded import CATEGORICAL, load

    crowds, paid = {}, {}
    for name in CATEGORICAL:
        coded, truth = load(name)
        crowds[name], paid[name] = _measure(coded.answers, truth)
    ranks = [one["rank_correlation"] for one in crowds.values()]
    figures = {"rank_correlation": float(np.mean(ranks))}
    families = {"spam": SPAMMERS, "copy": COPYISTS}
    families |= {"sybil": [f"split_{n}" for n in IDENTITIES],
                 "sybil_repeats": [f"same_{n}" for n in IDENTITIES]}  # fmt: skip
    for prefix in ("", "base_", "agreement_"):
        for family, kinds in families.items():
            figures |= _family(f"{prefix}{family}_ratio", paid, [prefix + one for one in kinds])
    every = dict.fromkeys(kind for one in paid.values() for kind in one)
    for kind in every:
        figures |= _family(kind, paid, [kind])
    for name, one in crowds.items():
        figures |= {f"{what}_{name}": value for what, value in one.items()}
    return figures


def _family(what: str, paid: Any, kinds: list[str]) -> dict[str, float]:
    """The ratio of sums over crowds and kinds, each crowd's, their mean and the worst."""
    of_crowd = {name: sum(one[kind] for kind in kinds) for name, one in paid.items()}
    ratios = np.array([_ratio(*sums) for sums in of_crowd.values()])
    return {
        what: _ratio(*sum(of_crowd.values())),
        f"{what}_mean": float(np.nanmean(ratios)),
        f"{what}_worst": float(np.nanmax(ratios)),
    } | {f"{what}_{name}": float(ratio) for name, ratio in zip(paid, ratios, strict=True)}


def _ratio(cheat: float, control: float) -> float:
    """Not a number where neither was paid."""
    if control > 0:
        return float(cheat / control)
    return np.inf if cheat > 0 else np.nan


def _measure(answers: Any, truth: Any) -> tuple[dict[str, float], dict[str, Any]]:
    """One crowd's figures; and what each kind of cheat and the honest were paid in all."""
    from dure.truth import answers_worth

    share = _gold_share(answers, truth)
    everything = answers_worth(answers, truth=truth)
    ranks, paid = [], {}
    for seed in SEEDS:
        random = np.random.default_rng(seed)
        gold = _gold(truth, share, random)
        ranks.append(_ranks(answers, gold, everything))
        for kind, parts in _payments((answers, truth), gold, share, random).items():
            paid[kind] = paid.get(kind, 0.0) + np.array(parts)
    found = {"gold_share": share}
    names = ("workers_taking_part", "rank_correlation", "rank_correlation_per_answer")
    for what, values in zip(names, zip(*ranks, strict=True), strict=True):
        found[what] = float(np.nanmean(values))
    return found, paid


def _gold_share(answers: Any, truth: Any) -> float:
    n_known = np.bincount(
        answers.worker_of_answer[truth[answers.task_of_answer] >= 0], minlength=answers.n_workers
    )
    for share in GOLD_SHARES:
        if (n_known * share >= 20).sum() >= N_WORKERS_MIN:
            break
    return share


def _gold(truth: Any, share: float, random: Any) -> Any:
    known = np.flatnonzero(truth >= 0)
    chosen = random.permutation(known)[: round(share * len(known))]
    gold = np.full_like(truth, -1)
    gold[chosen] = truth[chosen]
    return gold


def _ranks(answers: Any, gold: Any, everything: Any) -> tuple[int, float, float]:
    from dure.truth import answers_worth

    worth = answers_worth(answers, truth=gold)
    took_part = worth.n_checked >= worth.n_checked_min
    n_given = np.bincount(answers.worker_of_answer, minlength=answers.n_workers)
    paid = pay(answers, gold)
    return (
        int(took_part.sum()),
        spearman(paid[took_part], (everything.mean * n_given)[took_part]),
        spearman((paid / np.maximum(n_given, 1))[took_part], everything.mean[took_part]),
    )


def pay(answers: Any, gold: Any, *, with_order: bool = True) -> Any:
    """Each worker's value part; people who were added come after the others."""
    from dure.truth import answers_worth, claim, entitlements, lower

    order = np.arange(len(answers.task_of_answer)) if with_order else None
    worth = answers_worth(answers, truth=gold, order_of_answer=order)
    n_given = np.bincount(answers.worker_of_answer, minlength=answers.n_workers)
    return entitlements(
        TOTAL_MINOR,
        lower_weights=lower(worth) * n_given,
        claim_weights=claim(worth) * n_given,
    )


def pay_for_agreement(answers: Any) -> Any:
    """What output agreement would pay: each answer, by the share of the others that agree."""
    from dure.truth import divide

    cell = answers.task_of_answer.astype(np.int64) * answers.n_labels + answers.label_of_answer
    same = np.bincount(cell)[cell] - 1
    others = np.bincount(answers.task_of_answer)[answers.task_of_answer] - 1
    score = same / np.maximum(others, 1)
    return divide(TOTAL_MINOR, np.bincount(
        answers.worker_of_answer, weights=score, minlength=answers.n_workers))  # fmt: skip


def pay_base(answers: Any) -> Any:
    """The base part: the same for each counted answer."""
    from dure.truth import divide

    return divide(TOTAL_MINOR, np.bincount(answers.worker_of_answer, minlength=answers.n_workers))


def spearman(first: Any, second: Any) -> float:
    """Rank correlation, equals sharing their rank; nan where one side is all equal."""
    if len(first) < 3:
        return np.nan
    ranks = [_ranked(one) for one in (first, second)]
    if min(rank.std() for rank in ranks) == 0:
        return np.nan
    return float(np.corrcoef(*ranks)[0, 1])


def _ranked(values: Any) -> Any:
    _, place, n = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(n) - (n - 1) / 2)[place]


def _payments(crowd: Any, gold: Any, share: float, random: Any) -> dict[str, tuple[float, float]]:
    """What each cheat was paid and what the honest person of the same work was."""
    from _cheats import IDENTITIES, SPAMMERS, copied, honest, majority_labels, spam

    answers, truth = crowd
    is_gold = gold[answers.task_of_answer] >= 0
    n_checked = np.bincount(answers.worker_of_answer[is_gold], minlength=answers.n_workers)
    able = np.flatnonzero(n_checked >= 20)
    if not able.size:
        return {}
    skill, accuracy = _accuracies(answers, truth)
    originals = {"median": able[np.abs(skill[able] - accuracy).argmin()],
                 "best": able[skill[able].argmax()]}  # fmt: skip
    known = np.flatnonzero(truth >= 0)
    some = random.permutation(known)[: round(N_CHECKED / share)]
    cheats = {kind: (some, spam(kind, crowd, some, random=random)) for kind in SPAMMERS}
    cheats["copy_majority"] = some, majority_labels(answers, some)
    found = {}
    for name, worker in originals.items():
        tasks, labels = copied(answers, worker)
        cheats[f"copy_{name}"] = tasks[truth[tasks] >= 0], labels[truth[tasks] >= 0]
        found |= _kept(name, answers, gold, worker)
    for kind, person in cheats.items():
        controls = [(person[0], honest(crowd, person[0], accuracy=accuracy, random=random))
                    for _ in range(N_HONEST)]  # fmt: skip
        found |= _compare(kind, answers, gold, [person], controls)
    person = known, honest(crowd, known, accuracy=accuracy, random=random)
    for n in IDENTITIES:
        at = random.integers(0, n, len(known))
        split = [(known[at == one], person[1][at == one]) for one in range(n)]
        found |= _compare(f"split_{n}", answers, gold, split, [person])
        found |= _compare(f"same_{n}", answers, gold, [person] * n, [person])
    return found


def _kept(name: str, answers: Any, gold: Any, worker: int) -> dict[str, tuple[float, float]]:
    """What somebody was paid beside a copyist and without, known who was first or not."""
    from _cheats import copied

    beside, found = _with(answers, [copied(answers, worker)]), {}
    for what, with_order in (("keeps", True), ("keeps_unordered", False)):
        parts = [pay(one, gold, with_order=with_order)[worker] for one in (beside, answers)]
        found[f"original_{name}_{what}"] = float(parts[0]), float(parts[1])
    return found


def _compare(kind: str, answers: Any, gold: Any, people: Any, controls: Any) -> Any:
    crowds = [_with(answers, people), *(_with(answers, [one]) for one in controls)]
    ways = {"": lambda one: pay(one, gold), "base_": pay_base, "agreement_": pay_for_agreement}
    found = {}
    for prefix, way in ways.items():
        cheat, *fair = (float(way(crowd)[answers.n_workers :].sum()) for crowd in crowds)
        found[f"{prefix}{kind}"] = cheat, float(np.mean(fair))
    return found


def _with(answers: Any, people: Any) -> Any:
    from _cheats import with_people

    return with_people(answers, people)


def _accuracies(answers: Any, truth: Any) -> tuple[Any, float]:
    """Each worker's accuracy, and the median of those with ten answers to tasks of known truth."""
    known = truth[answers.task_of_answer] >= 0
    worker = answers.worker_of_answer[known]
    right = truth[answers.task_of_answer[known]] == answers.label_of_answer[known]
    n = np.bincount(worker, minlength=answers.n_workers)
    skill = np.bincount(worker, weights=right, minlength=answers.n_workers) / np.maximum(n, 1)
    return skill, float(np.median(skill[n >= 10]))
