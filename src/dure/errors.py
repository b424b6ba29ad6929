"""Every refusal: a person's mistake, told in one sentence; its docstring is the default."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import Formatter

QUOTED_LETTERS_MAX = 80


class Sentence(str):
    """Words for people, English as they stand; a translation is found by the template's words."""

    __slots__ = ("facts", "template")

    template: str
    facts: dict[str, object]

    def __new__(cls, template: str, /, **facts: object) -> Sentence:
        # One line, with its gaps still open.
        words = " ".join(template.split())
        filled = fill(words, facts)
        made = super().__new__(cls, " ".join(filled.split()))
        made.template, made.facts = words, facts
        return made


def quote(value: object) -> str:
    """What came from outside, as a sentence says it: a long value is cut, whatever it holds."""
    shown = repr(value)
    return shown if len(shown) <= QUOTED_LETTERS_MAX else f"{shown[:QUOTED_LETTERS_MAX]}…"


def fill(words: str, facts: Mapping[str, object]) -> str:
    """A sentence with its gaps filled; what it quotes, as {value!r}, is cut where it is long."""
    return _QUOTING.vformat(words, (), facts) if facts else words


class _Quoting(Formatter):
    def convert_field(self, value: object, conversion: str | None) -> object:
        return quote(value) if conversion == "r" else super().convert_field(value, conversion)


_QUOTING = _Quoting()


def any_of(names: Sequence[str]) -> str:
    """Names in a row, with an "or" before the last, which has a translation of its own."""
    if len(names) < 2:
        return names[0]
    return Sentence("{others} or {last}", others=", ".join(names[:-1]), last=names[-1])


class Refusal(Exception):
    """This can't be done."""

    # Stable, shared by the API, the pages and the docs; never translated.
    code = "refused"
    # The number HTTP gives this family of refusals.
    status = 422

    def __init__(self, sentence: str | None = None, /, **facts: object) -> None:
        template = sentence if sentence is not None else (type(self).__doc__ or "")
        self.sentence = Sentence(template, **facts)
        super().__init__(self.sentence)


class Malformed(Refusal):
    """The body was not JSON; send a JSON object."""

    code = "not-json"
    status = 400


class NotSignedIn(Refusal):
    """No valid token came with this request; join the call, or send a token that is not revoked."""

    code = "no-token"
    status = 401


class OutsideScope(Refusal):
    """This token does not reach that far; use one with the scope the request needs."""

    code = "outside-scope"
    status = 403


class Unknown(Refusal):
    """There is no such thing here; check the address."""

    code = "unknown"
    status = 404


class WrongState(Refusal):
    """The state of the call does not allow this."""

    code = "wrong-state"
    status = 409


class TooLarge(Refusal):
    """The body is larger than {bytes_max} bytes; send it in pieces."""

    code = "too-large"
    status = 413


class TooMany(Refusal):
    """Too many requests came in a short time; wait {seconds} s, then send the same again."""

    code = "too-many"
    status = 429

    def __init__(self, seconds: int) -> None:
        self.wait_seconds = seconds
        super().__init__(seconds=seconds)


class Invalid(Refusal):
    """A field has a value that is not allowed."""

    code = "wrong-fields"
    status = 422


class Busy(Refusal):
    """Too much is going on just now; try again in a moment. Nothing was lost or half done."""

    code = "busy"
    status = 503


class Away(Busy):
    """The database does not answer just now; send the same again in a moment. Nothing was lost or
    half done."""
