from __future__ import annotations

import pytest

from dure.doors.api.cursors import ID_MAX, read_cursor, write_cursor
from dure.errors import Invalid


@pytest.mark.parametrize("last_id", [1, 255, ID_MAX])
def test_a_cursor_gives_back_the_id_it_holds(last_id: int) -> None:
    assert read_cursor(write_cursor(last_id)) == last_id


@pytest.mark.parametrize("cursor", ["", "1", "MQ==", "새", "x" * 500, write_cursor(ID_MAX + 1)])
def test_anything_else_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_cursor(cursor)

    assert refused.value.sentence == (
        f"cursor: expected the `next` of a page that came before; got {cursor[:40]!r}."
    )
