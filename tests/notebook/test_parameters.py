"""A notebook's parameters: which count, which are refused, and that none of them is ever code."""

from __future__ import annotations

import json
import math

import pytest
from papermill.translators import PythonTranslator

from costcheck.batch import runner
from costcheck.batch.jobs import with_edits
from costcheck.errors import InputError
from costcheck.notebook.parameters import declared_in, parameters, prices_in, values
from costcheck.prices.book import PriceBook

NUMBER = 25_000.0


def session(cell, **earlier):
    """Return a session's variables after papermill has run a cell that it put in."""
    source = PythonTranslator.codify(cell)
    variables = {"In": ["", "h100_usd: float = 40_000", source, "prices = parameters(globals())"], **earlier}
    exec(source, {}, variables)
    return variables


@pytest.mark.parametrize(
    "variables",
    [
        {"budget": 1_000_000, "DATA_DIR": "/data", "days": 3, "tokens": 15e12},
        {"_": 3, "_h100usd": 3, "__name__": "__main__", "Out": {}, "exit": print},
        {"gpus": print, "pue": math},  # objects under a price's name
        session({"PAPERMILL_INPUT_PATH": "a.ipynb"}),
    ],
)
def test_variables_that_are_no_parameters_are_left_alone(variables):
    assert parameters(variables | {"h100_usd": NUMBER}).changed == {"h100_usd": NUMBER}


@pytest.mark.parametrize("cell", [{"h100_price": 25_000}, {"gpu_hours": 1e7, "dollar": 7}])
def test_every_name_that_papermill_puts_in_has_to_be_a_price(cell):
    with pytest.raises(InputError, match=r"^unknown price "):
        parameters(session(cell))


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("25e3", "'25e3' is text; write 25000 without quotes"),  # what YAML takes for text
        ([25_000], "a list, but a price is one number [USD/GPU], such as 25000"),
        (0, "0 is out of bounds; allowed: 100 to 1,000,000 USD/GPU"),
        (True, "True is not a number [USD/GPU]"),
    ],
)
def test_a_parameter_that_is_no_sensible_number_is_refused_with_what_to_write(value, reason):
    with pytest.raises(InputError) as refused:
        parameters(session({"h100_usd": value}))
    assert str(refused.value) == f"h100_usd: {reason}"


def notebook(*cells):
    cells = [
        {"cell_type": "code", "metadata": {"tags": [tag]}, "source": source.splitlines(keepends=True)}
        for tag, source in cells
    ]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


def test_put_in_parameters_go_over_a_notebooks_own():
    executed = notebook(
        ("parameters", "pue: float = 1.1\ngpus = 43_000\nx = -2\n"), ("injected-parameters", "gpus = 5.0\n")
    )
    assert values(executed) == {"pue": 1.1, "gpus": 5.0, "x": -2.0}
    assert declared_in(executed) == ["pue", "gpus", "x"]
    assert prices_in(executed) == {"pue": 1.1, "gpus": 5.0}


@pytest.fixture
def edited(tmp_path):
    """Return a maker of templates whose first cell has other prices."""

    def make(name, source):
        (tmp_path / f"{name}.ipynb").write_text(json.dumps(notebook(("parameters", source))))
        return runner.Template.read(tmp_path / f"{name}.ipynb")

    return make


def test_a_price_edited_in_a_first_cell_is_the_runs_price_and_that_of_every_notebook(edited):
    mine = edited("a", "h100_usd: float = 25_000\npue: float = 9e9")
    other = edited("b", "h100_usd: float = 40_000")
    prices = with_edits([mine, other], PriceBook.article())
    assert (prices.scenario, prices.origin("h100_usd")) == ("h100_usd=25000", "given")
    for template in (mine, other):
        assert template.job(prices, "").parameters == (("h100_usd", 25_000.0),)
    assert with_edits([other], PriceBook.article()).scenario == "article"
    assert with_edits([mine], PriceBook.article().named("base")).scenario == "base"


@pytest.mark.parametrize(
    "chosen", [PriceBook.article().override({"h100_usd": 40_000}), PriceBook.as_of("2024-07-31")]
)
def test_a_price_chosen_for_the_run_goes_over_that_of_the_first_cell(edited, chosen):
    mine = edited("a", "h100_usd: float = 25_000")
    prices = with_edits([mine], chosen)
    assert prices["h100_usd"] == chosen["h100_usd"]
    assert mine.job(prices, "").parameters == (("h100_usd", chosen["h100_usd"]),)


def test_notebooks_edited_to_different_prices_or_to_what_is_not_python_are_refused(edited):
    both = [edited("a", "h100_usd = 25e3"), edited("b", "h100_usd = 26e3")]
    with pytest.raises(InputError, match=r"^h100_usd: 25000 in a and 26000 in b; write the same price in bo"):
        with_edits(both, PriceBook.article())
    with pytest.raises(InputError, match=r"a\.ipynb: its parameters cell is not Python"):
        edited("a", "h100_usd: float = ")


@pytest.mark.parametrize("text", ["1; import os", "f'{1}'", "True", "[1]", "nan", "1j", "10**9"])
def test_a_report_reads_a_parameter_and_does_not_compute_it(text):
    read = values(notebook(("injected-parameters", f"h100_usd = {text}\n")))
    assert isinstance(read.get("h100_usd", 0.0), float | str)
