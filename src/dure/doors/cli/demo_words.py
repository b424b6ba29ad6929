"""Words and how good or bad ten people found each, for a demo with known ratings.

The ratings stay in the package vaderSentiment (MIT licence; Hutto and Gilbert, ICWSM 2014).
`demo_words.txt` names the words taken from it: plain ones, spread evenly from bad to good.
"""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

from dure.errors import Refusal

WORDS = Path(__file__).with_name("demo_words.txt")
PACKAGE = "vaderSentiment"
LEXICON = "vader_lexicon.txt"
NOT_INSTALLED = "The demo's words come from {package}; install it with `pip install {package}`."


def read_words() -> list[tuple[str, list[int]]]:
    """Each word with its ten ratings, from -4 (very bad) to 4 (very good)."""
    lines = _find_lexicon().read_text(encoding="utf-8").splitlines()
    ratings_of = {word: ratings for word, _, _, ratings in (line.split("\t") for line in lines)}
    return [(word, json.loads(ratings_of[word])) for word in WORDS.read_text("utf-8").split()]


def _find_lexicon() -> Path:
    # The package is found, not imported: its import asks for an HTTP client that Dure lacks.
    spec = find_spec(PACKAGE)
    for folder in (spec and spec.submodule_search_locations) or ():
        lexicon = Path(folder) / LEXICON
        if lexicon.is_file():
            return lexicon
    raise Refusal(NOT_INSTALLED, package=PACKAGE)
