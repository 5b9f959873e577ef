"""The errors a user meets: what they are, and that they name what was probably meant."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costcheck.errors import CostcheckError, InputError, RunError, unknown


@pytest.mark.parametrize("error", [InputError, RunError])
def test_everything_told_to_a_user_is_one_kind_of_error(error):
    assert issubclass(error, CostcheckError)


def test_wrong_input_is_a_value_error_and_a_failed_run_is_not():
    assert issubclass(InputError, ValueError)
    assert not issubclass(RunError, ValueError)


@pytest.mark.parametrize("error", [InputError, RunError])
def test_ipython_shows_the_reason_alone_as_the_command_line_does(error, capsys):
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    shell = InteractiveShell(config=Config(HistoryManager={"enabled": False}))
    shell.push({"error": error("no such price")})
    assert isinstance(shell.run_cell("def deep():\n    raise error\ndeep()").error_in_exec, error)
    assert capsys.readouterr().out == "costcheck: no such price\n"


def test_a_misspelt_name_is_answered_with_the_nearest_one_alone():
    said = unknown("price", "hl00_usd", ["usd_cny", "h100_usd"])
    assert said == "unknown price 'hl00_usd': did you mean 'h100_usd'?"


def test_a_name_like_no_other_is_answered_with_all_names_in_order():
    assert (
        unknown("price", "xyz", ["usd_cny", "h100_usd"]) == "unknown price 'xyz'; allowed: h100_usd, usd_cny"
    )


def test_names_may_come_from_anything_that_can_be_gone_through_once():
    assert "did you mean 'abcd'" in unknown("name", "abce", iter(["abcd", "xyz"]))


@settings(max_examples=50)
@given(st.text(), st.lists(st.text(), max_size=5))
def test_any_name_gets_an_answer_that_quotes_it(given, allowed):
    said = unknown("thing", given, allowed)
    assert said.startswith(f"unknown thing {given!r}")
