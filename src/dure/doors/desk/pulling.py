"""How far each answer moved a number or an item of a ranking, in words and as a bar."""

from __future__ import annotations

from uuid import UUID

from django.utils.translation import gettext as _

from dure.calls.models import Call
from dure.calls.tasks.weighing.parts import Moved
from dure.doors.desk.cards import spell_value
from dure.doors.desk.pulls import Pull, Pulls, link_others, name_besides, name_gone, place_bar
from dure.doors.desk.verdicts.parts import spell_amount
from dure.doors.wording.saying import spell_number, spell_share

# Numbers are shown with two decimals, and what moves one by less hardly moves it.
HARDLY = 0.005


def show_moves(moved: Moved, *, call: Call, shown: set[UUID]) -> Pulls:
    """The answers `shown` each by itself; those that were taken back since the fit as one."""
    gone = [one.weight for one in moved.answers if one.answer_id not in shown]
    besides = name_besides(moved.besides, is_known=moved.is_known)
    amounts = [one.weight for one in moved.answers] + [amount for _name, amount in besides]
    heaviest = max(map(abs, amounts), default=0.0) or 1.0
    notes = [_("%(share)s of the weight") % {"share": spell_share(one)} for one in moved.shares]

    def show(amount: float, note: str = "") -> Pull:
        start, length = place_bar(amount, heaviest=heaviest)
        words = _spell_move(amount, kind=moved.kind, call=call)
        return Pull(words, "", start, length, is_for=amount >= 0, note=note)

    noted = zip(moved.answers, notes or [""] * len(moved.answers), strict=True)
    picks_name, picks = link_others(moved.kind, moved.others, current=moved.item, call=call)
    is_number = moved.kind == "number"
    return Pulls(
        prior=Pull(_spell_place(moved.start, kind=moved.kind, call=call), "", "", "", is_for=True),
        of_answer={
            one.answer_id: show(one.weight, note) for one, note in noted if one.answer_id in shown
        },
        gone=show(sum(gone)) if gone else None,
        gone_name=name_gone(len(moved.answers)) if gone else "",
        total=_say_end(moved, call=call),
        besides=tuple((name, show(amount)) for name, amount in besides),
        hint=_hint_of_number() if is_number else _hint_of_item(),
        head=_("How far it moved it"),
        first=_("The middle of the answers") if is_number else _("The middle of these items"),
        picks_name=picks_name,
        picks=picks,
    )


def say_end_alone(moved: Moved, *, call: Call) -> str:
    """What the answers alone say where the truth is known; a ranking's scores hold what is."""
    return spell_amount(moved.end, call=call) if moved.kind == "number" else ""


def _hint_of_number() -> str:
    return _(
        "The estimate begins at the middle of the answers, and each answer moves it to its side: "
        "the more weight it has, the farther. People whose numbers were nearer to the others' on "
        "other tasks have more weight."
    )


def _hint_of_item() -> str:
    return _(
        "An item begins in the middle of the items here, and each answer moves its score up or "
        "down. Answers of people who were right more often elsewhere move it farther."
    )


def _say_end(moved: Moved, *, call: Call) -> str:
    place = _spell_place(moved.end, kind=moved.kind, call=call)
    if moved.kind == "number":
        return _("the estimate is %(amount)s") % {"amount": place}
    item = spell_value(moved.item, call=call)
    return _("the score of %(item)s, from the middle of these items: %(score)s") % {
        "item": item,
        "score": place,
    }


def _spell_place(amount: float, *, kind: str, call: Call) -> str:
    return spell_amount(amount, call=call) if kind == "number" else spell_number(amount)


def _spell_move(amount: float, *, kind: str, call: Call) -> str:
    if abs(amount) < HARDLY:
        return _("hardly moved it")
    if kind == "number":
        # A minus is in the number itself.
        sign = "+" if amount > 0 else ""
        return _("moved it by %(amount)s") % {"amount": sign + spell_amount(amount, call=call)}
    far = {"score": spell_number(abs(amount))}
    return (
        _("moved it up by %(score)s") % far if amount > 0 else _("moved it down by %(score)s") % far
    )
