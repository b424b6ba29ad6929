"""`dure serve`: everything an installation needs, in one command."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from dure import embedded
from dure.doors.cli.speaking import local_address, refusals_become_sentences, say
from dure.errors import Refusal

# Each has connections to PostgreSQL, and one machine has no use for more.
WORKERS_MAX = 8
# A process of its own: this one stays small for as long as it serves.
DEMO = "import sys; from dure.doors.cli.demo import demo; demo(sys.argv[1])"


class AlreadyServed(Refusal):
    """Another `dure serve` runs on the data folder {folder}; stop it, or set DURE_DATA."""

    code = "already-served"


class FilesUnusable(Refusal):
    """The folder {folder}, which DURE_FILES names, can not be used: {why}."""

    code = "files-unusable"


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, envvar="PORT")] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=WORKERS_MAX, help="Web processes.")] = 1,
    demo: Annotated[bool, typer.Option("--demo", help="Make the demo calls as well.")] = False,
) -> None:
    """Migrate, start the web server and the background worker, and keep them running."""
    from dure.doors.cli.supervisor import Supervisor  # noqa: PLC0415  slow import

    with refusals_become_sentences(), _only_one(), embedded.in_use():
        _check_files()
        if host not in ("127.0.0.1", "localhost", "::1") and not os.environ.get("DURE_HOSTS"):
            say(
                "DURE_HOSTS is not set, so only requests to localhost are answered; "
                "set it to the host names people will use, and DURE_ADDRESS to the public address."
            )
        supervisor = Supervisor(host=host, port=port, workers=workers, say=say)
        supervisor.run(on_ready=lambda link: _be_ready(local_address(host, port), link, demo))


def _be_ready(local: str, link: str, demo: bool) -> None:
    public = os.environ.get("DURE_ADDRESS", "").rstrip("/")
    places = f"{public}, and on this machine {local}" if public else local
    # In one piece: whoever waits for the first line finds the second one, too.
    lines = [f"Dure serves {places}  (Ctrl-C stops it)"]
    if link:
        lines.append(f"Owner's link, good for one use: {public or local}{link}")
    say("\n".join(lines))
    if demo:
        subprocess.run([sys.executable, "-c", DEMO, public or local], check=False)


def _check_files() -> None:
    """What is shared is not made here: a share that is not mounted must not become a folder."""
    folder = embedded.files_folder()
    if folder == embedded.data_folder():
        return
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise FilesUnusable(folder=folder, why=error.strerror) from None


@contextmanager
def _only_one() -> Iterator[None]:
    folder = embedded.ready_folder()
    with (folder / "serve.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyServed(folder=folder) from None
        yield
