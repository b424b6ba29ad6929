"""The engine: arrays in, frozen results out; it knows no platform and does no I/O.

It may import numpy and numba, and nothing of Dure.
"""

from dure.truth.coding import CodedAnswers, CodedNumbers, code_choices, code_numbers
from dure.truth.dawid_skene import dawid_skene
from dure.truth.infer import infer, infer_numbers
from dure.truth.majority import majority
from dure.truth.numeric import robust_mean
from dure.truth.score import NumberScore, Score, score_labels, score_numbers
from dure.truth.shared_accuracy import shared_accuracy, workers_differ_by
from dure.truth.types import NO_LABEL, Answers, Estimates, Numbers, Outcome, Posterior
from dure.truth.validate import BadAnswers
from dure.truth.warm import warm

__all__ = [
    "NO_LABEL",
    "Answers",
    "BadAnswers",
    "CodedAnswers",
    "CodedNumbers",
    "Estimates",
    "NumberScore",
    "Numbers",
    "Outcome",
    "Posterior",
    "Score",
    "code_choices",
    "code_numbers",
    "dawid_skene",
    "infer",
    "infer_numbers",
    "majority",
    "robust_mean",
    "score_labels",
    "score_numbers",
    "shared_accuracy",
    "warm",
    "workers_differ_by",
]
