from __future__ import annotations

from dure.calls.models import Call
from dure.doors.api.schemas import CallOut, show_call
from tests.factories import make_organisation

WORK = {"tasks": 1, "counted": 2, "skipped": 3, "late": 4}


def test_a_call_is_shown_in_the_words_it_was_made_with(db: None) -> None:
    call = Call.objects.create(
        organisation=make_organisation(), slug="abc", kind="tasks", title="Birds", question={}
    )
    call.refresh_from_db()

    shown = CallOut(**show_call(call, work=WORK, address="https://dure.example"))

    assert shown.join_url == "https://dure.example/c/abc/"
    assert shown.answers.model_dump() == {"min": 3, "max": 5, "target": 0.95, "lease_s": 300}
    assert shown.work.model_dump() == WORK
