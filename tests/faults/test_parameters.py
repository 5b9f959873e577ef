"""Parameters are data: whatever a stranger gives, the cell put into a notebook holds nothing but literals."""

from __future__ import annotations

import ast
import json
import math
from functools import cache

import pytest
from costcheck.claims.loading import Text
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from costcheck import cli
from costcheck.apps.calculator.settings import read_link
from costcheck.batch import runner, scenarios
from costcheck.claims import load
from costcheck.cli.options import assignments
from costcheck.errors import InputError
from costcheck.notebook.parameters import assigned, parameters
from costcheck.prices import own_file
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import price_keys
from costcheck.results import executed

MODEST = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
CODE = [
    "'; __import__('os').system('echo run > run'); '",
    '"\nimport os\nos.system("echo run > run")\n"',
    "1\n__import__('os').system('echo run')",
    "1 #",
    "1; import os",
    "{__import__('os')}",
    "f'{1}'",
    "\\",
    "\\'",
    '\\"',
    '"""',
    "'''",
    '"""\nimport os\n"""',
    "\r import os",
    "1\u2028import os",
    "1\x85import os",
    "1\x0cimport os",
    "\ud800",
    "\U0010ffff",
    "\x00",
    "True",
    "None",
    "[1]",
    "0x10",
    "1_000",
    "1e5",
    "１２",
    "nan",
    "-inf",
    "1j",
    "10**9",
    "${HOME}",
    "%s",
    "{{ 1 }}",
]
HOSTILE = st.sampled_from(CODE) | st.text(max_size=30)
"""What could end a literal, and any text."""
KEYS = st.sampled_from(["h100_usd", "gpus", "usd_cny", "pue"]) | HOSTILE
ANY = HOSTILE | st.floats() | st.integers() | st.booleans() | st.none()


@cache
def template(name):
    (found,) = runner.templates([name])
    return found


def cell(of, prices):
    """Return the cell that a job puts into its notebook, as it is executed."""
    from papermill.parameterize import parameterize_notebook

    from costcheck.batch.execution import _read

    job = of.job(prices, "environment")
    made = parameterize_notebook(_read(job.source), dict(job.parameters))
    (found,) = [one for one in made.cells if "injected-parameters" in one.metadata.get("tags", ())]
    return found["source"], dict(job.parameters)


def held(of, prices):
    """Hold that cell to assigning literals to names that the notebook declares, equal to what was given."""
    changed = prices.extended(of.own).changed
    if of.article is None and not changed.keys() & set(of.declared):
        return None
    source, given_to = cell(of, prices)
    found = {}
    for statement in ast.parse(source).body:
        assert isinstance(statement, ast.Assign), ast.dump(statement)
        (target,) = statement.targets
        assert isinstance(target, ast.Name)
        found[target.id] = ast.literal_eval(statement.value)
        assert type(found[target.id]) in (float, str)
    assert found == given_to
    allowed = {"article", "prices"} if of.article is not None else set(of.declared)
    assert set(found) <= allowed
    for value in found.values():
        assert not isinstance(value, float) or math.isfinite(value)
    return found


# ---------------------------------------------------------------------------------------- every way in
@pytest.mark.fault("code in a parameter")
@MODEST
@given(KEYS, HOSTILE)
@example("h100_usd", "25000")
def test_what_set_gives_is_a_number_of_a_known_name_or_refused(key, value):
    try:
        prices = PriceBook.article().override(assignments([f"{key}={value}"]))
    except InputError:
        return
    assert set(prices.given) <= set(price_keys())
    held(template("02_entry_ticket"), prices)


@pytest.mark.fault("code in a parameter")
@MODEST
@given(st.sampled_from([".csv", ".json", ".yaml"]), KEYS, ANY, HOSTILE | st.just("mine"))
@example(".json", "h100_usd", 25_000, "mine")
@example(".yaml", "h100_usd", True, "mine")
def test_what_a_file_of_scenarios_gives_is_a_number_of_a_known_name_or_refused(
    tmp_path_factory, suffix, key, value, name
):
    path = folder(tmp_path_factory) / f"mine{suffix}"
    if suffix == ".csv":
        quoted = [f'"{str(one).replace(chr(34), chr(34) * 2)}"' for one in ("name", key, name, value)]
        text = f"{quoted[0]},{quoted[1]}\n{quoted[2]},{quoted[3]}\n"
    else:  # what is JSON is YAML
        text = json.dumps([{"name": name, key: value}])
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        (one,) = scenarios.read(path)
    except InputError:
        return
    assert set(one.prices.given) <= set(price_keys())
    assert not isinstance(value, bool) or not one.prices.given
    found = held(template("02_entry_ticket"), one.prices)
    if found and isinstance(value, int | float):
        assert found == {key: float(value)}


@pytest.mark.fault("code in a parameter")
@MODEST
@given(HOSTILE | st.just("h100_usd"), ANY, HOSTILE)
@example("h100_usd", 25_000, "mine")
def test_what_a_workbook_gives_is_a_number_of_a_known_name_or_refused(tmp_path_factory, key, value, name):
    import openpyxl
    from openpyxl.utils.exceptions import IllegalCharacterError

    path = folder(tmp_path_factory) / "mine.xlsx"
    made = openpyxl.Workbook()
    try:
        made.active.append(["name", key])
        made.active.append([name, value])
        made.save(path)
    except (IllegalCharacterError, UnicodeEncodeError, ValueError):
        return
    try:
        found = scenarios.read(path)
    except InputError:
        return
    for one in found:
        held(template("02_entry_ticket"), one.prices)


@pytest.mark.fault("code in a parameter")
@MODEST
@given(KEYS, HOSTILE, HOSTILE)
@example("h100_usd", "25000", "an offer")
def test_what_a_price_book_gives_is_a_number_of_a_known_name_or_refused(tmp_path_factory, key, value, source):
    path = folder(tmp_path_factory) / "mine.csv"
    cells = (key, value, "", "", "USD/GPU", "2025-01-01", source, "primary", source)
    quoted = ",".join(f'"{one.replace(chr(34), chr(34) * 2)}"' for one in cells)
    head = "key,value,low,high,unit,as_of,source,verification,note"
    path.write_bytes(f"{head}\n{quoted}\n".encode("utf-8", "surrogatepass"))
    try:
        quotes = own_file.read(path)
    except InputError:
        return
    found = held(template("02_entry_ticket"), PriceBook.article().with_quotes(quotes, source))
    assert set(found or {}) <= {"h100_usd"}


@pytest.mark.fault("code in a parameter")
@MODEST
@given(st.text(max_size=60) | st.builds("{}={}".format, KEYS, HOSTILE))
@example("h100_usd=25000")
@example("h100_usd=25000%0Aimport%20os")
@example("h100_usd=1&__import__=2")
def test_what_a_link_of_the_calculator_gives_is_a_number_of_a_known_name_or_refused(text):
    try:
        chosen = read_link(text)
    except InputError:
        return
    assert set(chosen.given) <= set(price_keys())
    held(template("02_entry_ticket"), chosen.book())
    assert read_link(chosen.link()) == chosen
    assert "\n" not in chosen.command()


ARTICLE = """\
article: {name}
title: {text}
language: en
publisher: {text}
date: unknown
address: {text}
prices:
  own_usd: {{value: 2, unit: USD/GPU-hour, source: {text}}}
claims:
  - id: A
    printed: {text}
    about: {text}
    not_computable: {text}
# {comment}
"""


@pytest.mark.fault("code in a parameter")
@MODEST
@given(HOSTILE, HOSTILE, HOSTILE | st.just("mine"))
@example('"""\nimport os\n"""', '"""', "mine")
@example("\\", "\\", "mine")
def test_the_text_of_an_article_is_one_text_in_its_notebook(text, comment, name):
    written = ARTICLE.format(name=json.dumps(name), text=json.dumps(text), comment=comment)
    try:
        (article,) = load([Text(written, "it.yaml")])
    except (InputError, UnicodeEncodeError):
        return
    of = template("article").of(article, written)
    found = held(of, PriceBook.article().accepting(article.own_quotes).override({"own_usd": 3}))
    assert found["article"] == written
    assert assigned(found["prices"]) in ({}, {"own_usd": "3.0"})
    # and in the notebook that is read again, as a report reads it
    source, _ = cell(of, PriceBook.article())
    read = executed.parameters({"cells": [{"metadata": {"tags": ["injected-parameters"]}, "source": source}]})
    assert read["article"] == written


# ------------------------------------------------------------------------------- what a notebook is given
@pytest.mark.fault("code in a parameter")
@MODEST
@given(KEYS, ANY)
@example("h100_usd", True)
@example("h100_usd", "25000")
@example("__class__", 1)
def test_what_plain_papermill_puts_in_is_a_number_of_a_known_name_or_refused(key, value):
    variables = {key: value}
    try:
        prices = parameters(variables)
    except InputError:
        return
    assert set(prices.changed) <= set(price_keys())
    assert not isinstance(value, bool) or key.startswith("_")
    held(template("02_entry_ticket"), prices)


@pytest.mark.fault("code in a parameter")
@MODEST
@given(HOSTILE)
@example("h100_usd=1;h100_usd=2")
def test_prices_in_one_text_are_names_and_texts_and_never_run(text):
    try:
        found = assigned(text)
    except InputError:
        return
    for key in found:
        assert ";" not in key
        assert "," not in key


@pytest.mark.fault("code in a parameter")
@pytest.mark.parametrize("text", CODE)
def test_a_report_reads_a_parameter_and_does_not_compute_it(text, tmp_path):
    cells = [{"metadata": {"tags": ["injected-parameters"]}, "source": f"h100_usd = {text}\n"}]
    try:
        found = executed.parameters({"cells": cells})
    except (SyntaxError, ValueError, UnicodeError):
        return
    value = found.get("h100_usd")
    assert value is None or isinstance(value, float | str)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.fault("code in a parameter")
@pytest.mark.parametrize("text", CODE)
def test_the_command_refuses_code_before_anything_runs(text, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for words in (["--set", f"h100_usd={text}"], ["--set", f"{text}=1"]):
        if text in ("1_000", "1e5", "１２") and words[1].startswith("h100_usd"):
            continue  # numbers
        assert cli.main(["run", "2", "--out", "out", *words]) == cli.WRONG_INPUT
        _, err = capsys.readouterr()
        assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def folder(factory):
    """Return a folder for all examples of a property."""
    made = factory.getbasetemp() / "parameters"
    made.mkdir(exist_ok=True)
    return made
