"""Why a line, a file or a question is refused is told in the reader's language, inner parts too."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.utils.translation import override

import dure
from dure.calls.tasks.importing import Refused
from dure.doors.desk.templatetags.desk import spelt
from dure.doors.wording.reasons import REASONS
from dure.doors.wording.sentences import SENTENCES
from dure.errors import Invalid, Sentence, any_of

SOURCE = Path(dure.__file__).parent
MODULES = [
    SOURCE / f"{name}.py"
    for name in (
        "errors", "calls/life", "calls/promises", "calls/texts", "calls/topics",
        "calls/media/archives", "calls/media/kinds", "calls/media/pictures", "calls/media/storing",
        "calls/tasks/contents", "calls/tasks/importing", "calls/tasks/questions",
        "calls/tasks/uploading", "calls/tasks/values", "doors/desk/pasting", "doors/desk/uploads",
        "doors/files/sheets", "doors/files/task_rows", "doors/files/workbooks",
        "people/payees", "doors/desk/payouts", "doors/desk/payout_rules", "doors/files/bank_files",
        "ledger/payouts/batches", "ledger/payouts/fees",
        "ledger/payouts/rules", "ledger/payouts/withholding",
    )
]  # fmt: skip
MAKERS = {
    "Sentence", "Refusal", "Invalid", "TooLarge", "Unknown", "WrongState", "BadMedia", "BadValue",
}  # fmt: skip


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.stem)
def test_every_reason_is_a_template_that_has_a_translation(module: Path) -> None:
    given = [node.args[0] for node in ast.walk(ast.parse(module.read_text()))
             if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
             and node.func.id in MAKERS and node.args]  # fmt: skip

    written = [one.value if isinstance(one, ast.Constant) else ast.unparse(one) for one in given]
    if module.stem == "errors":
        written.remove("template")

    assert set(written) <= {*SENTENCES, *REASONS}


def test_reason_is_spelt_with_the_parts_inside_it() -> None:
    why = Sentence("Expected {options}; got {value}.", options=any_of(["a", "b"]), value="c")
    misfit = Invalid("gold does not answer the question. {why}", why=why)

    line = Refused(2, misfit.sentence)

    assert line.reason == "gold does not answer the question. Expected a or b; got c."
    with override("ko"):
        assert spelt(line.reason) == (
            "정답이 질문에 맞지 않아요. a 또는 b 중에서 적어 주세요. 받은 값: c"
        )
        assert spelt("what somebody typed") == "what somebody typed"
