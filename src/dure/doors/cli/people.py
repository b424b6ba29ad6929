"""`dure org` and `dure token`: who opens calls, and their keys to the API."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from dure.doors.cli.opening import open_platform
from dure.doors.cli.speaking import (
    Port,
    PublicAddress,
    own_name,
    progress,
    refusals_become_sentences,
    root_address,
    say,
)

org = typer.Typer(no_args_is_help=True, help="Organisations: who opens calls.")
account = typer.Typer(no_args_is_help=True, help="Accounts: who signs in.")
token = typer.Typer(no_args_is_help=True, help="Keys to an organisation's API.")


class ScopeName(StrEnum):
    ORGANISE = "organise"
    READ = "read"


@org.callback()
def _org() -> None:
    """Organisations: who opens calls."""


@token.callback()
def _token() -> None:
    """Keys to an organisation's API."""


@org.command("create")
def create_org(
    slug: Annotated[str, typer.Argument(help="Its short name: small letters, digits, hyphens.")],
    owner: Annotated[str, typer.Option(metavar="EMAIL", help="Who owns it.")],
    name: Annotated[str, typer.Option(help="What people read; the short name if left out.")] = "",
) -> None:
    """Make an organisation; the same command again changes nothing."""
    with refusals_become_sentences(), progress("Opening the database"), open_platform():
        from dure.people.organisations import (  # noqa: PLC0415  app ready
            create_organisation,
        )

        made = create_organisation(slug=slug, name=name or slug, owner_email=owner)
        say(f"Organisation {made.slug!r} is owned by {owner}.")
        say(f"To sign in at its desk, a link for a password: {own_name()} account link {owner}")
        say(f"Next, a key to its API: {own_name()} token create --org {made.slug}")


@account.callback()
def _account() -> None:
    """Accounts: who signs in."""


@account.command("link")
def account_link(
    email: Annotated[str, typer.Argument(help="The address of an account that is there.")],
    address: PublicAddress = "",
    port: Port = 8000,
) -> None:
    """Print a link by which somebody sets a new password; for installations without mail."""
    with refusals_become_sentences():
        with progress("Opening the database"), open_platform():
            from dure.doors.desk.signing import reset_path  # noqa: PLC0415  app ready

            path = reset_path(email)
        say("This link is good for one new password; hand it to its owner only:")
        root = root_address(address, port)
        typer.echo(f"{root}{path}")


@token.command("create")
def create_token(
    org: Annotated[str, typer.Option(metavar="SLUG", help="The organisation's short name.")],
    scope: Annotated[
        ScopeName, typer.Option(help="organise opens and changes calls; read only reads.")
    ] = ScopeName.ORGANISE,
) -> None:
    """Print a new API token, this once; only its hash is kept."""
    with refusals_become_sentences():
        with progress("Opening the database"), open_platform():
            from dure.people import organisations, tokens  # noqa: PLC0415  app ready

            organisation = organisations.find_organisation(org)
            made = tokens.create_token(organisation=organisation, scope=scope.value)
        say("This token is shown once; keep it like a password:")
        typer.echo(made)
