"""Make every verdict run of a data folder again, and add up its ledger, from rows alone.

Run as a program with DURE_DATA set; prints what it found as JSON.
"""

from __future__ import annotations

import json
import os

import django
from django.db.models import Q, Sum

from dure import postgres


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dure.settings")
    postgres.start()
    try:
        django.setup()
        print(json.dumps(look()))  # noqa: T201  the program's result
    finally:
        postgres.stop()


def look() -> dict[str, object]:
    from dure.calls.tasks.models import (  # noqa: PLC0415  app ready
        Accrual,
        Answer,
        Verdict,
        VerdictRun,
    )
    from dure.calls.tasks.verdicts import make_again  # noqa: PLC0415  app ready
    from dure.ledger.audit import audit  # noqa: PLC0415  app ready
    from dure.ledger.models import Entry  # noqa: PLC0415  app ready

    runs = list(VerdictRun.objects.select_related("call").order_by("id"))
    fits = [make_again(run) for run in runs]
    last = fits[-1]
    stored = Verdict.objects.values_list("label", "probability", "answers")
    counted = Answer.objects.filter(
        is_skip=False, is_late=False, undone_seq=None, superseded_seq=None
    )
    posted = Accrual.objects.exclude(posted_as=None)
    owed = Entry.objects.filter(Q(account__purpose="owed_to")).aggregate(sum=Sum("amount_minor"))
    return {
        "n_runs": len(runs),
        "runs_differ": [
            run.pk for run, fit in zip(runs, fits, strict=True) if fit.digest() != bytes(run.digest)
        ],
        "verdicts_are_the_last_runs": sorted(stored)
        == sorted(zip(last.labels, last.probabilities, last.answers, strict=True)),
        "ledger_is_sound": audit().is_sound,
        "owed_minor": owed["sum"] or 0,
        "accrued_minor": posted.aggregate(sum=Sum("amount_minor"))["sum"] or 0,
        "n_counted": counted.count(),
        "n_answers": Answer.objects.count(),
    }


if __name__ == "__main__":
    main()
