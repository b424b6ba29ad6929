"""`dure ledger`: prove the ledger, read its balances, take it to other bookkeeping programs."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, cast

import typer

from dure.doors.cli.opening import open_platform
from dure.doors.cli.speaking import progress, refusals_become_sentences, say

if TYPE_CHECKING:
    from dure.ledger.queries import Owners

ledger = typer.Typer(no_args_is_help=True, help="The ledger: prove it, read it, take it along.")
EXIT_UNSOUND = 1

Org = Annotated[
    str, typer.Option("--org", metavar="SLUG", help="Of this organisation alone; else of all.")
]


class FormName(StrEnum):
    BEANCOUNT = "beancount"
    HLEDGER = "hledger"


@ledger.callback()
def _ledger() -> None:
    """The ledger: prove it, read it, take it along."""


@ledger.command("verify")
def verify_ledger(
    head: Annotated[
        str,
        typer.Option(metavar="HEAD", help="What verify printed earlier; it must be part of it."),
    ] = "",
) -> None:
    """Prove every transaction from the rows; print the head, to be noted elsewhere."""
    with (
        refusals_become_sentences(),
        progress("Reading the ledger") as advance,
        open_platform(),
    ):
        from dure.ledger.models import Link  # noqa: PLC0415  app ready
        from dure.ledger.verifying import verify  # noqa: PLC0415  app ready

        last = Link.objects.order_by("-transaction_id").first()
        expected = last.number if last else 1
        proof = verify(
            head=head, tell=lambda n: advance("Proving the ledger", min(1.0, n / expected))
        )
    if proof.fault:
        say(f"dure: The ledger is not sound: {proof.fault}.")
        say(f"{proof.n_transactions} transactions before it are sound.")
        raise typer.Exit(EXIT_UNSOUND)
    say(f"{proof.n_transactions} transactions with {proof.n_entries} entries are sound.")
    say("This head stands for all of them; note it where nobody here can change it:")
    typer.echo(str(proof.head))


@ledger.command("balance")
def print_balance(org: Org = "") -> None:
    """Print what stands in each account: owner, purpose, balance and currency, tabs between."""
    with refusals_become_sentences(), progress("Opening the database"), open_platform():
        from dure.ledger.money import Money  # noqa: PLC0415  app ready
        from dure.ledger.queries import trial_balance  # noqa: PLC0415  app ready

        sums: Counter[str] = Counter()
        for row in trial_balance(owners=_owners(org)):
            sums[row.balance.currency] += row.balance.amount_minor
            money = row.balance
            typer.echo(f"{row.owner}\t{row.purpose}\t{money.decimal_text}\t{money.currency}")
        for currency, amount in sorted(sums.items()):
            say(f"Together {Money(amount, currency).decimal_text} {currency}.")


@ledger.command("export")
def export_ledger(
    form: Annotated[FormName, typer.Argument(help="Which program is to read it.")],
    org: Org = "",
    out: Annotated[str, typer.Option(metavar="FILE", help="Where to; stdout if left out.")] = "-",
) -> None:
    """Write the journal for beancount or hledger."""
    with refusals_become_sentences(), progress("Writing the journal"), open_platform():
        from dure.doors.files.journals import write_journal  # noqa: PLC0415  app ready
        from dure.ledger.queries import read_accounts, read_transactions  # noqa: PLC0415  app ready
        from dure.ledger.reading import last_id  # noqa: PLC0415  app ready

        owners = _owners(org)
        # First, so that every account of what is read is among those that are listed.
        up_to = last_id()
        blocks = write_journal(
            form=form.value,
            accounts=read_accounts(owners=owners),
            transactions=read_transactions(up_to=up_to, owners=owners),
            is_own=owners.has if owners else lambda _owner: True,
        )
        with _opened(out) as file:
            for block in blocks:
                file.write(block)


@contextmanager
def _opened(out: str) -> Iterator[BinaryIO]:
    """The file appears whole or not at all."""
    if out == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    from dure.doors.files.whole_files import written_whole  # noqa: PLC0415  app ready

    with written_whole(Path(out)) as unfinished, unfinished.open("wb") as file:
        yield cast(BinaryIO, file)


def _owners(org: str) -> Owners | None:
    if not org:
        return None
    from dure.calls.books import owners_of  # noqa: PLC0415  app ready
    from dure.people.organisations import find_organisation  # noqa: PLC0415  app ready

    return owners_of(find_organisation(org))
