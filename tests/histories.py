"""Random histories against a model: how they are run, and a database whose clock they set."""

from __future__ import annotations

from typing import Any

import psycopg
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test


def run_histories(machine: type[RuleBasedStateMachine], *, runs: int, steps: int) -> None:
    """The same histories each time, none remembered from elsewhere."""
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=runs,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            database=None,
            phases=[Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        ),
    )


def stop_clock(owner: psycopg.Connection[Any], at: str) -> None:
    """From now on it is this moment for the collecting functions."""
    owner.execute(
        "create or replace function collect.now() returns timestamptz language sql volatile"
        f" as $$ select '{at}'::timestamptz $$"
    )
