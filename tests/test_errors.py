"""A refusal is one sentence, its class's own or a better one, with facts put in."""

from __future__ import annotations

from dure.errors import Invalid, NotSignedIn, TooLarge


def test_docstring_is_the_default_sentence_on_one_line() -> None:
    assert NotSignedIn().sentence == (
        "No valid token came with this request; join the call, or send a token that is not revoked."
    )


def test_facts_are_put_into_the_sentence() -> None:
    assert TooLarge(bytes_max=10).sentence == "The body is larger than 10 bytes; send it in pieces."


def test_sentence_that_quotes_braces_stays_as_it_is() -> None:
    assert Invalid("Expected {a: 1}; got {}.").sentence == "Expected {a: 1}; got {}."
