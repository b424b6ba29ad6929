"""What is the same in two texts, however they were typed."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

# Signs at the ends that say something: a share, a code, a name, a tag, a programming language.
MEANT_AT_ENDS = frozenset("%‰#@&*/\\")
QUOTES_AND_DASHES = str.maketrans(
    dict.fromkeys("‘’‛′＇`´", "'")
    | dict.fromkeys("“”„‟″＂", '"')
    | dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("\t\n\v\f\r\x85", " ")
)
# Half-width jamo are those of a keyboard (U+3131 and on) in another width.
HALF_WIDTH_JAMO = {
    code: int(unicodedata.decomposition(chr(code)).split()[1], 16)
    for code in range(0xFFA1, 0xFFDD)
    if unicodedata.decomposition(chr(code))
}
# The jamo of keyboards as they begin, fill and end a syllable (KS X 1001, Unicode chapter 3.12).
LEADS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWELS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
TAILS = "ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ"
SYLLABLE_FIRST, SYLLABLE_LAST = 0xAC00, 0xD7A3
LOOSE_SYLLABLE = re.compile(f"([{LEADS}])([{VOWELS}])(?:([{TAILS}])(?![{VOWELS}]))?")
SPACES = re.compile(r"\s+")
# Texts may be long; those of one task follow each other.
N_KEPT = 2**12
N_SIGNS_KEPT = 2**14


@lru_cache(maxsize=N_KEPT)
def normalise(text: str) -> str:
    """Bring a text to the form in which equal texts are equal.

    Width, case, white space, quotes and dashes, invisible signs, how Hangul is composed and
    punctuation at the ends make no difference; figures, inner punctuation and accents do.

    Parameters
    ----------
    text : str
        As it was typed.

    Returns
    -------
    str
        The same for texts that are the same; a form is its own form.

    Notes
    -----
    Source: Unicode Standard Annex 15 (NFKC) and section 3.13 (case folding).
    """
    if text.isascii():
        return _trimmed(SPACES.sub(" ", _without_controls(text.translate(QUOTES_AND_DASHES)))
                        .casefold())  # fmt: skip
    whole = _with_syllables(text.translate(HALF_WIDTH_JAMO))
    for _ in range(2):
        # Folding can leave what normalising would compose, and the other way round.
        whole = unicodedata.normalize("NFKC", whole).casefold()
    whole = unicodedata.normalize("NFKC", whole).translate(QUOTES_AND_DASHES)
    return _trimmed(SPACES.sub(" ", _without_controls(whole)))


def has_unspaced_script(form: str) -> bool:
    """Tell whether spaces in a text may be left out or put in: Hangul, Han, kana.

    Parameters
    ----------
    form : str
        A text.

    Returns
    -------
    bool
        Whether one of its signs is of such a script.
    """
    return not form.isascii() and any(
        SYLLABLE_FIRST <= ord(sign) <= SYLLABLE_LAST or "\u3040" <= sign <= "\u9fff"
        for sign in form
    )


def letters_of(form: str) -> str:
    """Take Hangul apart into jamo, so that one wrong key is one wrong letter.

    A consonant is the same letter at the beginning and at the end of a syllable.

    Parameters
    ----------
    form : str
        A normalised text.

    Returns
    -------
    str
        Its letters; other scripts as they are.
    """
    return form if form.isascii() else "".join(map(_letters_of_sign, form))


@lru_cache(maxsize=N_SIGNS_KEPT)
def _letters_of_sign(sign: str) -> str:
    code = ord(sign)
    if not SYLLABLE_FIRST <= code <= SYLLABLE_LAST:
        return sign
    lead, rest = divmod(code - SYLLABLE_FIRST, 21 * 28)
    vowel, tail = divmod(rest, 28)
    return LEADS[lead] + VOWELS[vowel] + (TAILS[tail - 1] if tail else "")


def _with_syllables(text: str) -> str:
    """Compose jamo typed one by one; a consonant before a vowel begins the next syllable."""
    return LOOSE_SYLLABLE.sub(_syllable, text)


def _syllable(found: re.Match[str]) -> str:
    lead, vowel, tail = found.groups()
    n_tail = TAILS.index(tail) + 1 if tail else 0
    place = (LEADS.index(lead) * 21 + VOWELS.index(vowel)) * 28 + n_tail
    return chr(SYLLABLE_FIRST + place)


def _without_controls(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    return "".join(sign for sign in text if unicodedata.category(sign) not in ("Cc", "Cf"))


def _trimmed(text: str) -> str:
    """Take spaces and punctuation off the ends, unless nothing else is there."""
    first, last = 0, len(text)
    while first < last and _is_loose(text[first]) and not _begins_number(text, first):
        first += 1
    while last > first and _is_loose(text[last - 1]):
        last -= 1
    return text[first:last] if first < last else text.strip()


def _is_loose(sign: str) -> bool:
    return sign == " " or (sign not in MEANT_AT_ENDS and unicodedata.category(sign)[0] == "P")


def _begins_number(text: str, at: int) -> bool:
    """Whether a minus or a point belongs to the number after it."""
    return text[at] in "-." and text[at + 1 : at + 3].lstrip(".")[:1].isdigit()
