"""Every test meets a real PostgreSQL: Dure's own, started once for the run."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# A run starts Python some hundreds of times: what one has compiled, the next need not.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
os.environ.pop("DATABASE_URL", None)
os.environ["DURE_DATA"] = tempfile.mkdtemp(prefix="dure-test-")
os.environ["DURE_HOSTS"] = "testserver,localhost,127.0.0.1"
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dure.settings")

import django  # noqa: E402  the settings above come first
import hypothesis  # noqa: E402
import psycopg  # noqa: E402
from asgiref.sync import SyncToAsync  # noqa: E402
from django.conf import settings  # noqa: E402
from django.db import connections  # noqa: E402

from dure import postgres  # noqa: E402
from tests.ready import give_database, share_database  # noqa: E402

django.setup()
# How long it takes to draw an example says how busy the machine is.
hypothesis.settings.register_profile(
    "dure", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("dure")
# A password is hashed slowly on purpose: the servers that tests start do so, this process need not.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
_numbers = count(1)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with a browser come last: its event loop stays, and Django asks nothing beside one."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes() -> None:
    """Each process reads the settings only after it has made a data folder of its own."""
    os.environ.pop("DJANGO_SETTINGS_MODULE")
    shutil.rmtree(os.environ["DURE_DATA"])
    share_database()


@pytest.fixture(scope="session")
def server() -> Iterator[None]:
    """A server with a migrated database, from which every other database of the run is copied."""
    give_database(Path(os.environ["DURE_DATA"]))
    postgres.start()
    with _superuser() as connection:
        # This server is thrown away after the run. What must outlive a crash is tested with servers
        # of their own (embedded, serve, replay), and they keep every commit on the disk.
        connection.execute("alter system set fsync = off")
        connection.execute("select pg_reload_conf()")
    os.environ["DURE_DATABASE"] = postgres.DATABASE
    try:
        yield
    finally:
        _close_all()
        postgres.stop()
        shutil.rmtree(os.environ["DURE_DATA"], ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_setup(server: None) -> Iterator[None]:
    with _copy_of_template() as name:
        _point_at(name)
        yield


@pytest.fixture
def live_db(server: None, django_db_blocker: pytest.FixtureRequest) -> Iterator[str]:
    """A database of its own for a test that commits; gives its name, for `postgres.connect`."""
    before = os.environ["DURE_DATABASE"]
    with django_db_blocker.unblock(), _copy_of_template() as name:
        _point_at(name)
        yield name
        _close_all()
    _point_at(before)


@pytest.fixture(scope="session")
def crowds() -> Path:
    """The folder of recorded crowds; without it the test is skipped, except in CI."""
    folder = Path(os.environ.get("DURE_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        message = f"no recorded crowds at {folder}; set DURE_SHARED_DATA"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    return folder


@contextmanager
def _copy_of_template() -> Iterator[str]:
    name = f"dure_test_{next(_numbers)}"
    with _superuser() as connection:
        connection.execute(f"create database {name} template {postgres.DATABASE} owner dure_owner")
    yield name
    _close_all()
    with _superuser() as connection:
        connection.execute(f"drop database {name} with (force)")


def _superuser() -> psycopg.Connection:
    return psycopg.connect(
        host=str(postgres.socket_folder()), dbname="postgres", user="postgres", autocommit=True
    )


def _point_at(name: str) -> None:
    os.environ["DURE_DATABASE"] = name
    for connection in connections.all():
        connection.close()
        connection.settings_dict["NAME"] = name


def _close_all() -> None:
    connections.close_all()
    # Django run from asynchronous code has a thread, and so connections, of its own.
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()
