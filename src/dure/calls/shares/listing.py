"""A call's gains and a settlement's shares as an organiser reads them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Abs, Greatest

from dure.calls.models import Call
from dure.calls.shares.models import Gain, Settlement, SettlementShare
from dure.calls.shares.work import CHECKED_MIN, NOT_CHECKED
from dure.ledger.money import Money
from dure.people import audit
from dure.people.models import Contributor, Organisation

SHARES_PER_PAGE = 50
ROWS_AT_ONCE = 2_000
PROPOSALS_MAX = 200


class Usefulness(StrEnum):
    """What is certain of somebody's checked answers, beside those of the crowd."""

    NOT_KNOWN = "not_known"
    NONE = "none"
    BELOW = "below"
    LIKE = "like"
    ABOVE = "above"


@dataclass(frozen=True, slots=True)
class GainLine:
    """A gain as it was recorded, what corrected it, and what it is by now."""

    gain: Gain
    corrections: list[Gain] = field(default_factory=list)

    @property
    def standing(self) -> Money:
        total = sum(one.amount_minor for one in self.corrections)
        return Money(self.gain.amount_minor + total, self.gain.currency)

    @property
    def recorded(self) -> Money:
        return Money(self.gain.amount_minor, self.gain.currency)


@dataclass(frozen=True, slots=True)
class ListedShare:
    """Who gets what by a settlement, under the pseudonym of its call."""

    share: SettlementShare
    pseudonym: str
    currency: str
    usefulness: Usefulness

    @property
    def base(self) -> Money:
        return Money(self.share.base_minor, self.currency)

    @property
    def value(self) -> Money:
        return Money(self.share.value_minor, self.currency)

    @property
    def total(self) -> Money:
        return self.base + self.value


@dataclass(frozen=True, slots=True)
class Crowd:
    """All contributors of a settlement together: of how many too little is known, and the mean."""

    people: int
    unknown: int
    mean_nano: int


def list_gains(call: Call, *, most: int) -> list[GainLine]:
    """The last recorded first; a correction stands with what it corrects."""
    gains = list(Gain.objects.filter(call=call, corrects=None).order_by("-pk")[:most])
    lines = {gain.pk: GainLine(gain) for gain in gains}
    for correction in Gain.objects.filter(corrects__in=list(lines)).order_by("pk"):
        assert correction.corrects_id is not None
        lines[correction.corrects_id].corrections.append(correction)
    return list(lines.values())


def find_gain(*, call: Call, gain_id: int) -> GainLine | None:
    gain = Gain.objects.filter(call=call, corrects=None, pk=gain_id).first()
    return GainLine(gain, list(gain.corrections.order_by("pk"))) if gain is not None else None


def proposals_of(organisation: Organisation) -> QuerySet[Settlement]:
    """What waits for a yes, the oldest first."""
    found = Settlement.objects.filter(
        call__organisation=organisation, approved_at=None, withdrawn_at=None
    )
    return found.select_related("call").order_by("pk")[:PROPOSALS_MAX]


def crowd_of(settlement: Settlement) -> Crowd:
    known = Q(checked__gte=CHECKED_MIN) & ~Q(error_nano=NOT_CHECKED)
    found = SettlementShare.objects.filter(settlement=settlement).aggregate(
        n_people=Count("contributor_id"),
        n_known=Count("contributor_id", filter=known),
        n_checked=Sum("checked", filter=known),
        nano=Sum(F("checked") * Greatest(F("mean_nano"), 0), filter=known),
    )
    mean = int(found["nano"] or 0) // found["n_checked"] if found["n_checked"] else 0
    return Crowd(found["n_people"], found["n_people"] - found["n_known"], mean)


def list_shares(
    settlement: Settlement, *, crowd: Crowd, after: tuple[int, int] | None = None
) -> tuple[list[ListedShare], tuple[int, int] | None]:
    """A page of shares, the largest first, and where the next page begins."""
    found = (
        SettlementShare.objects.filter(settlement=settlement)
        .annotate(size=Abs(F("base_minor") + F("value_minor")))
        .order_by("-size", "contributor_id")
    )
    if after is not None:
        size, contributor_id = after
        found = found.filter(Q(size__lt=size) | Q(size=size, contributor_id__gt=contributor_id))
    rows = list(found[: SHARES_PER_PAGE + 1])
    shown = rows[:SHARES_PER_PAGE]
    last = shown[-1] if len(rows) > SHARES_PER_PAGE else None
    cursor = (abs(last.base_minor + last.value_minor), last.contributor_id) if last else None
    return _name(shown, settlement=settlement, crowd=crowd), cursor


def all_shares(settlement: Settlement, *, crowd: Crowd) -> Iterator[ListedShare]:
    """Every share, in the order of contributors and in constant memory."""
    after = 0
    while True:
        found = SettlementShare.objects.filter(settlement=settlement, contributor_id__gt=after)
        rows = list(found.order_by("contributor_id")[:ROWS_AT_ONCE])
        if not rows:
            return
        yield from _name(rows, settlement=settlement, crowd=crowd)
        after = rows[-1].contributor_id


def name_contributors(*, call_id: int, contributor_ids: list[int]) -> dict[int, str]:
    """Their pseudonyms in this call, which are all that is ever shown of them."""
    found = Contributor.objects.filter(call_id=call_id, id__in=contributor_ids)
    return dict(found.values_list("id", "pseudonym"))


def note_download(settlement: Settlement, *, by: str) -> None:
    audit.record(
        organisation=settlement.call.organisation,
        by=by,
        action="download settlement",
        thing=f"call:{settlement.call_id}",
        number=settlement.number,
    )


def usefulness_of(share: SettlementShare, *, crowd: Crowd) -> Usefulness:
    """By what is certain: the mean, less or more its error."""
    if share.checked < CHECKED_MIN or share.error_nano == NOT_CHECKED:
        return Usefulness.NOT_KNOWN
    if share.mean_nano <= share.error_nano:
        return Usefulness.NONE
    if share.mean_nano - share.error_nano > crowd.mean_nano:
        return Usefulness.ABOVE
    if share.mean_nano + share.error_nano < crowd.mean_nano:
        return Usefulness.BELOW
    return Usefulness.LIKE


def _name(
    rows: Sequence[SettlementShare], *, settlement: Settlement, crowd: Crowd
) -> list[ListedShare]:
    ids = [row.contributor_id for row in rows]
    names = name_contributors(call_id=settlement.call_id, contributor_ids=ids)
    return [
        ListedShare(
            row,
            names.get(row.contributor_id, ""),
            settlement.currency,
            usefulness_of(row, crowd=crowd),
        )
        for row in rows
    ]
