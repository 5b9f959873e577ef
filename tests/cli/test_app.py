"""`costcheck app`: what it prints, what it refuses, and that it ends at once."""

import json
import urllib.request

import pytest

from costcheck.cli import main


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--set", "h100_usd=-1"], "h100_usd: -1 is out of bounds; allowed: 100 to 1,000,000 USD/GPU"),
        (["--as-of", "2024-02-30"], "--as-of '2024-02-30' is not a date YYYY-MM-DD"),
        (["--as-of", "2000-01-01"], "no quote on or before 2000-01-01"),
        (["--prt", "1"], "unknown option '--prt': did you mean '--port'?"),
        (["--port", "80.5"], "argument --port: '80.5' is not a port from 1 to 65,535"),
    ],
)
def test_a_wrong_command_line_is_refused_before_anything_starts(arguments, message, capsys):
    assert main(["app", "--no-browser", *arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err
    assert printed.err.count("\n") == 1


def test_the_address_carries_the_prices_to_begin_with_and_its_token_gets_answers(
    costcheck_app, free_port, tmp_path
):
    prices = ["--set", "h100_usd=25000", "--as-of", "2024-07-31"]
    with costcheck_app("--no-browser", "--port", str(free_port()), *prices, cwd=tmp_path) as app:
        assert app.link == "#as-of=2024-07-31&h100_usd=25000"
        assert app.printed == f"Open in a browser: {app.address}\n"
        request = urllib.request.Request(
            f"http://127.0.0.1:{app.port}/answer",
            json.dumps({"open": app.link}).encode(),
            {"Authorization": f"token {app.token}"},
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            assert json.load(response)["state"]["command"].endswith("--as-of 2024-07-31 --set h100_usd=25000")
