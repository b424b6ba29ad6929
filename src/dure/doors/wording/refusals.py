"""Refusals in the reader's language: the sentence's own words are the key of its translation."""

from __future__ import annotations

from django.utils.translation import gettext

from dure.errors import Refusal


def spell_refusal(refusal: Refusal) -> str:
    """The sentence as a page shows it; in English if nobody has translated it."""
    words = gettext(refusal.template)
    try:
        return words.format(**refusal.facts) if refusal.facts else words
    except (KeyError, IndexError, ValueError):
        # A translation that names what the sentence does not know is worse than English.
        return refusal.sentence
