"""`dure demo`: an organisation with calls in each state to try things on, in two languages."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

import orjson
import typer

from dure.calls.texts import pick_words
from dure.doors.cli.demo_words import read_words
from dure.doors.cli.opening import open_platform
from dure.doors.cli.speaking import (
    Port,
    PublicAddress,
    progress,
    refusals_become_sentences,
    root_address,
    say,
)

if TYPE_CHECKING:
    from dure.calls.models import Call

CALLS = Path(__file__).with_name("demo.json")
STORY = Path(__file__).with_name("demo_story.json")
ORGANISATION = {"slug": "demo", "name": "두레 데모 · Dure demo", "owner_email": "demo@example.org"}
BY = "demo"
# How many simulated contributors came to the call that is paused.
TURNS = 12
RATERS = 10
RATINGS_AT_ONCE = 50
ANSWERS = UUID("2ad2a5f0-6f0c-4f9c-9a0e-0b6e5f000001")


def demo(
    address: PublicAddress = "",
    port: Port = 8000,
) -> None:
    """Make the organisation `demo` and its calls; what is there stays as it is."""
    with refusals_become_sentences():
        with progress("Opening the database") as advance, open_platform():
            advance("Making the demo calls", None)
            titles = make_demo()
        say("Demo calls, open to answers while `dure serve` runs:")
        root = root_address(address, port)
        for slug, title in titles.items():
            typer.echo(f"{root}/c/{slug}/  {title}")


def make_demo() -> dict[str, str]:
    """The slugs of the open calls and what they are called; made where they are missing."""
    from dure.people.organisations import create_organisation  # noqa: PLC0415  app ready

    organisation = create_organisation(**ORGANISATION)
    ends: dict[str, Callable[[Any], None]] = {
        "draft": _leave, "paused": _pause, "closed": _rate_and_close
    }  # fmt: skip
    for one in orjson.loads(STORY.read_bytes()):
        end = ends[one.pop("end")]
        tasks = one.pop("tasks") or _word_tasks()
        _make_call(organisation, tasks=tasks, end=end, **one)
    made = [
        _make_call(organisation, end=_open, **call) for call in orjson.loads(CALLS.read_bytes())
    ]
    return {str(call.slug): pick_words(call.title, language="en", own="ko").text for call in made}


def _make_call(
    organisation: Any,
    *,
    key: str,
    tasks: list[dict[str, Any]],
    end: Callable[[Any], None],
    **fields: Any,
) -> Call:
    from dure.calls.creating import create_call  # noqa: PLC0415  app ready
    from dure.calls.models import State  # noqa: PLC0415  app ready
    from dure.calls.tasks.importing import add_tasks  # noqa: PLC0415  app ready

    call = create_call(
        organisation=organisation, by=BY, kind="tasks", request_key=f"demo-{key}", **fields
    )
    # Whoever closed, paused or changed a demo call meant it.
    if call.state == State.DRAFT and not call.tasks.exists():
        add_tasks(call=call, rows=enumerate(tasks, start=1), strict=True, by=BY)
        end(call)
    return call


def _leave(_call: Call) -> None:
    """A draft, to be finished in the wizard."""


def _open(call: Call) -> None:
    from dure.calls.life import open_call  # noqa: PLC0415  app ready

    open_call(call=call, by=BY)


def _pause(call: Call) -> None:
    """A simulated crowd has answered part of it, the same one each time."""
    from dure.calls.life import pause_call  # noqa: PLC0415  app ready
    from dure.calls.rehearsing import take_turn  # noqa: PLC0415  app ready

    _open(call)
    for turn in range(TURNS):
        take_turn(call_id=call.pk, chance=random.Random(turn))
    pause_call(call=call, by=BY)


def _rate_and_close(call: Call) -> None:
    """Ten ratings of each word, as people gave them for the lexicon; see demo_words.py.

    What was promised was paid in before the first answer, and is shared out.
    """
    from dure.calls.life import close_call  # noqa: PLC0415  app ready

    _open(call)
    _pay_in(call)
    ratings = dict(read_words())
    for rater in range(RATERS):
        _rate(call, rater, ratings)
    close_call(call=call, by=BY)
    _share_out(call)


def _pay_in(call: Call) -> None:
    from dure.calls.promises import find_part  # noqa: PLC0415  app ready
    from dure.calls.shares.paying_in import pay_in  # noqa: PLC0415  app ready
    from dure.ledger.money import Money  # noqa: PLC0415  app ready

    pool = find_part(call.promise, "pool")
    assert pool is not None, "the story promises a sum to share"
    money = Money(pool["amount_minor"], pool["currency"])
    pay_in(call=call, money=money, note="", by=BY, request_key="demo")


def _share_out(call: Call) -> None:
    from dure.calls.settling import propose_settlement  # noqa: PLC0415  app ready
    from dure.calls.shares.posting import post_settlement  # noqa: PLC0415  app ready
    from dure.calls.shares.settlements import approve_settlement  # noqa: PLC0415  app ready

    made = propose_settlement(call=call, by=BY, is_last=True)
    approve_settlement(settlement=made, by=BY)
    post_settlement(made.pk)


def _rate(call: Call, rater: int, ratings: dict[str, list[int]]) -> None:
    from dure.calls.tasks import answers, turns  # noqa: PLC0415  app ready

    key = answers.new_key()
    answers.run(answers.join_call(slug=call.slug, key=None, fresh_key=key, source="lexicon"))
    while True:
        leased = turns.lease_tasks(call_id=call.pk, key=key, n=RATINGS_AT_ONCE)["tasks"]
        if not leased:
            return
        given = [
            {
                "id": str(uuid5(ANSWERS, f"{call.slug} {rater} {task['id']}")),
                "task": task["id"],
                "value": ratings[task["content"]["text"]][rater],
            }
            for task in leased
        ]
        batch = answers.read_answers(question=call.question, given=given)
        turns.record_answers(call_id=call.pk, key=key, batch=batch)


def _word_tasks() -> list[dict[str, Any]]:
    return [{"key": word, "content": {"text": word}} for word, _ in read_words()]
