"""The package loads what is asked for: a process that never fits holds no compiled code."""

from __future__ import annotations

import importlib
import subprocess
import sys
from types import ModuleType

import dure.truth
from dure import truth

LOOK = """
import sys
import dure.truth.explain
import dure.truth.explain_boxes
print(sorted(name for name in ("numba", "django", "numpy") if name in sys.modules))
from dure.truth import explain, explain_answers
print(callable(explain), explain_answers is sys.modules["dure.truth.explain"].explain_answers)
"""


def test_explaining_loads_neither_compiled_code_nor_the_platform():
    told = subprocess.run(
        [sys.executable, "-c", LOOK], capture_output=True, text=True, check=True
    ).stdout

    assert told.splitlines() == ["['numpy']", "True True"]


def test_every_name_is_there_and_none_is_a_module():
    assert [one for one in truth.__all__ if isinstance(getattr(truth, one), ModuleType)] == []
    assert set(truth.__all__) <= set(dir(truth))
    assert not hasattr(truth, "no_such_name")


def test_function_keeps_its_name_when_its_module_is_loaded_again():
    function = truth.majority

    importlib.import_module("dure.truth.majority")
    del sys.modules["dure.truth.majority"]
    importlib.import_module("dure.truth.majority")

    assert truth.majority is function
    assert dure.truth.majority is function
