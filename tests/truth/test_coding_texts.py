from __future__ import annotations

import pytest

from dure.truth import BadAnswers, code_texts


def test_rows_are_put_in_one_order_and_texts_stay_as_given():
    coded = code_texts(["t2", "t1", "t1"], ["a", "b", "a"], [" X ", "y", "Z"])

    assert (coded.tasks, coded.workers) == (("t1", "t2"), ("a", "b"))
    assert coded.texts.text_of_answer == ("Z", "y", " X ")
    assert coded.texts.task_of_answer.tolist() == [0, 0, 1]
    assert coded.texts.worker_of_answer.tolist() == [0, 1, 0]
    assert coded.row_of_answer.tolist() == [2, 1, 0]


def test_tasks_without_answers_can_be_named():
    coded = code_texts(["t"], ["a"], ["x"], task_keys=["s", "t"])

    assert (coded.tasks, coded.texts.n_tasks) == (("s", "t"), 2)


def test_answer_that_is_no_text_is_refused():
    with pytest.raises(BadAnswers) as refusal:
        code_texts(["t", "t"], ["a", "b"], ["x", 7])

    assert str(refusal.value) == (
        "Expected each answer to be text, got 7 in row 1; write it as text or leave the row out."
    )
