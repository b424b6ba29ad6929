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
    from dure.truth.box_records import BoxHabits, KnownBoxes
    from dure.truth.boxes import infer_boxes
    from dure.truth.coding import CodedAnswers, CodedNumbers, code_choices, code_numbers
    from dure.truth.coding_boxes import CodedBoxes, box_value, code_boxes, code_known_boxes
    from dure.truth.coding_predictions import code_predictions
    from dure.truth.coding_sets import CodedSets, code_sets
    from dure.truth.coding_texts import CodedTexts, code_texts
    from dure.truth.dawid_skene import dawid_skene
    from dure.truth.dividing import divide, entitlements
    from dure.truth.explain import Explanation, explain, explain_answers
    from dure.truth.explain_boxes import BoxExplanation, explain_box, explain_boxes
    from dure.truth.explain_numbers import (
        NumberExplanation,
        explain_number_answers,
        explain_numbers,
    )
    from dure.truth.explain_sets import SetExplanation, explain_set_answers, explain_sets
    from dure.truth.explain_surprise import SurpriseExplanation, explain_predicted, explain_surprise
    from dure.truth.explain_texts import TextExplanation, explain_text_answers, explain_texts
    from dure.truth.frames import code_frame
    from dure.truth.infer import METHODS, infer, infer_numbers
    from dure.truth.majority import majority
    from dure.truth.multi_label import infer_sets
    from dure.truth.normal_text import normalise
    from dure.truth.number_crowd import NumberCrowd, crowd_as_json, crowd_from_json
    from dure.truth.numeric import robust_mean
    from dure.truth.one_coin import one_coin
    from dure.truth.online import OnlineChoices
    from dure.truth.online_boxes import OnlineBoxes
    from dure.truth.online_numbers import OnlineEstimate, OnlineNumbers
    from dure.truth.online_sets import OnlineSets
    from dure.truth.online_surprise import OnlineSurprise
    from dure.truth.online_texts import OnlineTexts, TextVerdict
    from dure.truth.score import (
        NumberScore,
        Reliability,
        Score,
        reliability,
        score_labels,
        score_numbers,
    )
    from dure.truth.score_boxes import BoxScore, score_boxes
    from dure.truth.score_texts import TextScore, score_texts
    from dure.truth.set_chances import SetHabits
    from dure.truth.set_score import SetScore, score_sets
    from dure.truth.shared_accuracy import shared_accuracy
    from dure.truth.surprise_types import Reasons, Surprise, SurpriseTerms
    from dure.truth.surprising import surprisingly_popular
    from dure.truth.task_difficulty import task_difficulty
    from dure.truth.text import infer_texts
    from dure.truth.text_habits import TextHabits
    from dure.truth.types import (
        NO_LABEL,
        Answers,
        Boxes,
        Estimates,
        FitOptions,
        Habits,
        MergedBoxes,
        Numbers,
        Outcome,
        Posterior,
        SetPosterior,
        Sets,
        TextPosterior,
        Texts,
    )
    from dure.truth.validate import BadAnswers
    from dure.truth.value import Worth, answers_worth, claim, lower, numbers_worth
    from dure.truth.warm import warm

__all__ = [
    "METHODS",
    "NO_LABEL",
    "Answers",
    "BadAnswers",
    "BoxExplanation",
    "BoxHabits",
    "BoxScore",
    "Boxes",
    "CodedAnswers",
    "CodedBoxes",
    "CodedNumbers",
    "CodedSets",
    "CodedTexts",
    "Estimates",
    "Explanation",
    "FitOptions",
    "Habits",
    "KnownBoxes",
    "MergedBoxes",
    "NumberCrowd",
    "NumberExplanation",
    "NumberScore",
    "Numbers",
    "OnlineBoxes",
    "OnlineChoices",
    "OnlineEstimate",
    "OnlineNumbers",
    "OnlineSets",
    "OnlineSurprise",
    "OnlineTexts",
    "Outcome",
    "Posterior",
    "Reasons",
    "Reliability",
    "Score",
    "SetExplanation",
    "SetHabits",
    "SetPosterior",
    "SetScore",
    "Sets",
    "Surprise",
    "SurpriseExplanation",
    "SurpriseTerms",
    "TextExplanation",
    "TextHabits",
    "TextPosterior",
    "TextScore",
    "TextVerdict",
    "Texts",
    "Worth",
    "answers_worth",
    "box_value",
    "claim",
    "code_boxes",
    "code_choices",
    "code_frame",
    "code_known_boxes",
    "code_numbers",
    "code_predictions",
    "code_sets",
    "code_texts",
    "crowd_as_json",
    "crowd_from_json",
    "dawid_skene",
    "divide",
    "entitlements",
    "explain",
    "explain_answers",
    "explain_box",
    "explain_boxes",
    "explain_number_answers",
    "explain_numbers",
    "explain_predicted",
    "explain_set_answers",
    "explain_sets",
    "explain_surprise",
    "explain_text_answers",
    "explain_texts",
    "infer",
    "infer_boxes",
    "infer_numbers",
    "infer_sets",
    "infer_texts",
    "lower",
    "majority",
    "normalise",
    "numbers_worth",
    "one_coin",
    "reliability",
    "robust_mean",
    "score_boxes",
    "score_labels",
    "score_numbers",
    "score_sets",
    "score_texts",
    "shared_accuracy",
    "surprisingly_popular",
    "task_difficulty",
    "warm",
]

_NAMES_OF = {
    "box_records": "BoxHabits KnownBoxes",
    "boxes": "infer_boxes",
    "coding": "CodedAnswers CodedNumbers code_choices code_numbers",
    "coding_boxes": "CodedBoxes box_value code_boxes code_known_boxes",
    "coding_predictions": "code_predictions",
    "coding_sets": "CodedSets code_sets",
    "coding_texts": "CodedTexts code_texts",
    "dawid_skene": "dawid_skene",
    "dividing": "divide entitlements",
    "explain": "Explanation explain explain_answers",
    "explain_boxes": "BoxExplanation explain_box explain_boxes",
    "explain_numbers": "NumberExplanation explain_number_answers explain_numbers",
    "explain_sets": "SetExplanation explain_set_answers explain_sets",
    "explain_surprise": "SurpriseExplanation explain_predicted explain_surprise",
    "explain_texts": "TextExplanation explain_text_answers explain_texts",
    "frames": "code_frame",
    "infer": "METHODS infer infer_numbers",
    "majority": "majority",
    "multi_label": "infer_sets",
    "normal_text": "normalise",
    "number_crowd": "NumberCrowd crowd_as_json crowd_from_json",
    "numeric": "robust_mean",
    "one_coin": "one_coin",
    "online": "OnlineChoices",
    "online_boxes": "OnlineBoxes",
    "online_numbers": "OnlineEstimate OnlineNumbers",
    "online_sets": "OnlineSets",
    "online_surprise": "OnlineSurprise",
    "online_texts": "OnlineTexts TextVerdict",
    "score": "NumberScore Reliability Score reliability score_labels score_numbers",
    "score_boxes": "BoxScore score_boxes",
    "score_texts": "TextScore score_texts",
    "set_chances": "SetHabits",
    "set_score": "SetScore score_sets",
    "shared_accuracy": "shared_accuracy",
    "surprise_types": "Reasons Surprise SurpriseTerms",
    "surprising": "surprisingly_popular",
    "task_difficulty": "task_difficulty",
    "text": "infer_texts",
    "text_habits": "TextHabits",
    "types": "NO_LABEL Answers Boxes Estimates FitOptions Habits MergedBoxes Numbers Outcome "
    "Posterior SetPosterior Sets TextPosterior Texts",
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
