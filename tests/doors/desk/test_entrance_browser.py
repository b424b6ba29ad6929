"""What a new organisation is called in links, as a real browser suggests it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.doors.desk.conftest import Bureau

pytestmark = pytest.mark.browser


def test_short_name_follows_the_name_until_it_is_typed(bureau: Bureau, chromium: Browser) -> None:
    page = bureau.page(chromium, path="/desk/new-organisation")
    name, slug = page.locator("[name=organisation]"), page.locator("[name=slug]")

    followed = []
    for typed in ("River & Café 2", "두레 빵집 2호점"):
        name.fill(typed)
        followed.append(slug.input_value())
    slug.fill("dure")
    name.fill("River")

    assert followed == ["river-cafe-2", ""]
    expect(slug).to_have_value("dure")
    page.context.close()
