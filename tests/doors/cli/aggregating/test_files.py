from __future__ import annotations

from dataclasses import replace

import pytest

from dure.doors.cli.aggregating.files import aggregate_file
from dure.doors.cli.aggregating.parts import Request, Watch, number_of
from dure.doors.files.bad_file import BadFile

ANSWERS = "task,worker,answer\ns,v,a\ns,w,b\nt,v,a\nt,w,a\n"


def test_steps_and_rounds_are_told_in_order(tmp_path):
    told = []
    watch = Watch(told.append, lambda n_rounds, change: told.append((n_rounds, change > 0)))

    notes = aggregate_file(_request(tmp_path), watch=watch)

    rounds = told[1:-2]
    assert (told[0], told[-2:], notes) == ("Fitting", ["Writing", "Done"], [])
    assert rounds == [(one, True) for one in range(1, len(rounds) + 1)]
    assert rounds


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            {"kind": "number", "classes": "a,b"},
            (
                "--classes has no meaning for answers of kind number, but for choice or multi; "
                "leave it out."
            ),
        ),
        (
            {"workers": "OUT"},
            "Two outputs have the same name; each of --out, --workers and --plot needs its own.",
        ),
    ],
)
def test_refused_options_are_refused_before_anything_is_read(tmp_path, options, sentence):
    out = str(tmp_path / "o.csv")
    given = {name: out if value == "OUT" else value for name, value in options.items()}

    with pytest.raises(BadFile) as refusal:
        aggregate_file(Request("absent.csv", out, **given), watch=Watch(lambda name: None))

    assert str(refusal.value) == sentence


@pytest.mark.parametrize(("kind", "is_told"), [("auto", True), ("choice", False), ("multi", False)])
def test_lists_taken_for_classes_are_told(tmp_path, kind, is_told):
    request = _request(tmp_path, kind=kind)
    (tmp_path / "answers.csv").write_text('task,worker,answer\n1,v,"[""a""]"\n1,w,[]\n')

    notes = aggregate_file(
        replace(request, answers=str(tmp_path / "answers.csv")), watch=Watch(lambda name: None)
    )

    assert any("say --kind multi, rank or box" in note for note in notes) == is_told


def test_truths_of_other_tasks_leave_nothing_to_draw_and_no_file(tmp_path):
    truth = tmp_path / "truth.csv"
    truth.write_text("task,truth\nother,a\n")
    plain = _request(tmp_path, truth=str(truth))
    drawn = _request(tmp_path, truth=str(truth), plot=str(tmp_path / "p.svg"))

    with pytest.raises(BadFile) as refusal:
        aggregate_file(drawn, watch=Watch(lambda name: None))
    left = sorted(one.name for one in tmp_path.iterdir())
    notes = aggregate_file(plain, watch=Watch(lambda name: None))

    nothing = f"{truth}: no task of the answers has a truth here, so nothing was scored"
    assert str(refusal.value) == f"{nothing}; give the truth of some tasks, or leave --plot out."
    assert left == ["a.csv", "truth.csv"]
    assert notes == [f"{nothing}."]


@pytest.mark.parametrize("folder", ["o.csv", "w.csv", "p.png"])
def test_no_file_takes_its_place_when_one_can_t_be_written(tmp_path, folder):
    (tmp_path / folder).mkdir()
    truth = tmp_path / "truth.csv"
    truth.write_text("task,truth\ns,a\n")
    files = {"workers": str(tmp_path / "w.csv"), "plot": str(tmp_path / "p.png")}
    request = _request(tmp_path, truth=str(truth), **files)

    with pytest.raises(BadFile) as refusal:
        aggregate_file(request, watch=Watch(lambda name: None))

    assert str(refusal.value) == f"{tmp_path / folder}: is a folder; name a file in it"
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(["a.csv", folder, "truth.csv"])


@pytest.mark.parametrize("name", ["a.csv", "gold.csv", "truth.csv"])
@pytest.mark.parametrize("output", ["out", "workers"])
def test_no_output_replaces_an_input(tmp_path, name, output):
    for known in ("gold", "truth"):
        (tmp_path / f"{known}.csv").write_text("task,truth\ns,a\n")
    given = {known: str(tmp_path / f"{known}.csv") for known in ("gold", "truth")}
    target = str(tmp_path / "." / name)
    before = (tmp_path / name).read_text() if name != "a.csv" else ANSWERS

    with pytest.raises(BadFile) as refusal:
        aggregate_file(
            replace(_request(tmp_path, **given), **{output: target}), watch=Watch(lambda name: None)
        )

    assert str(refusal.value) == f"{target}: is an input, which it would replace; name another file"
    assert (tmp_path / name).read_text() == before


@pytest.mark.parametrize(
    ("text", "value"),
    [("1", 1.0), (" -2.5e3 ", -2500.0), (".5", 0.5), ("1_0", None), ("nan", None), ("1e999", None)],
)
def test_only_plain_numbers_are_numbers(text, value):
    assert number_of(text) == value


def _request(folder, **options):
    (folder / "a.csv").write_text(ANSWERS)
    return Request(str(folder / "a.csv"), str(folder / "o.csv"), **options)
