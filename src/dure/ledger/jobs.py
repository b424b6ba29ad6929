"""The ledger's work in the background."""

from __future__ import annotations

from procrastinate.contrib.django import app


@app.periodic(cron="41 * * * *")
@app.task(name="checkpoint_accounts", queueing_lock="checkpoint_accounts")
def checkpoint_accounts(timestamp: int) -> None:  # noqa: ARG001  each periodic task gets it
    from dure.ledger import checkpoints  # noqa: PLC0415  app ready

    checkpoints.checkpoint_accounts()
