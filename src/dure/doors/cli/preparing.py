"""Make the database ready for this version: roles, migrations, rights. Django must be set up."""

from __future__ import annotations

import time

from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from dure import postgres

# Any number will do, as long as every version of Dure takes the same.
LOCK = 4_417_011
POLL_SECONDS = 0.05


def wait_for_server() -> None:
    while not postgres.answers():
        time.sleep(POLL_SECONDS)


def prepare_database() -> None:
    """Roles, migrations and rights; processes that start together do it one after the other."""
    postgres.create_database()
    with postgres.connect("owner") as connection:
        connection.execute("select pg_advisory_lock(%s)", [LOCK])
        if pending_migrations():
            call_command("migrate", database="owner", verbosity=0, interactive=False)
        postgres.grant_rights()
    for alias in (DEFAULT_DB_ALIAS, "owner"):
        connections[alias].close()


def pending_migrations() -> list[str]:
    executor = MigrationExecutor(connections["owner"])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(migration) for migration, _ in plan]
