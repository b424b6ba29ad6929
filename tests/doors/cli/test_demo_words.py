from __future__ import annotations

import pytest

pytest.importorskip("importlib.util").find_spec("vaderSentiment") or pytest.skip(
    "vaderSentiment is not installed", allow_module_level=True
)
