from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from dure.truth import BadAnswers, code_choices, code_frame, infer

ROWS = {
    "task": ["t2", "t1", "t2", "t10", "t1"],
    "worker": ["b", "b", "a", "a", "a"],
    "answer": ["yes", "01", "1", None, "yes"],
}
NEEDLESS = ("pandas", "polars", "pyarrow")
TABLES = {
    "dict": dict,
    "dict of arrays": lambda rows: {
        name: np.array(column, object) for name, column in rows.items()
    },
    "pandas": pd.DataFrame,
    "pandas with odd rows": lambda rows: pd.DataFrame(rows, index=[9, 9, 4, 2, 0]),
    "pandas of categories": lambda rows: pd.DataFrame(rows).astype("category"),
    "pandas of objects": lambda rows: pd.DataFrame(rows, dtype=object),
    "pandas of nullable text": lambda rows: pd.DataFrame(rows).convert_dtypes(),
    "polars": pl.DataFrame,
    "polars of categories": lambda rows: pl.DataFrame(rows).cast(pl.Categorical),
    "pyarrow": pa.table,
    "pyarrow in chunks": lambda rows: pa.concat_tables(
        [pa.table(rows).slice(0, 2), pa.table(rows).slice(2)]
    ),
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_every_kind_of_table_codes_to_the_same_and_rows_keep_their_names(table):
    coded = code_frame(table(ROWS))

    assert (coded.tasks, coded.workers) == (("t1", "t2"), ("a", "b"))
    assert coded.classes == ("01", "1", "yes")
    assert coded.answers.task_of_answer.tolist() == [0, 0, 1, 1]
    assert coded.answers.worker_of_answer.tolist() == [0, 1, 0, 1]
    assert coded.answers.label_of_answer.tolist() == [2, 0, 1, 2]
    assert coded.row_of_answer.tolist() == [4, 1, 2, 0]
    assert coded.row_of_answer.dtype == np.int64


@pytest.mark.parametrize(
    "table",
    [
        dict,
        lambda rows: {name: np.array(column) for name, column in rows.items()},
        lambda rows: {name: np.array(column, np.uint8) for name, column in rows.items()},
        pd.DataFrame,
        pl.DataFrame,
        pa.table,
    ],
)
def test_whole_numbers_become_their_text_and_give_the_same_bits(table):
    random = np.random.default_rng(3)
    cells = random.permutation(40 * 6)[:150]
    rows = {
        "item": (cells // 6).tolist(),
        "who": (cells % 6).tolist(),
        "says": random.integers(0, 3, 150).tolist(),
    }

    coded = code_frame(table(rows), columns=("item", "who", "says"))

    texts = code_choices(*([str(one) for one in column] for column in rows.values()))
    assert (coded.tasks, coded.workers, coded.classes) == (
        texts.tasks,
        texts.workers,
        texts.classes,
    )
    assert infer(coded.answers).probability.tobytes() == infer(texts.answers).probability.tobytes()


@pytest.mark.parametrize("missing", [None, float("nan"), np.float32("nan"), pd.NA, pd.NaT, ""])
def test_each_way_to_say_nothing_is_a_skip(missing):
    rows = {"task": [1, 1], "worker": [1, 2], "answer": [missing, 7]}

    plain = code_frame(rows)
    framed = code_frame(pd.DataFrame(rows, dtype=object))

    for coded in (plain, framed):
        assert (coded.classes, coded.workers, coded.row_of_answer.tolist()) == (("7",), ("2",), [1])


def test_options_may_be_whole_numbers_and_are_kept_without_answers():
    coded = code_frame(
        {"task": [2], "worker": ["w"], "answer": [1]}, classes=[0, 1, 2], task_keys=(1, 2)
    )

    assert (coded.classes, coded.tasks) == (("0", "1", "2"), ("1", "2"))


def test_frame_comes_back_unchanged():
    frame = pd.DataFrame(ROWS)
    before = frame.copy(deep=True)

    code_frame(frame)

    pd.testing.assert_frame_equal(frame, before)


@pytest.mark.parametrize(
    ("frame", "options", "sentence"),
    [
        (
            pd.DataFrame({"task": ["t"], "who": ["w"], "answer": ["a"]}),
            {},
            (
                "Expected a column 'worker', got 'task', 'who', 'answer'; "
                "rename it or name it with columns=."
            ),
        ),
        (
            pa.table({"task": ["t"]}),
            {},
            "Expected a column 'worker', got 'task'; rename it or name it with columns=.",
        ),
        ({}, {}, "Expected a column 'task', got none; rename it or name it with columns=."),
        (
            pd.DataFrame([["t", "w", "a", "b"]], columns=["task", "worker", "answer", "answer"]),
            {},
            "Expected one column 'answer', got several; keep one.",
        ),
        (
            {"task": ["t", "t"], "worker": ["v", "w"], "answer": [True, False]},
            {},
            (
                "Expected text or whole numbers in column 'answer', got True of type bool "
                "in row 0; turn the column into text first."
            ),
        ),
        (
            pd.DataFrame({"task": ["t", "t"], "worker": ["v", "w"], "answer": [None, 2]}),
            {},
            (
                "Expected text or whole numbers in column 'answer', got 2.0 of type float in row "
                "1; astype('Int64') makes whole numbers of a pandas column that became floats."
            ),
        ),
        (
            {"task": ["t", None], "worker": ["v", "w"], "answer": ["a", "b"]},
            {},
            (
                "Expected a value in column 'task', got None in row 1; "
                "fill it in or leave the row out."
            ),
        ),
        (
            {"task": ["t"], "worker": ["v", "w"], "answer": ["a"]},
            {},
            (
                "Expected columns of one length, got 1 of 'task', 2 of 'worker', 1 of 'answer'; "
                "give one of each per row."
            ),
        ),
        (
            {"task": ["t", "t", "t"], "worker": ["u", "v", "w"], "answer": ["", "a", "c"]},
            {"classes": ["a", "b"]},
            (
                "Expected each class to be one of 'a', 'b'; got 'c' in row 2; "
                "leave the row out or add the class."
            ),
        ),
        (
            {"task": ["s", "t", "t"], "worker": ["w", "w", "w"], "answer": [None, "a", "b"]},
            {},
            (
                "Expected one answer for each task and worker, got two of worker 'w' to task 't' "
                "in rows 1 and 2; leave one out."
            ),
        ),
        (
            {"task": "t", "worker": ["w"], "answer": ["a"]},
            {},
            ("Expected column 'task' to hold a value for each row, got 't'; give it as a list."),
        ),
        (
            pl.DataFrame(ROWS),
            {"columns": ("task", "task", "answer")},
            (
                "Expected the names of three different columns, those of the task, the worker and "
                "the answer, got ('task', 'task', 'answer')."
            ),
        ),
        (
            [("t", "w", "a")],
            {},
            (
                "Expected a pandas or Polars DataFrame, a pyarrow Table or a dict of columns, "
                "got list; give the answers as one of these."
            ),
        ),
    ],
)
def test_what_cannot_be_read_is_refused_by_column_and_row(frame, options, sentence):
    with pytest.raises(BadAnswers) as refusal:
        code_frame(frame, **options)

    assert str(refusal.value) == sentence


@pytest.mark.filterwarnings("ignore:Determining the column names of a LazyFrame")
def test_table_without_values_is_refused():
    with pytest.raises(BadAnswers) as refusal:
        code_frame(pl.DataFrame(ROWS).lazy())

    assert str(refusal.value) == (
        "Expected a table that holds its values, got LazyFrame; collect it first."
    )


def test_engine_needs_no_table_library_and_no_django():
    code = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({NEEDLESS}))\n"
        "from dure.truth import code_frame, infer\n"
        "coded = code_frame({'task': ['t'], 'worker': ['w'], 'answer': [1]})\n"
        "print(infer(coded.answers, method='majority').label.tolist())\n"
        "print([name for name in sys.modules if name.split('.')[0] == 'django'])\n"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "[0]\n[]\n", "")
