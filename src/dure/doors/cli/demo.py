"""`dure demo`: an organisation with a call of each type to try things on, in Korean and English."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import typer

from dure.doors.cli.opening import open_platform
from dure.doors.cli.speaking import progress, refusals_become_sentences, say

CALLS = Path(__file__).with_name("demo.json")
ORGANISATION = {"slug": "demo", "name": "두레 데모 · Dure demo", "owner_email": "demo@example.org"}
BY = "demo"


def demo() -> None:
    """Make the organisation `demo` and its open calls; what is there stays as it is."""
    with refusals_become_sentences():
        with progress("Opening the database") as advance, open_platform():
            advance("Making the demo calls", None)
            slugs = make_demo()
        say("The demo calls are open; a running `dure serve` answers them at:")
        for slug in slugs:
            typer.echo(f"/c/{slug}/")


def make_demo() -> list[str]:
    """The slugs of the calls; made where they are missing."""
    from dure.people.organisations import create_organisation  # noqa: PLC0415  app ready

    organisation = create_organisation(**ORGANISATION)
    return [_make_call(organisation, **call) for call in orjson.loads(CALLS.read_bytes())]


def _make_call(organisation: Any, *, key: str, tasks: list[dict[str, Any]], **fields: Any) -> str:
    from dure.calls.creating import create_call  # noqa: PLC0415  app ready
    from dure.calls.life import open_call  # noqa: PLC0415  app ready
    from dure.calls.models import State  # noqa: PLC0415  app ready
    from dure.calls.tasks.importing import add_tasks  # noqa: PLC0415  app ready

    call = create_call(
        organisation=organisation, by=BY, kind="tasks", request_key=f"demo-{key}", **fields
    )
    # Whoever closed or paused a demo call meant it.
    if call.state == State.DRAFT:
        add_tasks(call=call, rows=enumerate(tasks, start=1), strict=True, by=BY)
        open_call(call=call, by=BY)
    return str(call.slug)
