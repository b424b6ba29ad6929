"""What comes of answers that came with predictions of the others' answers."""

from __future__ import annotations

from dataclasses import dataclass

from dure.truth.types import Floats, Ints, Outcome, Posterior


@dataclass(frozen=True, slots=True)
class Reasons:
    """What speaks for the surprising answers against the popular ones, in natural log odds.

    `recorded` is how it went in recorded crowds, `share` how rarely so many majorities are wrong,
    `skill` whether those who answer better elsewhere give the surprising answers, and `gold`
    which of the two known labels bear out. They sum to the evidence.
    """

    recorded: float
    share: float
    skill: float
    gold: float


@dataclass(frozen=True, slots=True, eq=False)
class SurpriseTerms:
    """What turns one task's votes and predictions into probabilities.

    A label's expected share is the mean prediction, times e to the power of `lean`, scaled to sum
    to 1. The votes are drawn to it as if `n_expected` more had come as expected. What that share
    is over the expected one, to the power of `sharpness`, times what the fit to the votes says
    over the smoothed vote share, to the power of `trust`, is a label's odds.
    """

    lean: Floats
    n_expected: float
    sharpness: float
    trust: float


@dataclass(frozen=True, slots=True, eq=False)
class Surprise:
    """Which label is more popular than predicted, beside which one is popular.

    `surprising` is each task's label whose votes exceed what was to be expected by most, `margin`
    by how much (a difference of shares), `popular` the majority's. `vote_share` and
    `predicted_share` are of the surprising label; -1 and nan without answers or predictions.
    `believes_surprising` says which of the two the test believes in this call, and `evidence` how
    strongly, in natural log odds for the surprising one, of which `reasons` are the parts.

    `probability` and `label` are as in `Posterior`: by `terms` where the surprising answers are
    believed, else those of `by_votes`, the fit to the votes alone. `skill` is the chance that a
    worker's answer is right, with its 90 % interval; `foresight_error` how far a worker's
    predictions lay from the votes, a mean difference of shares from 0 to 1; nan without any.
    """

    surprising: Ints
    margin: Floats
    popular: Ints
    vote_share: Floats
    predicted_share: Floats
    believes_surprising: bool
    evidence: float
    reasons: Reasons
    probability: Floats
    label: Ints
    n_answers: Ints
    skill: Floats
    skill_low: Floats
    skill_high: Floats
    foresight_error: Floats
    terms: SurpriseTerms
    by_votes: Posterior
    outcome: Outcome
    method: str
    version: str
    seed: int
