"""Money that a running server's demo owes to people, put there without a crowd that earns it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.doors.desk.conftest import Bureau

ROOT = Path(__file__).parents[3]
# The maker is nobody who signs in, so that whoever does may release it.
OWE = """
import django
django.setup()
from dure.calls.models import Call
from dure.calls.paying_out import propose_batch
from dure.people.models import Organisation
from tests.calls.earning import earn
organisation = Organisation.objects.get(slug="demo")
call = Call.objects.filter(organisation=organisation, state="open").earliest("pk")
for _ in range(2):
    earn(call, 12_500, says_how=True)
batch = propose_batch(
    organisation=organisation, currency="KRW", by="account:0", request_key="test"
)
earn(call, 700)
print(batch.pk)
"""


def owe_money(bureau: Bureau) -> int:
    """Two people in a batch that waits for its release, and one who has not said where to."""
    told = subprocess.run(
        [sys.executable, "-c", OWE],
        env={**bureau.server.environment, "DJANGO_SETTINGS_MODULE": "dure.settings"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 0, told.stderr
    return int(told.stdout.splitlines()[-1])
