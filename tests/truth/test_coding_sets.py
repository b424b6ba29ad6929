from __future__ import annotations

import pytest

from dure.truth import BadAnswers, code_sets


def test_neither_the_order_of_rows_nor_of_names_changes_the_sets():
    rows = [("t2", "w1", ["b", "a"]), ("t1", "w2", []), ("t1", "w1", ["c"])]

    coded, other = (code_sets(*zip(*some, strict=True)) for some in (rows, rows[::-1]))

    assert (coded.tasks, coded.workers, coded.classes) == (
        ("t1", "t2"),
        ("w1", "w2"),
        ("a", "b", "c"),
    )
    assert coded.sets.chosen.tolist() == [
        [False, False, True],
        [False, False, False],
        [True, True, False],
    ]
    assert coded.row_of_answer.tolist() == [2, 1, 0]
    assert coded.sets.chosen.tobytes() == other.sets.chosen.tobytes()
    assert coded.sets.task_of_answer.tolist() == other.sets.task_of_answer.tolist() == [0, 0, 1]


def test_options_and_tasks_that_nobody_named_are_there():
    coded = code_sets(["t"], ["w"], [[]], classes=["b", "a"], task_keys=["t", "s"])

    assert (coded.classes, coded.tasks) == (("a", "b"), ("s", "t"))
    assert coded.sets.chosen.shape == (1, 2)


@pytest.mark.parametrize(
    ("values", "classes", "sentence"),
    [
        (
            [["a", "x"]],
            ["a", "b"],
            (
                "Expected each row to name classes of 'a', 'b', each once; got ['a', 'x'] in row "
                "0; leave the row out or add the class."
            ),
        ),
        (
            [["a", "a"]],
            None,
            (
                "Expected each row to name classes of 'a', each once; got ['a', 'a'] in row 0; "
                "leave the row out or add the class."
            ),
        ),
        (
            [[]],
            None,
            "Expected at least one class, got no answers that name one; name the options.",
        ),
        (
            [],
            ["a"],
            ("Expected columns of one length, got 1 tasks, 0 values; give one of each per row."),
        ),
    ],
)
def test_what_is_no_set_of_classes_is_refused(values, classes, sentence):
    with pytest.raises(BadAnswers) as refusal:
        code_sets(["t"], ["w"], values, classes=classes)

    assert str(refusal.value) == sentence
