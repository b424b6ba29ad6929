"""What a worker's answers weigh, from what is believed of the worker; nothing here is compiled."""

from __future__ import annotations

import numpy as np

from dure.truth.types import Floats

# Accuracies are kept this far from 0 and 1, so that their odds stay finite.
ACCURACY_MARGIN = 1e-3


def log_chances(
    concentration: Floats, *, n_labels: int, in_place: bool = False
) -> tuple[Floats, Floats]:
    """Turn what is believed of workers into what their answers weigh.

    Parameters
    ----------
    concentration : (n_workers, n_labels, n_states) or (n_workers, 2) float64
        As in `Habits`.
    n_labels : int
        How many labels there are.
    in_place : bool
        Whether matrices may be written over, to spare their memory.

    Returns
    -------
    (n_workers, n_labels, n_states) float64, (n_workers,) float64
        The log chance of each label given the state, and how much more often the right label is
        given than any one wrong one, as a logarithm; the one that does not apply is empty.
    """
    if concentration.ndim == 2:
        right = concentration[:, 0] / concentration.sum(axis=1)
        return np.empty((0, 0, 0)), np.log(odds(right) * max(n_labels - 1, 1))
    total = concentration.sum(axis=1, keepdims=True)
    logs = np.log(concentration, out=concentration if in_place else None)
    logs -= np.log(total)
    return logs, np.empty(0)


def odds(chance: Floats) -> Floats:
    """Return chance / (1 - chance), kept finite.

    Parameters
    ----------
    chance : float64
        From 0 to 1, of any shape.

    Returns
    -------
    float64
        Of the same shape.
    """
    kept = np.clip(chance, ACCURACY_MARGIN, 1.0 - ACCURACY_MARGIN)
    ratio: Floats = kept / (1.0 - kept)
    return ratio


def divisors(said: Floats, most: Floats, *, correlation: float) -> Floats:
    """Return what log odds are divided by for what fails together: see the kernel `temper`.

    Parameters
    ----------
    said : (n_states,) float64
        How much the answers and the prevalence say between the likeliest state and each, in sum.
    most : (n_states,) float64
        How much the one that says most does.
    correlation : float
        As in `Habits`.

    Returns
    -------
    (n_states,) float64
        At least 1.
    """
    counted = said / np.where(most > 0.0, most, 1.0)
    return np.where(most > 0.0, np.maximum(1.0 + correlation * (counted - 1.0), 1.0), 1.0)
