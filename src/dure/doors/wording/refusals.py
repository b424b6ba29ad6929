"""Refusals in the reader's language: the sentence's own words are the key of its translation."""

from __future__ import annotations

from django.utils.translation import gettext

from dure.errors import Refusal, Sentence, fill


def spell_refusal(refusal: Refusal) -> str:
    """The sentence as a page shows it; in English if nobody has translated it."""
    return spell_sentence(refusal.sentence)


def spell_sentence(sentence: str) -> str:
    """A sentence, and those that fill its gaps, as a page shows them; any other text as it is."""
    if not isinstance(sentence, Sentence):
        return sentence
    words = gettext(sentence.template)
    facts = {
        name: spell_sentence(fact) if isinstance(fact, Sentence) else fact
        for name, fact in sentence.facts.items()
    }
    try:
        return fill(words, facts)
    except (KeyError, IndexError, ValueError):
        # A translation that names what the sentence does not know is worse than English.
        return str(sentence)
