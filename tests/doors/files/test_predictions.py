from __future__ import annotations

import pytest

from dure.doors.files.bad_file import BadFile
from dure.doors.files.predictions import read_predictions


def test_predictions_come_as_columns_with_the_row_they_came_from(tmp_path):
    path = _file(tmp_path, "task,worker,value,prediction\nt,w,a,.25\nt,w,b,\ns,w,a, 1e-1 \n")

    found = read_predictions(path)

    assert (found.tasks, found.workers, found.values) == (["t", "s"], ["w", "w"], ["a", "a"])
    assert (found.predictions, found.rows) == ([0.25, 0.1], [0, 2])


def test_numbers_need_no_value(tmp_path):
    found = read_predictions(_file(tmp_path, "prediction;task;worker\n-3;t;w\n"))

    assert (found.values, found.predictions) == ([""], [-3.0])


def test_exact_repeats_count_once(tmp_path):
    path = _file(tmp_path, "task,worker,value,prediction\nt,w,a,1\nt,v,a,1\nt,w,a,1.0\nu,w,a,2\n")

    assert read_predictions(path).rows == [0, 1, 3]


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (
            "task,worker,value\nt,w,a\n",
            (
                "p.csv: line 1, column prediction: there is no such column among task, worker, "
                "value; rename it or name it with --columns"
            ),
        ),
        (
            "task,worker,value,prediction\n\nt,,a,1\n",
            (
                "p.csv: line 3, column worker: is empty; every prediction needs its task and its "
                "worker"
            ),
        ),
        (
            "task,worker,value,prediction\n,w,a,1\n",
            "p.csv: line 2, column task: is empty; every prediction needs its task and its worker",
        ),
        *(
            (
                f"task,worker,value,prediction\nt,w,a,{text}\n",
                (
                    f"p.csv: line 2, column prediction: expected a number, got '{text}'; "
                    "leave the prediction empty where there is none"
                ),
            )
            for text in ("half", "nan", "inf", "1_0")
        ),
        (
            "task,worker,value,prediction\nt,w,a,.5\nt,w,b,.5\nt,w,a,.6\n",
            (
                "p.csv: line 4, column prediction: is 0.6, but worker 'w' predicted 0.5 for task "
                "'t' and value 'a' before; keep one of the two"
            ),
        ),
        (
            "task,worker,prediction\nt,w,5\nt,w,6\n",
            (
                "p.csv: line 3, column prediction: is 6, but worker 'w' predicted 5 for task 't' "
                "before; keep one of the two"
            ),
        ),
    ],
)
def test_bad_rows_are_refused_where_they_stand(tmp_path, body, sentence):
    path = _file(tmp_path, body)

    with pytest.raises(BadFile) as refusal:
        read_predictions(path)

    assert str(refusal.value) == sentence


def _file(folder, body):
    path = folder / "p.csv"
    path.write_text(body, encoding="utf-8")
    return path
