"""The boundary check of comparisons and rankings: inside, the arrays are trusted."""

from __future__ import annotations

import numpy as np

from dure.truth.types import SAME, Comparisons, Rankings
from dure.truth.validate import BadAnswers, _check_array, _check_codes, _check_sizes

CODED_BY = "code_pairs or code_rankings"


def check_comparisons(comparisons: Comparisons) -> None:
    """Refuse comparisons whose arrays do not fit each other.

    Parameters
    ----------
    comparisons : Comparisons
        The comparisons to check; left unchanged.

    Raises
    ------
    BadAnswers
        If a shape, a dtype or a code is not what `Comparisons` promises.
    """
    _check_sizes(n_items=comparisons.n_items, n_workers=comparisons.n_workers)
    n_answers = int(np.size(comparisons.left_of_answer))
    for name, n_codes in (
        ("left_of_answer", comparisons.n_items),
        ("right_of_answer", comparisons.n_items),
        ("worker_of_answer", comparisons.n_workers),
        ("side_of_answer", SAME + 1),
    ):
        _check_codes(name, getattr(comparisons, name), n_answers, n_codes, coded_by=CODED_BY)
    alone = np.flatnonzero(comparisons.left_of_answer == comparisons.right_of_answer)
    if alone.size:
        raise BadAnswers(
            f"Expected two different items, got item {comparisons.left_of_answer[alone[0]]} on "
            f"both sides at position {alone[0]}; leave the answer out."
        )


def check_gold_comparisons(gold: Comparisons | None, comparisons: Comparisons) -> None:
    """Refuse known sides that do not fit the comparisons, or each other.

    Parameters
    ----------
    gold : Comparisons or None
        Pairs whose side is known; who said so is not looked at.
    comparisons : Comparisons
        The comparisons that they inform.

    Raises
    ------
    BadAnswers
        If the arrays or the number of items do not fit.
    """
    if gold is None:
        return
    check_comparisons(gold)
    _check_same_items(gold, comparisons)


def check_rankings(rankings: Rankings) -> None:
    """Refuse rankings whose arrays do not fit each other.

    Parameters
    ----------
    rankings : Rankings
        The rankings to check; left unchanged.

    Raises
    ------
    BadAnswers
        If a shape, a dtype or a code is not what `Rankings` promises, or an answer ranks an item
        twice.
    """
    _check_sizes(n_items=rankings.n_items, n_workers=rankings.n_workers)
    n_answers = int(np.size(rankings.worker_of_answer))
    n_places = int(np.size(rankings.item_of_place))
    for name, n_rows, n_codes in (
        ("worker_of_answer", n_answers, rankings.n_workers),
        ("item_of_place", n_places, rankings.n_items),
    ):
        _check_codes(name, getattr(rankings, name), n_rows, n_codes, coded_by=CODED_BY)
    starts = rankings.starts
    _check_array("starts", starts, np.int64, n_answers + 1)
    if starts[0] != 0 or starts[-1] != n_places or (np.diff(starts) < 0).any():
        raise BadAnswers(
            f"Expected starts that rise from 0 to {n_places}, the places given, got some that "
            "do not; code the answers with dure.truth.code_rankings."
        )
    answer = np.repeat(np.arange(n_answers), np.diff(starts))
    key = np.sort(answer * max(1, rankings.n_items) + rankings.item_of_place)
    twice = np.flatnonzero(key[1:] == key[:-1])
    if twice.size:
        at, item = divmod(int(key[twice[0]]), rankings.n_items)
        raise BadAnswers(
            f"Expected each item at most once in an answer, got item {item} twice in answer {at}; "
            "leave the answer out."
        )


def check_gold_rankings(gold: Rankings | None, rankings: Rankings) -> None:
    """Refuse known orders that do not fit the rankings.

    Parameters
    ----------
    gold : Rankings or None
        Known orders; who said so is not looked at.
    rankings : Rankings
        The rankings that they inform.

    Raises
    ------
    BadAnswers
        If the arrays or the number of items do not fit.
    """
    if gold is None:
        return
    check_rankings(gold)
    _check_same_items(gold, rankings)


def _check_same_items(gold: Comparisons | Rankings, given: Comparisons | Rankings) -> None:
    if gold.n_items != given.n_items:
        raise BadAnswers(
            f"Expected gold on the same {given.n_items} items, got {gold.n_items}; "
            "code both together."
        )
