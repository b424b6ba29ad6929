"""What links to this installation begin with."""

from __future__ import annotations

import pytest
from django.test import RequestFactory, override_settings

from dure.doors.wording.links import root_of


@pytest.mark.parametrize(
    ("public", "root"),
    [("", "http://testserver"), ("https://dure.example/", "https://dure.example")],
)
def test_links_begin_with_the_public_address_where_there_is_one(public: str, root: str) -> None:
    with override_settings(PUBLIC_ADDRESS=public):
        assert root_of(RequestFactory().get("/c/birds/?from=poster")) == root
