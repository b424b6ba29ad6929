"""Make the database ready for this version: roles, migrations, rights. Django must be set up."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

from dure import postgres
from dure.errors import Refusal

POLL_SECONDS = 0.05
QUIET_SECONDS_MAX = 3.0


class DatabaseIsNewer(Refusal):
    """A newer version of Dure has migrated this database: {migration} is unknown to this one.

    Install that version, or restore a backup made before.
    """

    code = "database-is-newer"


class OtherSecret(Refusal):
    """Another server runs on this database with another secret key.

    Give all of them the same DURE_SECRET_KEY; to change it, stop them all first.
    """

    code = "other-secret"


def wait_for_server(*, say: Callable[[str], None]) -> None:
    begun = time.monotonic()
    has_said = False
    while not postgres.answers():
        if not has_said and time.monotonic() - begun > QUIET_SECONDS_MAX:
            say("PostgreSQL does not answer yet; waiting for it.")
            has_said = True
        time.sleep(POLL_SECONDS)


def prepare_database() -> None:
    """Roles, migrations and rights; processes that start together do it one after the other."""
    with postgres.one_at_a_time():
        postgres.create_database()
        executor = MigrationExecutor(connections["owner"])
        # An older version would take from the newer one's servers what it does not know of.
        if unknown := _unknown_migration(executor):
            raise DatabaseIsNewer(migration=unknown)
        if _pending(executor):
            call_command("migrate", database="owner", verbosity=0, interactive=False)
        postgres.grant_rights()
    for alias in (DEFAULT_DB_ALIAS, "owner"):
        connections[alias].close()


def claim_secret() -> AbstractContextManager[Any]:
    """Refused while a server with another key uses the database: sign-ins would hold on one."""
    if postgres.is_embedded():
        return nullcontext()
    with postgres.one_at_a_time():
        held = postgres.hold_secret(secret_number())
    if held is None:
        raise OtherSecret
    return held


def secret_number() -> int:
    """What servers tell each other of their key, which it does not give away."""
    digest = hashlib.sha256(b"dure " + settings.SECRET_KEY.encode()).digest()
    return int.from_bytes(digest[:4], "big") >> 1


def pending_migrations() -> list[str]:
    return _pending(MigrationExecutor(connections["owner"]))


def _pending(executor: MigrationExecutor) -> list[str]:
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(migration) for migration, _ in plan]


def _unknown_migration(executor: MigrationExecutor) -> str | None:
    """Of Dure's own; what another library once had and dropped is no sign of a newer version."""
    loader = executor.loader
    own = {app.label for app in apps.get_app_configs() if app.name.startswith("dure.")}
    unknown = [
        f"{label}.{name}"
        for label, name in loader.applied_migrations
        if label in own and (label, name) not in (loader.disk_migrations or {})
    ]
    return min(unknown, default=None)
