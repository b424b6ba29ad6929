"""What goes in and comes out where money is concerned, written by hand, with examples."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Header, Schema
from pydantic import ConfigDict, Field, StrictBool, StrictInt, WithJsonSchema

from dure.calls.queries import ID_MAX
from dure.calls.shares import gains, paying_in, settlements
from dure.calls.shares.models import Gain, PayIn, Settlement
from dure.calls.shares.statements import PublicSums
from dure.doors.api.schemas import Body, Options, PromiseField

NUMBER_MAX = 2**31 - 1
DAY_FORM = r"^\d{4}-\d{2}-\d{2}$"
Day = Annotated[str, Field(pattern=DAY_FORM), WithJsonSchema({"type": "string", "format": "date"})]
Currency = Annotated[str, Field(description="ISO 4217, as in KRW.")]
GainId = Annotated[int, Field(ge=1, le=ID_MAX, description="The gain's id.")]
Number = Annotated[int, Field(ge=1, le=NUMBER_MAX, description="The settlement's number.")]
RequestKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="The same body with the same key is recorded once, however often it is sent; "
        "without a key each request is recorded by itself.",
    ),
]


class PromiseIn(Body):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"promise": {"kind": "per_answer", "amount_minor": 60, "currency": "KRW"}}]
        },
    )

    promise: PromiseField


class PayInIn(Body):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"amount_minor": 300_000, "currency": "KRW", "note": "First half"}]
        },
    )

    amount_minor: StrictInt = Field(ge=1, le=paying_in.AMOUNT_MINOR_MAX)
    currency: Currency
    note: str = Field(default="", max_length=paying_in.NOTE_LETTERS_MAX)


class PayInOut(Schema):
    id: int
    amount_minor: int = Field(description="Below zero: it went back to the organisation.")
    currency: str
    note: str
    at: datetime
    by: str


class PayInsOut(Schema):
    pay_ins: list[PayInOut]
    next: str | None = Field(description="Send it as `cursor` to read on; null at the end.")


class PeriodIn(Body):
    """Both days belong to it."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")


class GainIn(Body):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "amount_minor": 1_000_000,
                    "currency": "KRW",
                    "period": {"from": "2026-07-01", "to": "2026-09-30"},
                    "note": "Sales of the third quarter",
                }
            ]
        },
    )

    amount_minor: StrictInt = Field(ge=0, le=gains.AMOUNT_MINOR_MAX)
    currency: Currency
    period: PeriodIn
    note: str = Field(default="", max_length=gains.NOTE_LETTERS_MAX)
    evidence: str = Field(
        default="",
        max_length=gains.EVIDENCE_LETTERS_MAX,
        description="Where it can be looked up: a report, a receipt.",
    )


class CorrectionIn(Body):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"amount_minor": 900_000, "note": "A refund was counted as a sale"}]
        },
    )

    amount_minor: StrictInt = Field(
        ge=0, le=gains.AMOUNT_MINOR_MAX, description="What the gain really was."
    )
    note: str = Field(min_length=1, max_length=gains.NOTE_LETTERS_MAX)


class PeriodOut(Schema):
    first: date = Field(alias="from")
    last: date = Field(alias="to")


class GainOut(Schema):
    id: int
    amount_minor: int = Field(description="Of a correction, the difference.")
    currency: str
    period: PeriodOut
    note: str
    evidence: str
    corrects: int | None = Field(description="The gain that this one corrects.")
    at: datetime
    by: str


class GainsOut(Schema):
    gains: list[GainOut]
    next: str | None = Field(description="Send it as `cursor` to read on; null at the end.")


class PageQuery(Options):
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = None


class ReportOut(Schema):
    up_to: date = Field(description="Gains up to this day are to be reported…")
    due: date = Field(description="…by this one.")


class MoneyOut(Schema):
    """The sums of a call; amounts are minor units of `currency`, null if nothing is promised."""

    promise: PromiseField
    currency: str | None
    pool_minor: int | None
    paid_in_minor: int
    held_minor: int
    gained_minor: int
    shared_minor: int = Field(description="What people earned so far, by answers and settlements.")
    paid_out_minor: int
    waiting_minor: int = Field(description="Owed to all together, and not shared out yet.")
    owed_not_paid_in_minor: int
    overdue_reports: list[ReportOut]
    next_report: ReportOut | None
    is_settlement_overdue: bool


class SettlementIn(Body):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"note": "Third quarter"}]}
    )

    note: str = Field(default="", max_length=settlements.NOTE_LETTERS_MAX)
    is_last: StrictBool = Field(
        default=False, description="Nothing waits any longer for more to be checked."
    )


class ShareOut(Schema):
    worker: str = Field(description="The contributor's pseudonym in this call.")
    counted: int = Field(description="Answers that counted…")
    checked: int = Field(description="…and those whose truth was known.")
    base_minor: int = Field(description="In equal parts to every answer that counts.")
    value_minor: int = Field(description="By the value of the answers that were checked.")
    sum_minor: int


class SettlementOut(Schema):
    number: int
    kind: Literal["share", "take_back"]
    state: Literal["proposed", "withdrawn", "approved", "posted"]
    is_last: bool
    corrects: int | None = Field(description="The number of the settlement that it takes back.")
    currency: str
    pot_minor: int = Field(description="All there is to share so far.")
    before_minor: int = Field(description="What earlier settlements shared of it.")
    base_minor: int
    value_minor: int
    people: int
    needs_second: bool = Field(description="Above the limit: a second member approves it.")
    method: str
    digest: str = Field(description="Of what went in and came out, to make it again by.")
    as_of: datetime
    note: str
    proposed_at: datetime
    proposed_by: str
    approved_at: datetime | None
    approved_by: str | None
    withdrawn_at: datetime | None
    posted_at: datetime | None = Field(description="When the last of it was in the ledger.")


class PreviewOut(SettlementOut):
    largest: list[ShareOut] = Field(description="The ten largest shares.")


class SettlementsOut(Schema):
    settlements: list[SettlementOut]
    next: str | None = Field(description="Send it as `cursor` to read on; null at the end.")


class SharesOut(Schema):
    settlement: int | None = None
    currency: str | None
    shares: list[ShareOut]


def show_pay_in(pay_in: PayIn) -> dict[str, Any]:
    names = ("amount_minor", "currency", "note", "at", "by")
    return {"id": pay_in.pk, **{name: getattr(pay_in, name) for name in names}}


def show_gain(gain: Gain) -> dict[str, Any]:
    names = ("amount_minor", "currency", "note", "evidence", "at", "by")
    return {
        "id": gain.pk,
        **{name: getattr(gain, name) for name in names},
        "period": {"from": gain.period_from, "to": gain.period_to},
        "corrects": gain.corrects_id,
    }


def show_sums(promise: dict[str, Any], sums: PublicSums | None) -> dict[str, Any]:
    names = (
        "paid_in", "held", "gained", "shared", "paid_out", "waiting", "owed_not_paid_in",
    )  # fmt: skip
    if sums is None:
        return {
            "promise": promise,
            "currency": None,
            "pool_minor": None,
            **{f"{name}_minor": 0 for name in names},
            "overdue_reports": [],
            "next_report": None,
            "is_settlement_overdue": False,
        }
    return {
        "promise": promise,
        "currency": sums.currency,
        "pool_minor": sums.pool.amount_minor if sums.pool is not None else None,
        **{f"{name}_minor": getattr(sums, name).amount_minor for name in names},
        "overdue_reports": sums.overdue_reports,
        "next_report": sums.next_report,
        "is_settlement_overdue": sums.is_settlement_overdue,
    }


def show_settlement(settlement: Settlement, *, limit_minor: int) -> dict[str, Any]:
    names = (
        "number", "kind", "is_last", "currency", "pot_minor", "before_minor", "base_minor",
        "value_minor", "people", "method", "as_of", "note", "proposed_at", "proposed_by",
        "approved_at", "approved_by", "withdrawn_at", "posted_at",
    )  # fmt: skip
    total = abs(settlement.base_minor + settlement.value_minor)
    return {
        **{name: getattr(settlement, name) for name in names},
        "state": _state_of(settlement),
        "corrects": settlement.corrects.number if settlement.corrects is not None else None,
        "needs_second": total > limit_minor,
        "digest": bytes(settlement.digest).hex(),
    }


def _state_of(settlement: Settlement) -> str:
    if settlement.withdrawn_at is not None:
        return "withdrawn"
    if settlement.approved_at is None:
        return "proposed"
    return "approved" if settlement.posted_at is None else "posted"
