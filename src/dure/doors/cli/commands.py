"""Every command of `dure`, under its name."""

from __future__ import annotations

import typer

from dure.doors.cli.aggregate import aggregate
from dure.doors.cli.backup import backup
from dure.doors.cli.bench import bench
from dure.doors.cli.demo import demo
from dure.doors.cli.doctor import doctor
from dure.doors.cli.ledger import ledger
from dure.doors.cli.people import account, org, token
from dure.doors.cli.restore import restore
from dure.doors.cli.serve import serve
from dure.doors.cli.settle import settle

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Open a question to the crowd.")
for command in (serve, demo, aggregate, backup, restore, doctor, settle, bench):
    app.command()(command)
app.add_typer(account, name="account")
app.add_typer(ledger, name="ledger")
app.add_typer(org, name="org")
app.add_typer(token, name="token")
