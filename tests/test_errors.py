"""The errors a user meets: what they are, and that they name what was probably meant."""

import pickle

import pytest

from costcheck.errors import CostcheckError, InputError, RunError, unknown


def test_wrong_input_is_a_value_error_and_a_failed_run_is_not():
    assert InputError.__mro__[1:3] == (CostcheckError, ValueError)
    assert RunError.__mro__[1:3] == (CostcheckError, Exception)


@pytest.mark.parametrize("error", [InputError, RunError])
def test_ipython_shows_the_reason_alone_as_the_command_line_does(error, capsys):
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    shell = InteractiveShell(config=Config(HistoryManager={"enabled": False}))
    shell.push({"error": error("no such price")})
    assert isinstance(shell.run_cell("def deep():\n    raise error\ndeep()").error_in_exec, error)
    assert capsys.readouterr().out == "costcheck: no such price\n"


def test_an_error_keeps_its_parts_for_whoever_shows_them_elsewhere():
    error = unknown("price", "hl00_usd", iter(["usd_cny", "h100_usd"]), "my.csv, line 2")
    assert (error.what, error.where) == ("unknown price 'hl00_usd'", "my.csv, line 2")
    assert (error.allowed, error.nearest) == (("h100_usd", "usd_cny"), "h100_usd")
    assert error.reason == "unknown price 'hl00_usd': did you mean 'h100_usd'?"
    assert str(error) == f"my.csv, line 2: {error.reason}"
    assert str(error.placed("row 3")) == f"row 3: {error.reason}"


def test_an_error_comes_back_whole_from_another_process():
    error = unknown("price", "hl00_usd", ["usd_cny", "h100_usd"], "my.csv, line 2")
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), vars(copy)) == (str(error), vars(error))


def test_a_name_like_no_other_is_answered_with_all_names_in_order():
    error = unknown("price", "xyz", ["usd_cny", "h100_usd"])
    assert (str(error), error.nearest) == ("unknown price 'xyz'; allowed: h100_usd, usd_cny", None)
