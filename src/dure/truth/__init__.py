"""The engine: arrays in, frozen results out; it knows no platform and does no I/O.

It may import numpy and numba, and nothing of Dure.
"""

from dure.truth.coding import CodedAnswers, CodedNumbers, code_choices, code_numbers
from dure.truth.dawid_skene import dawid_skene
from dure.truth.explain import Explanation, explain, explain_answers
from dure.truth.frames import code_frame
from dure.truth.infer import METHODS, infer, infer_numbers
from dure.truth.majority import majority
from dure.truth.numeric import robust_mean
from dure.truth.one_coin import one_coin
from dure.truth.online import OnlineChoices
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
    NO_LABEL,
    Answers,
    Estimates,
    FitOptions,
    Habits,
    Numbers,
    Outcome,
    Posterior,
)
from dure.truth.validate import BadAnswers
from dure.truth.warm import warm

__all__ = [
    "METHODS",
    "NO_LABEL",
    "Answers",
    "BadAnswers",
    "CodedAnswers",
    "CodedNumbers",
    "Estimates",
    "Explanation",
    "FitOptions",
    "Habits",
    "NumberScore",
    "Numbers",
    "OnlineChoices",
    "Outcome",
    "Posterior",
    "Reliability",
    "Score",
    "code_choices",
    "code_frame",
    "code_numbers",
    "dawid_skene",
    "explain",
    "explain_answers",
    "infer",
    "infer_numbers",
    "majority",
    "one_coin",
    "reliability",
    "robust_mean",
    "score_labels",
    "score_numbers",
    "shared_accuracy",
    "task_difficulty",
    "warm",
]
