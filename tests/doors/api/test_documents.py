"""What the document promises is what the API does, whatever is sent to it."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from dure.calls.queries import ID_MAX
from tests.doors.api.asking import JSON, Organiser
from tests.doors.api.test_application import routes
from tests.factories import make_organisation

EXAMPLES_MAX = 25
LABELS = [f"{method.upper()} {path}" for method, path, _ in routes()]


@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("label", LABELS)
def test_no_request_meets_anything_that_is_not_documented(
    live_db: str, caplog: pytest.LogCaptureFixture, label: str, mode: GenerationMode
) -> None:
    caplog.set_level(logging.CRITICAL)
    organiser = Organiser(make_organisation())
    call_id = organiser.create()["id"]
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    operation = schema.find_operation_by_label(label)
    assert operation is not None

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=EXAMPLES_MAX,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def send(case: Any) -> None:
        given_id = case.path_parameters.get("call_id")
        if isinstance(given_id, int) and 1 <= given_id <= ID_MAX:
            case.path_parameters["call_id"] = call_id
        # Rules between fields, as min below max, are told in sentences, not in the document; and
        # whatever is sent as CSV is text.
        excluded = [positive_data_acceptance]
        if case.media_type not in (None, JSON):
            excluded.append(negative_data_rejection)
        headers = {"Authorization": f"Bearer {organiser.token}", "Accept-Encoding": "identity"}
        case.call_and_validate(headers=headers, excluded_checks=excluded)

    send()
