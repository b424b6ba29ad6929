"""A refusal is one sentence, its class's own or a better one, with facts put in."""

from __future__ import annotations

import copy

from dure.errors import QUOTED_LETTERS_MAX, Invalid, NotSignedIn, Sentence, TooLarge, any_of, quote


def test_docstring_is_the_default_sentence_on_one_line() -> None:
    assert NotSignedIn().sentence == (
        "No valid token came with this request; join the call, or send a token that is not revoked."
    )


def test_facts_are_put_into_the_sentence() -> None:
    assert TooLarge(bytes_max=10).sentence == "The body is larger than 10 bytes; send it in pieces."


def test_sentence_that_quotes_braces_stays_as_it_is() -> None:
    assert Invalid("Expected {a: 1}; got {}.").sentence == "Expected {a: 1}; got {}."


def test_long_value_is_quoted_by_its_beginning() -> None:
    signs = "\x7f" * 1_000_000
    beginning = repr(signs)[:QUOTED_LETTERS_MAX]

    assert (quote("yes"), quote("가" * 78)) == ("'yes'", f"'{'가' * 78}'")
    assert quote(signs) == f"{beginning}…"
    assert Invalid("Expected a number; got {given!r}.", given=[signs]).sentence == (
        f"Expected a number; got [{beginning[:-1]}…."
    )


def test_sentence_keeps_its_gaps_open_beside_its_english() -> None:
    inner = Sentence("Expected a text; got {value!r}.", value=3)
    outer = Invalid("gold does not answer the question. {why}", why=inner).sentence

    assert outer == "gold does not answer the question. Expected a text; got 3."
    assert outer.template == "gold does not answer the question. {why}"
    assert outer.facts == {"why": inner}
    assert copy.deepcopy(outer).facts == {"why": inner}
    assert [any_of(["a"]), any_of(["a", "b"]), any_of(["a", "b", "c"])] == [
        "a", "a or b", "a, b or c",
    ]  # fmt: skip
