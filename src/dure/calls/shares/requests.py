"""A request about money that is sent again has the effect of one."""

from __future__ import annotations

from typing import Any, TypeVar

from dure.calls.models import Call
from dure.calls.shares.models import Gain, PayIn
from dure.clock import now
from dure.errors import Invalid
from dure.ledger.journal import KeyReused

KEY_LETTERS_MAX = 200

Row = TypeVar("Row", Gain, PayIn)


def check_request_key(request_key: str) -> None:
    if not 0 < len(request_key) <= KEY_LETTERS_MAX:
        raise Invalid("A request needs a key of 1 to {most} letters.", most=KEY_LETTERS_MAX)


def record_once(
    rows: type[Row], *, call: Call, request_key: str, wanted: dict[str, Any], by: str
) -> tuple[Row, bool]:
    """The row of a request and whether it is new; the call is held.

    An earlier one under the same key says the same, or it is another request.
    """
    made, is_new = rows.objects.get_or_create(
        call=call, request_key=request_key, defaults={**wanted, "at": now(), "by": by}
    )
    if not is_new and any(getattr(made, name) != value for name, value in wanted.items()):
        raise KeyReused("This request was sent before with other content; send a new one.")
    return made, is_new
