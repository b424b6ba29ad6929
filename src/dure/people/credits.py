"""Thanks by name, for those who want it; a name can be taken back at any time."""

from __future__ import annotations

from dure.clock import now
from dure.errors import Invalid
from dure.people.models import Credit

NAME_LETTERS_MAX = 60
SHOWN_MAX = 500


def set_credit(*, call_id: int, contributor_id: int, name: str) -> Credit:
    """Thank a contributor under this name, in public once the call is over."""
    credit, _ = Credit.objects.update_or_create(
        call_id=call_id,
        contributor_id=contributor_id,
        defaults={"name": _read_name(name), "at": now()},
    )
    return credit


def drop_credit(*, call_id: int, contributor_id: int) -> None:
    Credit.objects.filter(call_id=call_id, contributor_id=contributor_id).delete()


def credits_of(*, call_id: int) -> list[str]:
    """The names to thank for a call, those who came first before the others."""
    found = Credit.objects.filter(call_id=call_id).order_by("at")
    return list(found.values_list("name", flat=True)[:SHOWN_MAX])


def _read_name(given: str) -> str:
    name = " ".join(given.split())
    # Signs that turn or hide text would change the names beside it.
    if not 0 < len(name) <= NAME_LETTERS_MAX or not name.isprintable():
        raise Invalid(
            "A name has 1 to {most} letters, all of them visible; got {given!r:.80}.",
            most=NAME_LETTERS_MAX,
            given=given,
        )
    return name
