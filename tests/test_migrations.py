"""Migrations go forth and back, and leave the models and the database in agreement."""

from __future__ import annotations

import io

import pytest
from django.core.management import call_command

from dure import postgres

OWN_APPS = ["tasks", "shares", "calls", "people", "ledger", "outbox"]


@pytest.mark.usefixtures("live_db")
def test_models_have_no_change_without_a_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, stdout=io.StringIO())


@pytest.mark.usefixtures("live_db")
def test_migrations_go_back_to_nothing_and_forth_again() -> None:
    tables = _tables()

    for app in OWN_APPS:
        call_command("migrate", app, "zero", database="owner", verbosity=0)
    remaining = _tables()
    call_command("migrate", database="owner", verbosity=0)
    postgres.grant_rights()

    assert [t for t in remaining if t.split("_")[0] in {*OWN_APPS}] == []
    assert _tables() == tables


def _tables() -> list[str]:
    with postgres.connect("owner") as connection:
        return [
            row[0]
            for row in connection.execute(
                "select tablename from pg_tables where schemaname = 'public' order by 1"
            )
        ]
