"""What the web server's process allows itself; how it runs is tested in test_serve.py."""

from __future__ import annotations

import pytest

from dure.doors.cli.web import connections_within


@pytest.mark.parametrize(
    ("files", "connections"),
    [
        (256, 128),
        (1024, 512),
        (4096, 3072),
        (16_384 + 1024, 16_384),
        (65_536, 16_384),
        (1_048_576, 16_384),
    ],
)
def test_connections_leave_files_for_the_rest_and_have_a_limit(
    files: int, connections: int
) -> None:
    assert connections_within(files) == connections
