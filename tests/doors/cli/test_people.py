from __future__ import annotations

import http.client
import os
import re
import subprocess
from contextlib import closing
from pathlib import Path

from tests.ready import give_database
from tests.serving import COMMAND, Server, database_process, environment_of, run_dure


def test_token_made_beside_a_running_server_opens_the_api(
    served: Server, served_folder: Path
) -> None:
    made = run_dure(served_folder, "org", "create", "acme", "--owner", "a@example.org")
    again = run_dure(served_folder, "org", "create", "acme", "--owner", "a@example.org")
    token = run_dure(served_folder, "token", "create", "--org", "acme", "--scope", "read")

    assert (made.returncode, again.returncode, token.returncode) == (0, 0, 0)
    assert made.stdout == again.stdout == ""
    assert _status(served, token.stdout.splitlines()[-1]) == 200
    assert _status(served, "dure_o_of_nobody") == 401


def test_hints_name_the_command_as_it_was_typed(tmp_path: Path) -> None:
    give_database(tmp_path)
    command = Path(COMMAND[0])
    arguments = ["org", "create", "acme", "--owner", "a@example.org"]
    environment = environment_of(tmp_path, {"PATH": f"{command.parent}:{os.environ['PATH']}"})

    heard = {
        name: subprocess.run(
            [name, *arguments],
            cwd=command.parents[1],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stderr
        for name in ("bin/dure", str(command))
    }

    hints = {name: re.findall(r": (\S*dure) account link", said) for name, said in heard.items()}
    # What stands on the PATH is found by its name alone.
    assert hints == {"bin/dure": ["bin/dure"], str(command): ["dure"]}


def test_command_without_a_server_stops_the_database_that_it_started(tmp_path: Path) -> None:
    give_database(tmp_path)

    made = run_dure(tmp_path, "org", "create", "acme", "--owner", "a@example.org")

    assert made.returncode == 0
    assert database_process(tmp_path) == 0


def test_command_beside_a_server_leaves_its_database_alone(
    served: Server, served_folder: Path
) -> None:
    before = database_process(served_folder)

    run_dure(served_folder, "token", "create", "--org", "none")

    assert database_process(served_folder) == before != 0


def test_token_of_an_unknown_organisation_is_refused(served: Server, served_folder: Path) -> None:
    refused = run_dure(served_folder, "token", "create", "--org", "none")

    assert refused.returncode == 2
    assert refused.stdout == ""
    assert refused.stderr == (
        f"dure: There is no organisation 'none'; make it with `{COMMAND[0]} org create`.\n"
    )


def test_organisation_of_somebody_else_is_refused(served: Server, served_folder: Path) -> None:
    run_dure(served_folder, "org", "create", "taken", "--owner", "a@example.org")

    refused = run_dure(served_folder, "org", "create", "taken", "--owner", "b@example.org")

    assert refused.returncode == 2
    assert refused.stderr == (
        "dure: There is another organisation named 'taken', with another owner; "
        "choose another name.\n"
    )


def _status(served: Server, token: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    connection.request("GET", "/api/v1/calls", headers={"Authorization": f"Bearer {token}"})
    status = connection.getresponse().status
    connection.close()
    return status


def test_link_for_a_new_password_leads_to_its_form(served: Server, served_folder: Path) -> None:
    run_dure(served_folder, "org", "create", "acme", "--owner", "a@example.org")

    made = run_dure(served_folder, "account", "link", "A@example.org", DURE_ADDRESS=served.url)
    unknown = run_dure(served_folder, "account", "link", "nobody@example.org")

    port_alone = run_dure(served_folder, "account", "link", "a@example.org", PORT=str(served.port))

    link = made.stdout.splitlines()[-1]
    assert link.startswith(f"{served.url}/account/password/reset/key/")
    with closing(http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)) as connection:
        connection.request("GET", link.removeprefix(served.url))
        assert connection.getresponse().status == 302
    assert port_alone.stdout.startswith(
        f"http://localhost:{served.port}/account/password/reset/key/"
    )
    assert (unknown.returncode, unknown.stdout) == (2, "")
