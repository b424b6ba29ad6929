"""`dure settle`: settlements as they are approved, and whether they come out the same again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from dure.doors.cli.opening import open_platform
from dure.doors.cli.speaking import progress, refusals_become_sentences, say
from dure.errors import Invalid

if TYPE_CHECKING:
    from dure.calls.shares.models import Settlement

EXIT_UNSOUND = 1
SAME = "the same again"


def settle(
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Make each again from what is stored, and compare."),
    ] = False,
    call: Annotated[
        str, typer.Option(metavar="SLUG", help="Of this call alone; else of all.")
    ] = "",
) -> None:
    """Print approved settlements, a line for each: call, number, amount, currency, hash, verdict.

    Settlements are proposed and approved at the desk or over the API, never here.
    """
    with refusals_become_sentences(), progress("Opening the database"), open_platform():
        verdicts = [_print(*line) for line in _lines(slug=call, verify=verify)]
    if not all(verdicts):
        say("dure: Not every settlement is what it should be; see above.")
        raise typer.Exit(EXIT_UNSOUND)


def _lines(*, slug: str, verify: bool) -> list[tuple[str, str]]:
    from dure.calls.models import Call  # noqa: PLC0415  app ready
    from dure.calls.settling import verify_settlements  # noqa: PLC0415  app ready
    from dure.calls.shares import settlements  # noqa: PLC0415  app ready

    call = Call.objects.filter(slug=slug).first() if slug else None
    if slug and call is None:
        raise Invalid("There is no call {slug!r:.60}; look at its address.", slug=slug)
    if verify:
        return [(_show(one.settlement), one.fault or SAME) for one in verify_settlements(call)]
    return [(_show(one), "") for one in settlements.approved_settlements(call)]


def _show(settlement: Settlement) -> str:
    from dure.ledger.money import Money  # noqa: PLC0415  app ready

    money = Money(settlement.base_minor + settlement.value_minor, settlement.currency)
    return "\t".join(
        [
            settlement.call.slug,
            str(settlement.number),
            money.decimal_text,
            money.currency,
            bytes(settlement.digest).hex(),
        ]
    )


def _print(line: str, verdict: str) -> bool:
    typer.echo(f"{line}\t{verdict}" if verdict else line)
    return verdict in ("", SAME)
