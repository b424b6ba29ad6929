from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.serving import Server, running_server


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server, one for the tests of a module."""
    with running_server(tmp_path_factory.mktemp("served") / "data") as server:
        yield server


@pytest.fixture
def served_folder(served: Server) -> Path:
    return Path(served.environment["DURE_DATA"])
