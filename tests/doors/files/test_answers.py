from __future__ import annotations

import pytest

from dure.doors.files.answers import read_answers, read_truth
from dure.doors.files.bad_file import BadFile

COLUMNS = {"task": "task", "worker": "worker", "answer": "answer"}
EXPORT = """id,task,worker,answer,phase,late,at
1,t1,w1,a,first,false,2026-01-01T00:00:00Z
2,t1,w2,,first,false,2026-01-01T00:00:00Z
3,t1,w3,b,first,true,2026-01-01T00:00:00Z
4,t1,w1,b,revision,false,2026-01-01T00:00:00Z
5,t2,w1,b,first,false,2026-01-01T00:00:00Z
"""


def test_export_of_the_platform_counts_first_answers_in_time(tmp_path):
    rows = read_answers(_file(tmp_path, EXPORT), columns=COLUMNS)

    assert (rows.tasks, rows.workers, rows.answers) == (
        ["t1", "t2"],
        ["w1", "w1"],
        ["a", "b"],
    )
    assert (rows.n_skips, rows.n_late, rows.n_revisions, rows.n_repeats) == (1, 1, 1, 0)
    assert rows.rows == [0, 4]


def test_column_called_late_alone_means_nothing(tmp_path):
    path = _file(tmp_path, "task,worker,answer,late\nt,w,a,true\n")

    assert read_answers(path, columns=COLUMNS).answers == ["a"]


def test_apostrophes_of_files_that_are_not_the_platforms_stay(tmp_path):
    own = _file(tmp_path, "task,worker,answer\n'=t,w,'-a\n")
    rows = read_answers(own, columns=COLUMNS)
    truths, _ = read_truth(_file(tmp_path, "task,truth,by\n'=t,'-a,me\n"))

    assert (rows.tasks, rows.answers, truths) == (["'=t"], ["'-a"], {"'=t": "'-a"})


def test_exact_repeats_count_once(tmp_path):
    path = _file(tmp_path, "task,worker,answer\nt,w,a\ns,w,a\nt,w,a\n")

    rows = read_answers(path, columns=COLUMNS)

    assert (rows.tasks, rows.n_repeats) == (["t", "s"], 1)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (
            "task,worker,answer\nt,w,a\nt,w,b\n",
            (
                "a.csv: line 3, column answer: is 'b', but worker 'w' answered task 't' with 'a' "
                "before; keep one of the two"
            ),
        ),
        (
            "task,worker,answer\n,w,a\n",
            "a.csv: line 2, column task: is empty; every answer needs its task and its worker",
        ),
        (
            "task,worker,answer\nt,,a\n",
            "a.csv: line 2, column worker: is empty; every answer needs its task and its worker",
        ),
        (
            "task,worker,answer,phase,late\nt,w,a,first,soon\n",
            "a.csv: line 2, column late: expected true or false, got 'soon'",
        ),
    ],
)
def test_answers_that_cannot_count_are_refused_by_line(tmp_path, body, sentence):
    with pytest.raises(BadFile) as refusal:
        read_answers(_file(tmp_path, body), columns=COLUMNS)

    assert str(refusal.value) == sentence


def test_truth_that_contradicts_itself_is_refused(tmp_path):
    with pytest.raises(BadFile) as refusal:
        read_truth(_file(tmp_path, "task,truth\nt,a\ns,a\nt,b\n"))

    assert str(refusal.value) == (
        "a.csv: line 4, column truth: is 'b', but task 't' had the truth 'a' before; keep one"
    )


def test_truth_gives_labels_and_rows(tmp_path):
    path = _file(tmp_path, "truth,task\na,t\nb,s\n")

    assert read_truth(path) == ({"t": "a", "s": "b"}, {"t": 0, "s": 1})


def _file(folder, body):
    path = folder / "a.csv"
    path.write_text(body, encoding="utf-8")
    return path
