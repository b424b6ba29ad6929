from __future__ import annotations

import numpy as np
import pytest

from dure.truth import BadAnswers, code_choices, code_numbers, infer

TASKS = ["t2", "t1", "t2", "t10"]
WORKERS = ["b", "b", "a", "a"]
LABELS = ["yes", "01", "1", "yes"]


def test_ids_are_sorted_and_rows_put_in_canonical_order():
    coded = code_choices(TASKS, WORKERS, LABELS)

    assert coded.tasks == ("t1", "t10", "t2")
    assert coded.workers == ("a", "b")
    assert coded.classes == ("01", "1", "yes")
    assert coded.answers.task_of_answer.tolist() == [0, 1, 2, 2]
    assert coded.answers.worker_of_answer.tolist() == [1, 0, 0, 1]
    assert coded.answers.label_of_answer.tolist() == [0, 2, 1, 2]
    assert coded.row_of_answer.tolist() == [1, 3, 2, 0]


@pytest.mark.parametrize("kind", [list, np.array, lambda column: np.array(column, dtype=object)])
def test_row_order_and_container_change_no_bit_of_the_verdict(kind):
    random = np.random.default_rng(5)
    cells = random.permutation(60 * 9)[:300]
    columns = [
        [f"t{cell // 9}" for cell in cells],
        [f"w{cell % 9}" for cell in cells],
        [str(label) for label in random.integers(0, 3, 300)],
    ]
    order = random.permutation(300)
    shuffled = [[column[row] for row in order] for column in columns]

    first = infer(code_choices(*columns).answers)
    second = infer(code_choices(*map(kind, shuffled)).answers)

    assert first.probability.tobytes() == second.probability.tobytes()
    assert first.skill.tobytes() == second.skill.tobytes()


def test_given_classes_and_tasks_are_kept_even_without_answers():
    coded = code_choices(
        TASKS,
        WORKERS,
        LABELS,
        classes=["yes", "no", "1", "01"],
        task_keys={*TASKS, "t0"},
    )

    assert coded.classes == ("01", "1", "no", "yes")
    assert coded.tasks == ("t0", "t1", "t10", "t2")
    assert coded.answers.n_labels == 4


def test_rows_keep_the_names_they_are_given():
    rows = np.array([3, 5, 8, 13], np.int64)

    coded = code_choices(TASKS, WORKERS, LABELS, rows=rows)
    with pytest.raises(BadAnswers) as refusal:
        code_choices(TASKS, WORKERS, LABELS, classes=["yes", "01"], rows=rows)

    assert coded.row_of_answer.tolist() == [5, 13, 8, 3]
    assert str(refusal.value) == (
        "Expected each class to be one of '01', 'yes'; got '1' in row 8; "
        "leave the row out or add the class."
    )


def test_no_answers_code_to_nothing():
    choices = code_choices([], [], [], classes=["a", "b"], task_keys=["t"])
    numbers = code_numbers([], [], [])

    assert (choices.answers.n_tasks, choices.answers.n_labels) == (1, 2)
    assert numbers.numbers.value_of_answer.dtype == np.float64


def test_numbers_follow_their_rows():
    coded = code_numbers(TASKS, WORKERS, [2.0, 1.0, 3.0, 4.0])

    assert coded.numbers.value_of_answer.tolist() == [1.0, 4.0, 3.0, 2.0]


@pytest.mark.parametrize(
    ("arguments", "options", "sentence"),
    [
        (
            (["t"], ["w", "v"], ["a"]),
            {},
            (
                "Expected columns of one length, got 1 tasks, 2 workers, 1 labels; "
                "give one of each per row."
            ),
        ),
        (
            (["t"], ["w"], ["c"]),
            {"classes": ["a", "b"]},
            (
                "Expected each class to be one of 'a', 'b'; got 'c' in row 0; "
                "leave the row out or add the class."
            ),
        ),
        (
            (["t"], ["w"], [1]),
            {},
            (
                "Expected each class to be text, got 1 in row 0; "
                "write ids as text, so that '01' and '1' stay apart."
            ),
        ),
        (
            (["t", "s", "t"], ["w", "w", "w"], ["a", "a", "b"]),
            {},
            (
                "Expected one answer for each task and worker, got two of worker 'w' to task 't' "
                "in rows 0 and 2; leave one out."
            ),
        ),
        (
            ([], [], []),
            {},
            "Expected at least one class, got no answers and no classes; name the options.",
        ),
    ],
)
def test_what_cannot_be_coded_is_refused_by_name_and_row(arguments, options, sentence):
    with pytest.raises(BadAnswers) as refusal:
        code_choices(*arguments, **options)

    assert str(refusal.value) == sentence
