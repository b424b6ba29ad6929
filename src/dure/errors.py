"""Every refusal: a person's mistake, told in one sentence; its docstring is the default."""

from __future__ import annotations


class Refusal(Exception):
    """This can't be done."""

    # Stable, shared by the API, the pages and the docs; never translated.
    code = "refused"
    # The number HTTP gives this family of refusals.
    status = 422

    def __init__(self, sentence: str | None = None, /, **facts: object) -> None:
        template = sentence if sentence is not None else (type(self).__doc__ or "")
        # One line, with its gaps still open: what translations are found by.
        self.template = " ".join(template.split())
        filled = self.template.format(**facts) if facts else self.template
        self.sentence = " ".join(filled.split())
        self.facts = facts
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


class Invalid(Refusal):
    """A field has a value that is not allowed."""

    code = "wrong-fields"
    status = 422


class Busy(Refusal):
    """Too much is going on just now; try again in a moment. Nothing was lost or half done."""

    code = "busy"
    status = 503
