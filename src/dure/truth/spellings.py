"""Which spellings of one task are one text, and which of them is the best."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import inf

from dure.truth.normal_text import normalise
from dure.truth.similarity import apart, count_errors, take_apart

# A slip is made by one of a few: one that more than this part of the others make is meant.
REPEATED_PART = 0.25
# So long a text may join another that has no more answers: two like that are not two words.
LONG_SIZE = 20
# A spelling is compared with so many better supported ones of its task.
N_CENTRES_MAX = 64
# A word known from other tasks counts as if one more had given it.
KNOWN_ANSWERS = 1.0
N_SPELLINGS_COMPARED_MAX = 32
# The longer texts are, the fewer are compared: nobody makes a fit take long by writing much.
LETTERS_COMPARED_MAX = 2**15


def gather(
    counts: Mapping[str, int],
    *,
    nearness: float,
    known: Collection[str] = (),
    right: str | None = None,
) -> list[list[str]]:
    """Put the forms given to one task together that are spellings of one text.

    Forms are taken by how many gave them. Each joins the nearest text before it of which it may
    be a slip: near enough, given by few beside that one, not known as a text of its own and with
    no known word in the place of another.

    Parameters
    ----------
    counts : mapping of text to int
        How many answers each form has.
    nearness : float
        The most errors a letter between spellings of one text.
    known : collection of text
        Forms that are words of their own.
    right : text, optional
        The known form, which others may be slips of whether or not somebody gave it.

    Returns
    -------
    list of list of text
        The forms of each text, the best supported first; the same whatever the order of `counts`.
    """
    every = counts if right is None or right in counts else {**counts, right: 0}
    if len(every) < 2:
        return [[form] for form in every]
    same = _same_but_for_spaces(every, known=known, right=right)
    total = {forms[0]: sum(every[form] for form in forms) for forms in same}
    texts: list[list[str]] = []
    for forms in sorted(same, key=lambda one: _standing(one[0], total, known=known, right=right)):
        form, nearest, least = forms[0], None, inf
        for text in texts[: few_enough(N_CENTRES_MAX, form)]:
            centre = text[0]
            distance = apart(take_apart(centre), take_apart(form), nearness=nearness)
            if distance == inf:
                continue
            words = _differing_words(form, centre)
            may_join = (
                form not in known
                and not any(one in known and other in known for one, other in words)
                and _is_slip(form, centre, total, known=known, is_right=centre == right)
            )
            if may_join and distance < least:
                nearest, least = text, distance
        if nearest is None:
            texts.append(forms)
        else:
            nearest += forms
    return texts


def few_enough(most: int, form: str) -> int:
    """Tell with how many others a text may be compared.

    Parameters
    ----------
    most : int
        With how many if it is not long.
    form : str
        A normalised text.

    Returns
    -------
    int
        At least 1.
    """
    return max(1, min(most, LETTERS_COMPARED_MAX // max(1, len(take_apart(form).letters))))


def _standing(
    form: str, counts: Mapping[str, int], *, known: Collection[str], right: str | None
) -> tuple[bool, int, bool, str]:
    """Return what forms are sorted by: the known one, the most frequent, words, the rest."""
    return (form != right, -counts[form], form not in known, form)


def _same_but_for_spaces(
    counts: Mapping[str, int], *, known: Collection[str], right: str | None
) -> list[list[str]]:
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for form in sorted(counts, key=lambda one: _standing(one, counts, known=known, right=right)):
        written = take_apart(form)
        found.setdefault((written.letters, written.figures), []).append(form)
    return list(found.values())


def _differing_words(form: str, centre: str) -> list[tuple[str, str]]:
    """Return the words of a form that stand in the place of others, with those."""
    words, others = take_apart(form).words, take_apart(centre).words
    if len(words) != len(others):
        return []
    return [(one, other) for one, other in zip(words, others, strict=True) if one != other]


def _is_slip(
    form: str, centre: str, counts: Mapping[str, int], *, known: Collection[str], is_right: bool
) -> bool:
    """Whether the better supported of two near forms can be told, and the other is rare."""
    if counts[form] > max(1.0, REPEATED_PART * counts[centre]):
        return False
    is_better = is_right or counts[centre] > counts[form] or centre in known
    return is_better or min(len(form), len(centre)) >= LONG_SIZE


def supports(text: Sequence[str], counts: Mapping[str, int], known: Collection[str]) -> list[float]:
    """Count how many answers stand behind each spelling of a text, spaces aside where they may be.

    Parameters
    ----------
    text : sequence of text
        Its forms.
    counts : mapping of text to int
        How many answers each form has.
    known : collection of text
        Forms that are words of their own.

    Returns
    -------
    list of float
        Answers, with `KNOWN_ANSWERS` for a known word.
    """
    found: dict[str, float] = {}
    for form in text:
        letters = take_apart(form).letters
        found[letters] = found.get(letters, 0.0) + counts.get(form, 0)
    for letters in {take_apart(form).letters for form in text if form in known}:
        found[letters] += KNOWN_ANSWERS
    return list(found.values())


def best_spelling(
    texts: Sequence[str],
    weights: Sequence[float],
    *,
    known: Collection[str] = (),
    styles: Mapping[str, float] | None = None,
) -> str:
    """Choose how a text is best spelt.

    The most frequent form, ties by the reliability of those who gave it and then by which is
    nearest to all others. In it the most frequent spelling, the share of its style added; ties by
    reliability, then by code point.

    Parameters
    ----------
    texts : (n_answers,) text
        The answers of one cluster, as given.
    weights : (n_answers,) float
        How reliable those who gave them are.
    known : collection of text
        Forms that are words of their own.
    styles : mapping of text to float, optional
        How large a part of all answers are in each style; see `style_of`.

    Returns
    -------
    str
        One of `texts`.
    """
    if len(set(texts)) == 1:
        return texts[0]
    forms = [normalise(text) for text in texts]
    # Spaces where they may be left out are told apart last.
    letters = [take_apart(form).letters for form in forms]
    known_letters = {one for one, form in zip(letters, forms, strict=True) if form in known}
    best_letters = _best_supported(letters, weights, favoured=known_letters)
    kept = [at for at, one in enumerate(letters) if one == best_letters]
    best = _best_supported([forms[at] for at in kept], [weights[at] for at in kept], favoured=known)
    kept = [at for at in kept if forms[at] == best]
    n_of_text, weight_of_text = _totals([texts[at] for at in kept], [weights[at] for at in kept])

    def _standing(text: str) -> tuple[float, float, str]:
        part = 0.0 if styles is None else styles.get(style_of(text), 0.0)
        return (-(n_of_text[text] + part), -weight_of_text[text], text)

    return min(n_of_text, key=_standing)


def style_of(text: str) -> str:
    """Tell how a text is written: its case, and whether its ends are loose.

    Parameters
    ----------
    text : str
        As it was given.

    Returns
    -------
    str
        One of a few names.
    """
    if text.islower():
        case = "lower"
    elif text.isupper():
        case = "upper"
    elif text.istitle():
        case = "title"
    else:
        case = "mixed"
    ends = text[:1] + text[-1:]
    return case if ends.isalnum() else f"{case}, loose ends"


def _best_supported(
    names: Sequence[str], weights: Sequence[float], *, favoured: Collection[str]
) -> str:
    counts, totals = _totals(names, weights)
    standing = {
        name: (n + (KNOWN_ANSWERS if name in favoured else 0.0), totals[name])
        for name, n in counts.items()
    }
    most = max(standing.values())
    tied = [name for name in sorted(standing) if standing[name] == most]
    return tied[0] if len(tied) == 1 else _most_central(tied, counts)


def _totals(
    names: Sequence[str], weights: Sequence[float]
) -> tuple[dict[str, int], dict[str, float]]:
    counts: dict[str, int] = {}
    totals: dict[str, float] = {}
    for name, weight in zip(names, weights, strict=True):
        counts[name] = counts.get(name, 0) + 1
        totals[name] = totals.get(name, 0.0) + weight
    # Sums in another order differ in their last bits.
    return counts, {name: round(total, 9) for name, total in totals.items()}


def _most_central(tied: Sequence[str], counts: Mapping[str, int]) -> str:
    n_most = few_enough(N_SPELLINGS_COMPARED_MAX, max(counts, key=lambda name: (len(name), name)))
    others = sorted(counts, key=lambda name: (-counts[name], name))[:n_most]

    def n_errors(name: str) -> int:
        most = len(name) + max(map(len, others))
        return sum(counts[other] * count_errors(name, other, most=most) for other in others)

    return min(tied[:n_most], key=lambda name: (n_errors(name), name))
