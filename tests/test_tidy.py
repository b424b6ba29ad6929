"""House rules that no tool knows."""

from __future__ import annotations

import ast
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "dure"
MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60

# Tested elsewhere than at their own path, and where.
TESTED_ELSEWHERE = {
    "migrating.py": "tests/test_migrations.py",
    "settings.py": "tests/test_replay.py",
    "compressing.py": "tests/doors/phone/test_installing.py",
    "doors/cli/servers.py": "tests/doors/cli/test_two_servers.py",
    "calls/copying.py": "tests/calls/tasks/test_exporting.py",
    "calls/shares/exporting.py": "tests/doors/api/test_settlements.py",
    "calls/shares/basis.py": "tests/calls/test_settling.py",
    "calls/shares/jobs.py": "tests/calls/test_settling.py",
    "calls/shares/moving.py": "tests/calls/shares/test_paying_in.py",
    "calls/shares/planning.py": "tests/calls/test_settling.py",
    "calls/shares/posting.py": "tests/calls/test_settling.py",
    "calls/shares/settlements.py": "tests/calls/test_settling.py",
    "calls/shares/requests.py": "tests/calls/shares/test_paying_in.py",
    "calls/shares/work.py": "tests/calls/test_settling.py",
    "calls/tasks/worth.py": "tests/calls/test_settling.py",
    "calls/tasks/weighing/boxes.py": "tests/calls/tasks/test_weights_of_every_kind.py",
    "calls/tasks/weighing/numbers.py": "tests/calls/tasks/test_weights_of_every_kind.py",
    "calls/tasks/weighing/pairs.py": "tests/calls/tasks/test_weights_of_every_kind.py",
    "calls/tasks/weighing/parts.py": "tests/calls/tasks/test_weights_of_every_kind.py",
    "calls/tasks/weighing/rankings.py": "tests/calls/tasks/test_weights_of_every_kind.py",
    "calls/tasks/weighing/sets.py": "tests/calls/tasks/test_weights_of_every_kind.py",
    "calls/tasks/weighing/texts.py": "tests/calls/tasks/test_weights_of_every_kind.py",
    "doors/desk/pulling.py": "tests/doors/desk/test_weighing_every_kind.py",
    "doors/desk/pulls.py": "tests/doors/desk/test_weighing_every_kind.py",
    "calls/tasks/exporting_verdicts.py": "tests/calls/tasks/test_exporting.py",
    "calls/tasks/answers.py": "tests/doors/collect/test_app.py",
    "truth/_surprise.py": "tests/truth/test_surprising.py",
    "truth/surprise_types.py": "tests/truth/test_surprising.py",
    "calls/tasks/fitting/choices.py": "tests/calls/tasks/test_verdicts.py",
    "calls/tasks/fitting/kinds.py": "tests/calls/tasks/test_verdicts.py",
    "calls/tasks/fitting/numbers.py": "tests/calls/tasks/test_verdicts.py",
    "calls/tasks/fitting/parts.py": "tests/calls/tasks/test_verdicts.py",
    "calls/media/archives.py": "tests/calls/media/test_storing.py",
    "calls/media/kinds.py": "tests/calls/media/test_storing.py",
    "calls/media/pictures.py": "tests/calls/media/test_storing.py",
    "clock.py": "tests/test_one_answer.py",
    "doors/api/money_schemas.py": "tests/doors/api/test_money.py",
    "truth/_box_corners.py": "tests/truth/test_boxes.py",
    "truth/_box_kernels.py": "tests/truth/test__box_matching.py",
    "truth/_box_marks.py": "tests/truth/test_boxes.py",
    "truth/_box_verdicts.py": "tests/truth/test_online_boxes.py",
    "truth/box_records.py": "tests/truth/test_boxes.py",
    "doors/cli/aggregating/choices.py": "tests/doors/cli/test_aggregate.py",
    "doors/cli/aggregating/numbers.py": "tests/doors/cli/test_aggregate.py",
    "doors/cli/aggregating/parts.py": "tests/doors/cli/aggregating/test_files.py",
    "doors/cli/archive.py": "tests/doors/cli/test_backup.py",
    "doors/desk/apps.py": "tests/doors/desk/test_noting.py",
    "doors/cli/checks.py": "tests/doors/cli/test_doctor.py",
    "doors/files/workbooks.py": "tests/doors/files/test_sheets.py",
    "doors/cli/children.py": "tests/doors/cli/test_serve.py",
    "doors/cli/lifeline.py": "tests/doors/cli/test_serve.py",
    "doors/cli/opening.py": "tests/doors/cli/test_people.py",
    "doors/cli/preparing.py": "tests/doors/cli/test_serve.py",
    "doors/cli/restore.py": "tests/doors/cli/test_backup.py",
    "doors/cli/speaking.py": "tests/doors/cli/test_people.py",
    "doors/cli/supervisor.py": "tests/doors/cli/test_serve.py",
    "doors/cli/worker.py": "tests/doors/cli/test_serve.py",
    "doors/collect/exchange.py": "tests/doors/collect/test_app.py",
    "doors/collect/measures.py": "tests/doors/collect/test_metrics.py",
    "doors/collect/scraping.py": "tests/doors/collect/test_metrics.py",
    "doors/media/urls.py": "tests/doors/media/test_views.py",
    "doors/desk/beginnings.py": "tests/doors/desk/test_forms.py",
    "doors/desk/board.py": "tests/doors/desk/test_journey.py",
    "doors/desk/entrance.py": "tests/doors/desk/test_office.py",
    "doors/desk/exports.py": "tests/calls/tasks/test_exports.py",
    "doors/desk/jobs.py": "tests/doors/desk/test_background.py",
    "doors/desk/keys.py": "tests/doors/desk/test_office.py",
    "doors/desk/media.py": "tests/doors/desk/test_office.py",
    "doors/desk/naming.py": "tests/doors/desk/test_office.py",
    "doors/desk/amounts.py": "tests/doors/desk/test_payout_rules.py",
    "doors/desk/payout_files.py": "tests/doors/desk/test_payouts.py",
    "doors/desk/options.py": "tests/doors/desk/test_forms.py",
    "doors/desk/reading.py": "tests/doors/desk/test_office.py",
    "doors/desk/reckoning.py": "tests/doors/desk/test_journey.py",
    "doors/desk/recovering.py": "tests/doors/desk/test_signing.py",
    "doors/desk/tasks.py": "tests/doors/desk/test_journey.py",
    "doors/desk/templatetags/desk.py": "tests/doors/desk/test_access.py",
    "doors/desk/urls.py": "tests/doors/desk/test_permits.py",
    "doors/phone/statements.py": "tests/doors/phone/test_earning.py",
    "doors/phone/previewing.py": "tests/doors/desk/test_journey.py",
    "doors/square/showing.py": "tests/doors/square/test_views.py",
    "calls/tasks/summaries.py": "tests/calls/tasks/test_boards.py",
    "doors/phone/keys.py": "tests/doors/phone/test_keeping.py",
    "doors/phone/urls.py": "tests/doors/phone/test_views.py",
    "doors/square/urls.py": "tests/doors/square/test_views.py",
    "truth/_text_clusters.py": "tests/truth/test_text.py",
    "truth/_text_fit.py": "tests/truth/test_text.py",
    "truth/_text_task.py": "tests/truth/test_online_texts.py",
    "truth/text_checks.py": "tests/truth/test_text.py",
    "urls.py": "tests/doors/phone/test_views.py",
    "calls/tasks/fitting/ranked.py": "tests/calls/tasks/fitting/test_rankings.py",
    "doors/cli/aggregating/items.py": "tests/doors/cli/aggregating/test_pairs.py",
    "truth/_order_kernels.py": "tests/truth/test__laplacian.py",
    "truth/_pair_fit.py": "tests/truth/test_pairwise.py",
    "truth/_pair_others.py": "tests/truth/test_explain_pairs.py",
    "truth/_orders.py": "tests/truth/test__blocks.py",
    "truth/_pair_votes.py": "tests/truth/test__laplacian.py",
    "truth/_plackett_luce.py": "tests/truth/test_rankings.py",
    "truth/_rank_fit.py": "tests/truth/test_rankings.py",
    "truth/_ranks.py": "tests/truth/test__blocks.py",
    "truth/_sums.py": "tests/truth/test_pairwise.py",
    "truth/habits_of_order.py": "tests/truth/test_pair_chances.py",
    "truth/validate_order.py": "tests/truth/test_pairwise.py",
    "ledger/jobs.py": "tests/ledger/test_checkpoints.py",
    "ledger/reading.py": "tests/ledger/test_verifying.py",
    "ledger/queries.py": "tests/ledger/test_journal.py",
    "ledger/payouts/holding.py": "tests/ledger/payouts/test_paying.py",
    "ledger/payouts/posting.py": "tests/ledger/payouts/test_paying.py",
    "ledger/payouts/providers.py": "tests/ledger/payouts/test_batches.py",
    "ledger/payouts/queries.py": "tests/doors/desk/test_payouts.py",
    "ledger/payouts/references.py": "tests/ledger/payouts/test_batches.py",
    "people/banks.py": "tests/people/test_payees.py",
}
# Statements that ask a room's own functions, or the server itself, for something.
MAY_HOLD_SQL = re.compile(
    r"migrations/|migrating\.py|postgres\.py|embedded\.py|doors/cli/|calls/copying\.py|"
    r"tasks/exporting(_verdicts)?\.py|shares/exporting\.py|"
    r"select (?:(?:[\w, ]+|\*) from )?"
    r"(collect\.|tasks_|shares_|people_|calls_|ledger_|pg_try_adv|pg_adv)"
)
# Modules that belong to no room and may know Django's requests.
WIRING = (
    "urls.py",
    "asgi.py",
    "away.py",
    "compressing.py",
    "features.py",
    "settings.py",
    "statics.py",
)
CLOCKS = re.compile(r"datetime\.(now|utcnow|today)\(|timezone\.now\(|\btime\.time\(")
MACHINE = re.compile(r"(?<![\w.])/(?:wor[k]|roo[t]|home)/\w|pypi\.or[g]/simple|registry\.np[m]js")
UNFINISHED = re.compile(r"\b(TOD[O]|FIXM[E])\b")
VAGUE_NAMES = {"common", "utils", "util", "helpers", "helper", "misc"}


@cache
def tracked() -> tuple[Path, ...]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return tuple(path for name in listed.splitlines() if (path := ROOT / name).is_file())


def modules() -> list[Path]:
    return [path for path in sorted(SOURCE.rglob("*.py")) if "migrations" not in path.parts]


def texts() -> Iterator[tuple[Path, str]]:
    for path in tracked():
        if path.suffix not in {".png", ".ico", ".mo", ".parquet", ".webp"}:
            yield path, path.read_text(encoding="utf-8", errors="replace")


def strings(tree: ast.AST) -> Iterator[str]:
    """Every text in the code; a formatted one whole, with a mark for what is put in."""
    if isinstance(tree, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "{}"
                      for part in tree.values)  # fmt: skip
    elif isinstance(tree, ast.Constant) and isinstance(tree.value, str):
        yield tree.value
    else:
        for child in ast.iter_child_nodes(tree):
            yield from strings(child)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_modules_and_functions_stay_small_enough_to_read() -> None:
    too_long = []
    for path in [*modules(), *sorted((ROOT / "tests").rglob("*.py"))]:
        text = path.read_text()
        if text.count("\n") > MODULE_LINES_MAX:
            too_long.append(f"{name_of(path)}: {text.count(chr(10))} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                docstring = ast.get_docstring(node, clean=False) or ""
                if lines - docstring.count("\n") > FUNCTION_LINES_MAX:
                    too_long.append(f"{name_of(path)}: {node.name} has {lines} lines")
    assert too_long == []


def test_every_module_with_functions_has_its_test_at_the_same_path() -> None:
    untested = []
    for path in modules():
        name = path.relative_to(SOURCE).as_posix()
        has_code = re.search(r"^\s*(async )?def (?!__str__)", path.read_text(), re.MULTILINE)
        if not has_code or path.name in ("models.py", "__init__.py", "__main__.py"):
            continue
        test = TESTED_ELSEWHERE.get(name, f"tests/{Path(name).parent}/test_{Path(name).name}")
        if not (ROOT / test).is_file():
            untested.append(name)
    assert untested == []


def test_files_drive_a_browser_in_all_of_their_tests_or_in_none() -> None:
    """A process takes a file whole, and may not do anything else once it has a browser."""
    marked = r"@pytest\.mark\.browser\b"
    mixed = [
        path.name
        for path in (ROOT / "tests").rglob("test_*.py")
        if re.search(marked, path.read_text()) and path != Path(__file__)
    ]
    assert mixed == []


def test_only_doors_know_requests_forms_and_templates() -> None:
    strangers = [
        name_of(path)
        for path in modules()
        if "doors" not in path.parts
        and path.name not in WIRING
        and re.search(r"django\.(http|forms|template|shortcuts|views)\b", path.read_text())
    ]
    assert strangers == []


def test_time_comes_from_the_clock() -> None:
    own_clocks = [
        name_of(path)
        for path in modules()
        if path.name != "clock.py" and CLOCKS.search(path.read_text())
    ]
    assert own_clocks == []


def test_sql_stands_in_its_rooms_sql_files() -> None:
    strangers = []
    for path in modules():
        for text in strings(ast.parse(path.read_text())):
            is_sql = re.match(r"\s*(select|insert|update|delete|with) \w", text)
            if is_sql and not MAY_HOLD_SQL.search(f"{name_of(path)} {text}"):
                strangers.append(f"{name_of(path)}: {text[:60]}")
    assert strangers == []


def test_no_module_has_a_vague_name() -> None:
    assert [name_of(path) for path in modules() if path.stem in VAGUE_NAMES] == []


def test_nothing_is_left_to_do_and_no_machine_is_named() -> None:
    marks = [
        f"{name_of(path)}: {found.group()}"
        for path, text in texts()
        for pattern in (UNFINISHED, MACHINE)
        if path.name != "LICENSE" and (found := pattern.search(text))
    ]
    assert marks == []


def test_migrations_are_named_for_their_purpose() -> None:
    nameless = [
        name_of(path)
        for path in SOURCE.rglob("migrations/0*.py")
        if re.search(r"_auto_|_initial|_merge", path.name)
    ]
    assert nameless == []


@pytest.mark.parametrize(
    ("suffix", "pattern"),
    [
        (".js", r"innerHTML|outerHTML|insertAdjacentHTML"),
        (".html", r"<script(?![^>]*\bsrc=)|\sstyle=|\son\w+=|\|\s*safe\b"),
        (".css", r"!important|(?m)^\s*#[\w-]+\s*[{,]"),
    ],
)
def test_pages_hold_no_inline_code_and_styles_no_force(suffix: str, pattern: str) -> None:
    offenders = [
        f"{name_of(path)}: {found.group()}"
        for path, text in texts()
        if path.suffix == suffix
        and "vendor" not in path.parts
        and (found := re.search(pattern.replace("(?m)", ""), text, re.MULTILINE))
    ]
    assert offenders == []


def test_benchmarks_take_from_each_other_what_is_there() -> None:
    """They import within functions, so that nothing else would tell before they run."""
    folder = ROOT / "benchmarks"
    missing = []
    for path in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            source = folder / f"{getattr(node, 'module', '')}.py"
            if isinstance(node, ast.ImportFrom) and source.is_file():
                named = names_in(source)
                missing += [
                    f"{path.name}: {one.name}" for one in node.names if one.name not in named
                ]
    assert missing == []


def names_in(path: Path) -> set[str]:
    body = ast.parse(path.read_text()).body
    named = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    targets = [node.targets for node in body if isinstance(node, ast.Assign)]
    return named | {one.id for some in targets for one in some if isinstance(one, ast.Name)}


def test_each_number_of_an_advisory_lock_stands_in_one_place() -> None:
    places = Counter(
        number.replace("_", "")
        for path in sorted(SOURCE.rglob("*"))
        if path.suffix in (".py", ".sql") and "migrations" not in path.parts
        for number in re.findall(r"\b49\d\d_?000_?000_?000_?000\b", path.read_text())
    )

    assert len(places) >= 5
    assert [number for number, n in places.items() if n > 1] == []
