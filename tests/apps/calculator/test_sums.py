"""The calculator's sums are the notebooks' and the verdicts': all compose the same formulas.

The notebooks' cells run in this process, at the articles' prices and at others.
"""

import ast
import json
import math
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from costcheck.apps.calculator import sums
from costcheck.apps.calculator.figures import drawn
from costcheck.claims import verdicts
from costcheck.formulas import gpus_for_deadline
from costcheck.notebook import show
from costcheck.notebook.plots.training import gpus_against_deadline
from costcheck.prices.book import PriceBook
from costcheck.text.numbers import multiple, readable

NOTEBOOKS = Path(__file__).resolve().parents[3] / "notebooks"
OTHER = {  # every price that a notebook takes and the calculator has, moved
    "gpu_hours": 21_000_000.0,
    "days_in_month": 45.0,
    "days_in_year": 366.0,
    "utilisation": 0.83,
    "gpus": 17_500.0,
    "h100_usd": 26_250.5,
    "usd_cny": 6.9,
    "usd_jpy": 148.25,
    "rental_usd_per_gpu_hour": 2.15,
    "electricity_usd_per_kwh": 0.11,
    "pue": 1.25,
    "server_overhead": 1.7,
    "average_power": 0.6,
    "interconnect_share": 0.1,
    "server_markup": 1.4,
    "value_lost_per_year": 0.2,
    "context_tokens": 98_000.0,
    "words_per_token": 0.7,
    "characters_per_token_zh": 1.3,
    "input_tokens_per_output_token": 2.0,
    "gpt4o_input_usd_per_mtok": 2.5,
    "gpt4o_output_usd_per_mtok": 10.0,
    "gpt4o_mini_input_usd_per_mtok": 0.2,
    "gpt4o_mini_output_usd_per_mtok": 0.5,
    "sonnet_input_usd_per_mtok": 3.5,
    "sonnet_output_usd_per_mtok": 14.0,
    "llama_405b_input_usd_per_mtok": 0.9,
    "llama_405b_output_usd_per_mtok": 1.7,
}
CHEAP = {"h100_usd": 5_000.0, "gpus": 900.0, "llama_405b_input_usd_per_mtok": 9.0, "utilisation": 0.4}
AT = {"articles": {}, "others": OTHER, "cheap GPUs, dear tokens": CHEAP}

at_prices = pytest.mark.parametrize("given", [pytest.param(name, id=name) for name in AT])


def book(given):
    return PriceBook.article().override(AT[given])


@cache
def executed(name, given):
    """A notebook's variables once its cells have run at some prices, and what each cell shows."""
    variables, shown = {"__name__": name}, []
    chosen = book(given)
    for cell in json.loads((NOTEBOOKS / f"{name}.ipynb").read_text("utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec"), variables)
        if last is not None:
            shown.append(eval(compile(ast.Expression(last.value), name, "eval"), variables))
        if "parameters" in cell["metadata"].get("tags", ()):
            variables |= {key: chosen[key] for key in variables.keys() & AT[given].keys()}
    return variables, shown


def table(name, given, column):
    """The one table shown that has a column."""
    (found,) = (one for one in executed(name, given)[1] if column in getattr(one, "columns", ()))
    return found


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Do not draw the notebooks' figures: what they are drawn from is looked at, not how."""
    monkeypatch.setattr(show, "show", lambda figure, name, alt="": alt)


@pytest.mark.slow
@at_prices
def test_the_steps_of_the_chain_are_those_of_the_notebooks(given):
    steps = sums.chain(book(given))
    time, ticket = (executed(name, given)[0] for name in ("01_training_time", "02_entry_ticket"))
    rates = table("02_entry_ticket", given, "recomputed [billion]")["recomputed [billion]"]
    fleet, usd = time["_fleet"], ticket["_ticket"]
    assert [step.value for step in steps[:5]] == [
        readable(time["gpu_hours"], "GPU-hour"),
        readable(time["years"].iloc[0], "year"),
        readable(fleet, "GPU"),
        sums.money(usd, "USD"),
        sums.money(fleet * ticket["h100_usd"], "USD"),
    ]
    assert [step.value for step in steps[5:]] == [
        sums.money(usd * ticket[key], currency) for key, currency in (("usd_cny", "CNY"), ("usd_jpy", "JPY"))
    ]
    assert rates["CNY"] == pytest.approx(usd * ticket["usd_cny"] / 1e9, abs=5e-4)
    assert rates["JPY"] == pytest.approx(usd * ticket["usd_jpy"] / 1e9, abs=5e-4)


@at_prices
def test_a_step_that_names_a_claim_is_what_the_verdict_says_at_these_prices(given):
    found = {verdict.claim.id: verdict for verdict in verdicts(book(given))}
    named = [(id_, step.value) for step in sums.chain(book(given)) for id_ in step.claims.split()]
    assert len(named) == 10
    for id_, shown in named:
        value, unit = found[id_].at_your_prices, found[id_].claim.unit
        assert shown == (sums.money(value, unit) if unit in ("USD", "CNY") else readable(value, unit)), id_
        assert given != "articles" or value == found[id_].recomputed


@pytest.mark.slow
@at_prices
def test_the_sums_compared_with_the_entry_ticket_are_the_notebooks_to_the_last_bit(given):
    theirs = executed("02_entry_ticket", given)[0]["sums"]
    ours = sums.ways_to_pay(book(given))
    assert [each.label.replace(",", "") for each in ours[1:]] == [
        label.replace(",", "") for _, label in theirs.index[1:]
    ]
    assert [each.usd for each in ours] == list(theirs)


@pytest.mark.slow
@at_prices
def test_what_serving_takes_is_what_the_notebook_on_size_says(given):
    variables, _ = executed("03_model_size", given)
    held = table("03_model_size", given, "bf16, full context").loc["NVIDIA H100 SXM5 80GB"]
    rows = {row[0]: row[1:] for row in sums.serving(book(given))}
    assert list(rows) == ["bf16", "fp8", "int4"]
    for precision, (weights, cache_bytes, alone, in_servers, usd) in rows.items():
        assert weights == readable(variables["released"][precision], "byte")
        assert cache_bytes == readable(variables["_full"], "byte")
        assert alone == readable(held[f"{precision}, full context"], "GPU")
        servers = -(-int(held[f"{precision}, full context"]) // 8) * 8
        assert in_servers == readable(servers, "GPU")
        assert usd == sums.money(servers * book(given)["h100_usd"], "USD")


@pytest.mark.slow
@at_prices
def test_what_the_window_holds_is_what_the_notebook_on_it_says(given):
    variables, _ = executed("04_context_and_data", given)
    words, characters = variables["words"]["rule"], variables["_characters"]
    said = sums.window(book(given))
    assert f" {readable(words)} English words" in said
    assert f" {readable(characters)} Chinese characters" in said


@pytest.mark.slow
@at_prices
def test_a_million_tokens_cost_what_the_notebook_on_them_says(given):
    listed = executed("06_inference_price", given)[0]["listed"]
    ours = sums.blended(book(given))
    assert [name.removesuffix(", hosted") for name in ours] == list(listed.index)
    assert list(ours.values()) == list(listed["blended"])
    for row, (_, theirs) in zip(sums.tokens(book(given)), listed.iterrows(), strict=True):
        assert row[1:4] == tuple(sums.usd(theirs[kind]) for kind in ("input", "output", "blended"))
        assert row[4] == multiple(theirs["blended"] / listed["blended"].iloc[0])


@pytest.mark.slow
@at_prices
def test_the_offers_of_405b_are_the_notebooks_in_its_order(given):
    variables, _ = executed("06_inference_price", given)
    theirs, ours = variables["offers"], sums.offers(book(given))
    assert sorted(
        (each.label.removesuffix(" (unverified)"), each.usd, each.group) for each in ours
    ) == sorted(zip(theirs["offer"], theirs["blended"], theirs["weeks"], strict=True))
    assert [each.usd for each in ours] == list(theirs["blended"])
    for each, how in zip(ours, theirs["verification"], strict=True):
        assert each.label.endswith(" (unverified)") is how.startswith("unverified")
    early = variables["early"]
    (figure,) = (one for one in drawn(book(given), 640) if one.name == "offers")
    assert figure.title.startswith(f"{early.sum()} of {len(early)} early list prices")


@pytest.mark.slow
@at_prices
def test_metas_fleet_and_the_time_it_takes_are_the_notebooks(given):
    variables, _ = executed("01_training_time", given)
    (figure,) = (one for one in drawn(book(given), 640) if one.name == "deadline")
    days = readable(variables["days_in_month"])
    (alt,) = re.findall(r"Marked: .*", figure.svg.replace("</desc>", "\n"))
    assert f"Marked: {variables['_fleet']:,.0f} in {days} days; 16,384 at Meta" in alt
    assert f"{variables['_days_of_meta']:,.0f} days" in alt


@pytest.mark.slow
def test_the_line_of_the_deadline_goes_through_the_fleet_where_gpus_are_busy_a_part_of_the_time():
    drawn_ = gpus_against_deadline(
        1e6, {"a month": (30, gpus_for_deadline(1e6, 30, 0.5))}, "x", utilisation=0.5
    )
    line, _, (dot, *_) = (*drawn_.axes[0].lines[:2], drawn_.axes[0].lines[2:])
    ((day, fleet),) = dot.get_xydata()
    days, gpus = line.get_data()
    assert np.interp(math.log(day), np.log(days), np.log(gpus)) == pytest.approx(math.log(fleet), rel=1e-6)
