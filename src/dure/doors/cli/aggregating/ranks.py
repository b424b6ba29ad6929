"""Verdicts on items that were put in order, for `dure aggregate`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import orjson

from dure.doors.cli.aggregating.items import (
    notes_on_components,
    notes_on_gold,
    verdicts_on_items,
)
from dure.doors.cli.aggregating.parts import (
    Conclusion,
    Request,
    Source,
    Watch,
    notes_on_fit,
    truth_of,
    worker_columns,
)
from dure.doors.cli.interrupting import interruptible
from dure.doors.files.answers import AnswerRows
from dure.doors.files.bad_file import bad_file
from dure.doors.files.tables import place_of_row
from dure.nesting import read_json
from dure.truth import (
    CodedRankings,
    RankHabits,
    Ranking,
    code_rankings,
    infer_rankings,
    score_labels,
)
from dure.truth.pair_chances import order_chances

EXPECTED = 'expected a list of items, the first one first, as in ["a", "b"]'


def conclude_ranks(
    request: Request, source: Source, rows: AnswerRows, *, watch: Watch
) -> Conclusion:
    orders = [
        _order(text, path=source.path, file=source.file, column=source.columns["answer"], row=row)
        for text, row in zip(rows.answers, rows.rows, strict=True)
    ]
    gold = _orders_of(request.gold)
    answered = set(rows.tasks)
    known = {task: order for task, order in gold.items() if task in answered}
    coded = code_rankings(rows.tasks, rows.workers, orders, gold=known)
    ranking = interruptible(
        lambda: infer_rankings(coded.rankings, gold=coded.gold, progress=watch.fit_round)
    )
    notes = notes_on_gold(len(known)) + notes_on_fit(ranking.outcome, n_known=0)
    notes += notes_on_components(ranking)
    if request.truth:
        truth = _orders_of(request.truth)
        scored = {task: one for task, one in truth.items() if task in answered - known.keys()}
        notes += _score(coded, ranking, scored)
    return Conclusion(
        verdicts_on_items(coded.items, ranking),
        worker_columns(coded.workers, ranking, coded.rankings.worker_of_answer),
        notes,
    )


def _orders_of(given: str) -> dict[str, list[str]]:
    truth, rows = truth_of(given)
    return {
        task: _order(text, path=Path(given), file=given, column="truth", row=rows[task])
        for task, text in truth.items()
    }


def _order(text: str, *, path: Path, file: str, column: str, row: int) -> list[str]:
    try:
        value = read_json(text)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
        sentence = f"{EXPECTED}; got {text[:80]!r}"
    elif len(set(value)) < len(value):
        twice = next(one for at, one in enumerate(value) if one in value[:at])
        sentence = f"expected each item once, got {twice!r} twice"
    else:
        return value
    raise bad_file(sentence, file=file, column=column, **place_of_row(path, row))


def _score(coded: CodedRankings, ranking: Ranking, truth: Mapping[str, list[str]]) -> list[str]:
    """Score each two items of a true order by the chance that the scores give them."""
    place = {name: code for code, name in enumerate(coded.items)}
    pairs = [
        (place[order[ahead]], place[order[behind]])
        for order in truth.values()
        for ahead in range(len(order))
        for behind in range(ahead + 1, len(order))
        if order[ahead] in place and order[behind] in place
    ]
    if not pairs:
        return ["No task of the answers has a truth, so nothing was scored."]
    first, second = np.array(pairs, np.int32).T
    habits = ranking.habits
    assert isinstance(habits, RankHabits)
    doubt = habits.variance[first] + habits.variance[second]
    chance = order_chances(ranking.score[first] - ranking.score[second], doubt, same_within=0.0)
    score = score_labels(chance[:, :2], np.zeros(len(pairs), np.int32))
    return [
        f"scored tasks: {len(truth)}",
        f"scored pairs of items: {len(pairs)}",
        f"pairs in the true order: {score.accuracy:.6f}",
        f"log loss of pairs: {score.log_loss:.6f}",
    ]
