"""A collecting door of its own for each test, on a database of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio
from asgiref.sync import sync_to_async
from django.db import connections

from dure.doors.collect.app import Collecting


@pytest_asyncio.fixture
async def door(live_db: str) -> AsyncIterator[Collecting]:
    collecting = Collecting()
    yield collecting
    await collecting.close()
    # The thread that ran Django for us keeps a connection of its own.
    await sync_to_async(connections.close_all)()
