from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import psycopg
from django.contrib.staticfiles import finders

from dure.calls.tasks.questions import TYPES
from dure.doors.cli.demo import CALLS, STORY
from dure.doors.cli.demo_words import read_words
from tests.serving import Server, ask, run_dure


def test_demo_opens_a_call_of_each_type_and_again_changes_nothing(
    served: Server, served_folder: Path
) -> None:
    first = run_dure(served_folder, "demo", PORT="8123")
    second = run_dure(served_folder, "demo", PORT="8123")

    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout == second.stdout
    lines = [line.split("/  ", 1) for line in first.stdout.splitlines()]
    assert {link.rsplit("/", 1)[0] for link, _ in lines} == {"http://localhost:8123/c"}
    assert [title for _, title in lines] == [call["title"]["en"] for call in _calls()]
    slugs = [link.rsplit("/", 1)[1] for link, _ in lines]
    assert len(set(slugs)) == len(TYPES)
    joins = [ask(served, "/collect/join", orjson.dumps({"call": slug})) for slug in slugs]
    assert joins == [200] * len(TYPES)
    assert _count(served_folder, "people_organisation") == 1
    n_tasks = sum(len(call["tasks"]) for call in [*_calls(), *_story()] if call["tasks"])
    assert _count(served_folder, "tasks_task") == n_tasks + len(read_words())
    assert _states(served_folder) == ["closed", "draft", *["open"] * len(TYPES), "paused"]


def test_rated_words_are_there_with_ten_ratings_each(
    served: Server,
    served_folder: Path,
) -> None:
    assert run_dure(served_folder, "demo").returncode == 0

    rows = _ask(
        served_folder,
        "select t.key || ' ' || string_agg(a.value::text, ',' order by a.value::text) "
        "from tasks_answer a join tasks_task t on t.id = a.task_id "
        "join calls_call c on c.id = a.call_id where c.state = 'closed' group by t.key",
    )

    wanted = {f"{word} {','.join(sorted(map(str, ratings)))}" for word, ratings in read_words()}
    assert set(rows) == wanted


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


def _story() -> list[dict[str, Any]]:
    calls: list[dict[str, Any]] = orjson.loads(STORY.read_bytes())
    return calls


def _texts(call: dict[str, Any]) -> list[dict[str, str]]:
    labels = [option["label"] for option in call["question"].get("options", [])]
    shown = [task["content"] for task in call["tasks"]]
    contents = [content["text"] for content in shown if "text" in content]
    contents += [item for content in shown for item in content.get("items", [])]
    return [call["title"], call["brief"], call["question"]["text"], *labels, *contents]


def _count(folder: Path, table: str) -> int:
    return int(_ask(folder, f"select count(*) from {table}")[0])


def _states(folder: Path) -> list[str]:
    return sorted(_ask(folder, "select state from calls_call"))


def _ask(folder: Path, query: str) -> list[Any]:
    with psycopg.connect(
        host=str(folder / "postgres"), dbname="dure", user="dure_owner"
    ) as connection:
        return [row[0] for row in connection.execute(query)]
