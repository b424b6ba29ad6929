from __future__ import annotations

from contextlib import nullcontext

import pytest
from typer.testing import CliRunner

from dure import postgres
from dure.calls.life import close_call
from dure.calls.settling import propose_settlement
from dure.calls.shares.settlements import approve_settlement
from dure.doors.cli import settle as door
from dure.doors.cli.commands import app
from tests.calls.test_settling import POOL, answered_call


@pytest.mark.usefixtures("live_db")
def test_settlements_are_made_again_and_one_that_differs_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(door, "open_platform", nullcontext)
    call = answered_call(promise=POOL, people="rg")
    close_call(call=call, by="account:1")
    made = propose_settlement(call=call, by="account:1", is_last=True)
    approve_settlement(settlement=made, by="account:2")
    line = f"{call.slug}\t1\t100001\tKRW\t{bytes(made.digest).hex()}"

    listed = CliRunner().invoke(app, ["settle"])
    same = CliRunner().invoke(app, ["settle", "--verify", "--call", call.slug])
    unknown = CliRunner().invoke(app, ["settle", "--call", "none"])
    with postgres.connect("owner") as owner:
        owner.execute("alter table shares_settlementshare disable trigger user")
        owner.execute("update shares_settlementshare set value_minor = value_minor + 1")
    other = CliRunner().invoke(app, ["settle", "--verify"])

    assert (listed.exit_code, listed.stdout) == (0, f"{line}\n")
    assert (same.exit_code, same.stdout) == (0, f"{line}\tthe same again\n")
    assert unknown.exit_code == 2
    assert "There is no call 'none'; look at its address." in unknown.stderr
    assert other.exit_code == 1
    assert other.stdout == (f"{line}\tIts stored shares are not those that it was approved with.\n")
