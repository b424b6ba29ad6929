from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import psycopg
from django.contrib.staticfiles import finders

from dure.calls.tasks.questions import TYPES
from dure.doors.cli.demo import CALLS
from tests.serving import Server, ask, run_dure


def test_demo_opens_a_call_of_each_type_and_again_changes_nothing(
    served: Server, served_folder: Path
) -> None:
    first = run_dure(served_folder, "demo")
    second = run_dure(served_folder, "demo")

    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout == second.stdout
    slugs = [line.strip("/").split("/")[1] for line in first.stdout.splitlines()]
    assert len(set(slugs)) == len(TYPES)
    joins = [ask(served, "/collect/join", orjson.dumps({"call": slug})) for slug in slugs]
    assert joins == [200] * len(TYPES)
    assert _count(served_folder, "people_organisation") == 1
    assert _count(served_folder, "tasks_task") == sum(len(call["tasks"]) for call in _calls())
    assert _states(served_folder) == {"open"}


def test_every_demo_text_is_there_in_korean_and_english() -> None:
    texts = [text for call in _calls() for text in _texts(call)]

    assert {call["question"]["type"] for call in _calls()} == set(TYPES)
    assert all(4 <= len(call["tasks"]) <= 40 for call in _calls())
    assert {tuple(text) for text in texts} == {("ko", "en")}
    assert [text for text in texts if not all(words.strip() for words in text.values())] == []


def test_every_demo_picture_is_there() -> None:
    parts = [part for call in _calls() for task in call["tasks"] for part in _pictures(task)]

    assert len(parts) == 24
    assert [part for part in parts if finders.find(part.removeprefix("/static/")) is None] == []


def _pictures(task: dict[str, Any]) -> list[str]:
    content = task["content"]
    sides = [content[side] for side in ("left", "right") if side in content]
    return [side["image"] for side in [content, *sides] if "image" in side]


def _calls() -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = orjson.loads(CALLS.read_bytes())
    return calls


def _texts(call: dict[str, Any]) -> list[dict[str, str]]:
    labels = [option["label"] for option in call["question"].get("options", [])]
    shown = [task["content"] for task in call["tasks"]]
    contents = [content["text"] for content in shown if "text" in content]
    contents += [item for content in shown for item in content.get("items", [])]
    return [call["title"], call["brief"], call["question"]["text"], *labels, *contents]


def _count(folder: Path, table: str) -> int:
    return int(_ask(folder, f"select count(*) from {table}")[0])


def _states(folder: Path) -> set[str]:
    return set(_ask(folder, "select state from calls_call"))


def _ask(folder: Path, query: str) -> list[Any]:
    with psycopg.connect(
        host=str(folder / "postgres"), dbname="dure", user="dure_owner"
    ) as connection:
        return [row[0] for row in connection.execute(query)]
