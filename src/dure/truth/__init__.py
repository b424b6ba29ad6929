"""The engine: arrays in, frozen results out; it knows no platform and does no I/O.

It may import numpy and numba, and nothing of Dure. Its names are loaded when they are first asked
for, so that a process that never fits does not hold the compiled code.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dure.truth.coding import CodedAnswers, CodedNumbers, code_choices, code_numbers
    from dure.truth.coding_order import CodedPairs, CodedRankings, code_pairs, code_rankings
    from dure.truth.dawid_skene import dawid_skene
    from dure.truth.dividing import divide, entitlements
    from dure.truth.explain import Explanation, explain, explain_answers
    from dure.truth.explain_pairs import Before, PairExplanation, before_votes, explain_pair
    from dure.truth.explain_rankings import RankExplanation, explain_ranking
    from dure.truth.frames import code_frame
    from dure.truth.habits_of_order import Differences, PairHabits, RankHabits
    from dure.truth.infer import METHODS, infer, infer_numbers
    from dure.truth.majority import majority
    from dure.truth.numeric import robust_mean
    from dure.truth.one_coin import one_coin
    from dure.truth.online import OnlineChoices
    from dure.truth.online_pairs import OnlinePairs
    from dure.truth.online_rankings import OnlineRankings
    from dure.truth.pair_chances import chance_of, order_of
    from dure.truth.pairwise import infer_pairs
    from dure.truth.rankings import infer_rankings
    from dure.truth.score import (
        NumberScore,
        Reliability,
        Score,
        reliability,
        score_labels,
        score_numbers,
    )
    from dure.truth.shared_accuracy import shared_accuracy
    from dure.truth.task_difficulty import task_difficulty
    from dure.truth.types import (
        LEFT,
        NO_LABEL,
        RIGHT,
        SAME,
        Answers,
        Comparisons,
        Estimates,
        FitOptions,
        Habits,
        Numbers,
        Outcome,
        Posterior,
        Ranking,
        Rankings,
    )
    from dure.truth.validate import BadAnswers
    from dure.truth.value import Worth, answers_worth, claim, lower, numbers_worth
    from dure.truth.warm import warm

__all__ = [
    "LEFT",
    "METHODS",
    "NO_LABEL",
    "RIGHT",
    "SAME",
    "Answers",
    "BadAnswers",
    "Before",
    "CodedAnswers",
    "CodedNumbers",
    "CodedPairs",
    "CodedRankings",
    "Comparisons",
    "Differences",
    "Estimates",
    "Explanation",
    "FitOptions",
    "Habits",
    "NumberScore",
    "Numbers",
    "OnlineChoices",
    "OnlinePairs",
    "OnlineRankings",
    "Outcome",
    "PairExplanation",
    "PairHabits",
    "Posterior",
    "RankExplanation",
    "RankHabits",
    "Ranking",
    "Rankings",
    "Reliability",
    "Score",
    "Worth",
    "answers_worth",
    "before_votes",
    "chance_of",
    "claim",
    "code_choices",
    "code_frame",
    "code_numbers",
    "code_pairs",
    "code_rankings",
    "dawid_skene",
    "divide",
    "entitlements",
    "explain",
    "explain_answers",
    "explain_pair",
    "explain_ranking",
    "infer",
    "infer_numbers",
    "infer_pairs",
    "infer_rankings",
    "lower",
    "majority",
    "numbers_worth",
    "one_coin",
    "order_of",
    "reliability",
    "robust_mean",
    "score_labels",
    "score_numbers",
    "shared_accuracy",
    "task_difficulty",
    "warm",
]

_NAMES_OF = {
    "coding": "CodedAnswers CodedNumbers code_choices code_numbers",
    "coding_order": "CodedPairs CodedRankings code_pairs code_rankings",
    "dawid_skene": "dawid_skene",
    "dividing": "divide entitlements",
    "explain": "Explanation explain explain_answers",
    "explain_pairs": "Before PairExplanation before_votes explain_pair",
    "explain_rankings": "RankExplanation explain_ranking",
    "frames": "code_frame",
    "habits_of_order": "Differences PairHabits RankHabits",
    "infer": "METHODS infer infer_numbers",
    "majority": "majority",
    "numeric": "robust_mean",
    "one_coin": "one_coin",
    "online": "OnlineChoices",
    "online_pairs": "OnlinePairs",
    "online_rankings": "OnlineRankings",
    "pair_chances": "chance_of order_of",
    "pairwise": "infer_pairs",
    "rankings": "infer_rankings",
    "score": "NumberScore Reliability Score reliability score_labels score_numbers",
    "shared_accuracy": "shared_accuracy",
    "task_difficulty": "task_difficulty",
    "types": "LEFT NO_LABEL RIGHT SAME Answers Comparisons Estimates "
    "FitOptions Habits Numbers Outcome Posterior Ranking Rankings",
    "validate": "BadAnswers",
    "value": "Worth answers_worth claim lower numbers_worth",
    "warm": "warm",
}
_MODULE_OF = {name: module for module, names in _NAMES_OF.items() for name in names.split()}


class _Engine(ModuleType):
    """A package where a function keeps its name, though the module that it stands in has the same.

    Importing `dure.truth.explain` puts that module here, and would put it in the function's place.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _MODULE_OF and isinstance(value, ModuleType)):
            super().__setattr__(name, value)

    def __getattr__(self, name: str) -> object:
        if name not in _MODULE_OF:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        found: object = getattr(import_module(f"{self.__name__}.{_MODULE_OF[name]}"), name)
        setattr(self, name, found)
        return found

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *__all__})


sys.modules[__name__].__class__ = _Engine
