from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from dure.doors.cli.interrupting import interruptible

# A fit that never settles, told of by its tenth round.
ENDLESS = """
import sys
from dataclasses import replace
from dure.doors.cli import app
from dure.doors.cli.aggregating import choices as choice_verdicts

infer = choice_verdicts.infer

def endless(*arguments, options, **others):
    def tell(n_rounds, change):
        if n_rounds == 10:
            print("fitting", flush=True)
    options = replace(options, change_max=-1.0, n_iterations_max=10**9, progress=tell)
    return infer(*arguments, options=options, **others)

choice_verdicts.infer = endless
sys.argv[0] = "dure"
app()
"""
# Far longer than the command needs to end; the fit would go on for ever.
SECONDS_MAX = 120.0


def test_result_and_error_of_the_work_come_back():
    def fail():
        raise ValueError("told")

    assert interruptible(lambda: 7) == 7
    with pytest.raises(ValueError, match=r"^told$"):
        interruptible(fail)


def test_ctrl_c_ends_a_fit_that_goes_on_and_leaves_no_file(tmp_path):
    (tmp_path / "a.csv").write_text("task,worker,answer\ns,v,a\ns,w,b\nt,v,a\nt,w,a\n")
    (tmp_path / "truth.csv").write_text("task,truth\ns,a\n")
    arguments = ["aggregate", "a.csv", "--out", "o.csv", "--workers", "w.csv"]
    more = ["--truth", "truth.csv", "--plot", "p.svg"]

    with subprocess.Popen(
        [sys.executable, "-c", ENDLESS, *arguments, *more],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        assert running.stdout.readline() == "fitting\n"
        running.send_signal(signal.SIGINT)
        out, error = running.communicate(timeout=SECONDS_MAX)

    assert (running.returncode, out, error) == (
        130,
        "",
        "Stopped before the end; no file was written.\n",
    )
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.csv", "truth.csv"]
