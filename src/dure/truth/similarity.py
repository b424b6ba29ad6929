"""How near two spellings lie, and which may not be taken for one another however near they lie."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import NamedTuple

from dure.truth.normal_text import has_unspaced_script, letters_of

# Shorter texts must be the same to the letter: among words of four letters too many lie one
# letter apart. A sign of Hangul holds two or three letters, so fewer signs will do.
SIZE_MIN = 5
SIZE_MIN_UNSPACED = 3
# In a text of several words one so short must be the same to the letter.
WORD_EXACT = 3
# So many errors that crowd in one place are another word; slips lie far between.
CROWDED_MIN = 3
CROWDED_PART = 0.5
FIGURES = re.compile(r"\d+")
# A word with a figure in it is a code; next to Hangul it is the figure alone ("3년", "3번").
CODE = re.compile(r"[^\s\u3040-\u9fff\uac00-\ud7a3]*\d[^\s\u3040-\u9fff\uac00-\ud7a3]*")
# Texts may be long; those of one task follow each other.
N_KEPT = 2**12
ROUNDING = 1e-9


class Written(NamedTuple):
    """A normalised text, taken apart for comparing."""

    form: str
    letters: str
    words: tuple[str, ...]
    size: int
    is_unspaced: bool
    figures: tuple[str, ...]
    codes: tuple[str, ...]


@lru_cache(maxsize=N_KEPT)
def take_apart(form: str) -> Written:
    """Take a normalised text apart for comparing.

    Parameters
    ----------
    form : str
        A text of `normalise`.

    Returns
    -------
    Written
        Its letters, words, figures and codes.
    """
    is_unspaced = has_unspaced_script(form)
    spaceless = form.replace(" ", "")
    has_figures = bool(FIGURES.search(form))
    return Written(
        form=form,
        letters=letters_of(spaceless) if is_unspaced else form,
        words=tuple(form.split()),
        size=len(spaceless),
        is_unspaced=is_unspaced,
        figures=tuple(FIGURES.findall(form)) if has_figures else (),
        codes=tuple(CODE.findall(form)) if has_figures else (),
    )


def apart(one: Written, other: Written, *, nearness: float) -> float:
    """Tell how far apart two texts lie, in errors a letter.

    Figures, codes and short words must be the same, nothing may stand before one that is the end
    of the other ("possible", "impossible"), and no word may be left out. In Hangul and other
    scripts where spacing is often left to taste, spaces make no difference.

    Parameters
    ----------
    one, other : Written
        Two texts that are not the same.
    nearness : float
        The most errors a letter that are of interest.

    Returns
    -------
    float
        Errors a letter of the longer one, inf where they are too many or may not be taken for
        errors.
    """
    if one.figures != other.figures:
        return math.inf
    if one.is_unspaced and one.letters == other.letters:
        return 0.0
    if one.codes != other.codes or one.is_unspaced != other.is_unspaced:
        return math.inf
    if min(one.size, other.size) < (SIZE_MIN_UNSPACED if one.is_unspaced else SIZE_MIN):
        return math.inf
    length = max(len(one.letters), len(other.letters))
    most = int(nearness * length + ROUNDING)
    # Words before the whole: most texts that differ do so in a word, which is soon seen.
    if abs(len(one.letters) - len(other.letters)) > most or _are_of_other_words(
        one, other, nearness
    ):
        return math.inf
    n_errors = count_errors(one.letters, other.letters, most=most)
    if n_errors > most:
        return math.inf
    if n_errors >= CROWDED_MIN:
        differing = max(map(len, _where_they_differ(one.letters, other.letters)))
        if n_errors > CROWDED_PART * differing:
            return math.inf
    return n_errors / length


def _are_of_other_words(one: Written, other: Written, nearness: float) -> bool:
    if _ends_in(one.letters, other.letters):
        return True
    if len(one.words) != len(other.words):
        shorter, longer = sorted((one.words, other.words), key=len)
        return _is_left_of(shorter, longer)
    # In unspaced scripts what stands between spaces need not be a word: the whole tells.
    if len(one.words) < 2 or one.is_unspaced:
        return False
    return any(
        first != second and _is_other_word(first, second, nearness)
        for first, second in zip(one.words, other.words, strict=True)
    )


def _is_other_word(first: str, second: str, nearness: float) -> bool:
    if min(len(first), len(second)) <= WORD_EXACT or _ends_in(first, second):
        return True
    most = max(1, int(nearness * max(len(first), len(second)) + ROUNDING))
    return count_errors(first, second, most=most) > most


def _ends_in(one: str, other: str) -> bool:
    return one != other and (one.endswith(other) or other.endswith(one))


def _is_left_of(shorter: tuple[str, ...], longer: tuple[str, ...]) -> bool:
    """Whether only whole words were left out."""
    rest = iter(longer)
    return all(word in rest for word in shorter)


def count_errors(one: str, other: str, *, most: int) -> int:
    """Count the letters that were left out, put in, replaced or swapped with their neighbour.

    Parameters
    ----------
    one, other : str
        Letters.
    most : int
        Where more are needed, any number above it may come back.

    Returns
    -------
    int
        The least number of errors that make one of the other.

    Notes
    -----
    Source: H. Hyyrö, A bit-vector algorithm for computing Levenshtein and Damerau edit distances,
    Nordic Journal of Computing 10, 2003, figure 9; Python's integers hold a column of any length.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    one, other = _where_they_differ(one, other)
    if not one or not other:
        return max(len(one), len(other))
    # Each letter that the other lacks takes an error of its own.
    kinds, others = set(one), set(other)
    if len(kinds - others) > most or len(others - kinds) > most:
        return most + 1
    return _swapping_distance(one, other, most=most)


def _where_they_differ(one: str, other: str) -> tuple[str, str]:
    first, last_one, last_other = 0, len(one), len(other)
    shorter = min(last_one, last_other)
    while first < shorter and one[first] == other[first]:
        first += 1
    while min(last_one, last_other) > first and one[last_one - 1] == other[last_other - 1]:
        last_one, last_other = last_one - 1, last_other - 1
    return one[first:last_one], other[first:last_other]


def _swapping_distance(one: str, other: str, *, most: int) -> int:
    full, top = (1 << len(one)) - 1, 1 << (len(one) - 1)
    places: dict[str, int] = {}
    for at, letter in enumerate(one):
        places[letter] = places.get(letter, 0) | 1 << at
    distance, rises, falls, same, before = len(one), full, 0, 0, 0
    for n_left, letter in zip(range(len(other) - 1, -1, -1), other, strict=True):
        here = places.get(letter, 0)
        swapped = (((~same & here) << 1) & before) & full
        same = ((((here & rises) + rises) ^ rises) | here | falls | swapped) & full
        up, down = falls | (full & ~(same | rises)), same & rises
        distance += bool(up & top) - bool(down & top)
        if distance - n_left > most:
            return most + 1
        up, down = (up << 1 | 1) & full, (down << 1) & full
        rises, falls, before = down | (full & ~(same | up)), up & same, here
    return distance
