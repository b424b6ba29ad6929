"""Work in the background: put approved settlements into the ledger."""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

RETRY = RetryStrategy(max_attempts=20, exponential_wait=2)


@app.task(name="post_settlement", retry=RETRY)
def post_settlement(*, settlement_id: int) -> None:
    from dure.calls.shares import posting  # noqa: PLC0415  app ready

    posting.post_settlement(settlement_id)


def post_settlement_later(*, settlement_id: int) -> None:
    """Queued in the caller's transaction: it is approved and on its way, or neither."""
    app.configure_task("post_settlement").defer(settlement_id=settlement_id)
