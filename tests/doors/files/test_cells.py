from __future__ import annotations

import pytest
from django.db import connection

from dure.doors.files.cells import defuse

WORDS = [
    "=1+1", "+1+1", "-1", "-x", "@SUM(A1)", "\tx", "\rx", "'=1", "''@x", "3.5", "+7", "-2.5",
    "plain", "", "'quoted'", "a=b", "가", "1e5", "-\n1",
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("words", WORDS)
def test_a_cell_runs_nothing_just_as_in_exports_from_the_database(words: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select tasks_defuse(%s)", [words])
        (defused,) = cursor.fetchone()

    assert defuse(words) == defused
