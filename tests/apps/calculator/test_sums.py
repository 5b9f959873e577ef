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
    **{
        "gpu_hours": 21e6,
        "days_in_month": 45.0,
        "days_in_year": 366.0,
        "utilisation": 0.83,
        "gpus": 17_500.0,
    },
    **{"h100_usd": 26_250.5, "usd_cny": 6.9, "usd_jpy": 148.25, "rental_usd_per_gpu_hour": 2.15},
    **{"electricity_usd_per_kwh": 0.11, "pue": 1.25, "server_overhead": 1.7, "average_power": 0.6},
    **{"interconnect_share": 0.1, "server_markup": 1.4, "value_lost_per_year": 0.2, "context_tokens": 98e3},
    **{"words_per_token": 0.7, "characters_per_token_zh": 1.3, "input_tokens_per_output_token": 2.0},
    **{"gpt4o_input_usd_per_mtok": 2.5, "gpt4o_output_usd_per_mtok": 10.0},
    **{"gpt4o_mini_input_usd_per_mtok": 0.2, "gpt4o_mini_output_usd_per_mtok": 0.5},
    **{"sonnet_input_usd_per_mtok": 3.5, "sonnet_output_usd_per_mtok": 14.0},
    **{"llama_405b_input_usd_per_mtok": 0.9, "llama_405b_output_usd_per_mtok": 1.7},
}
CHEAP = {"h100_usd": 5_000.0, "gpus": 900.0, "llama_405b_input_usd_per_mtok": 9.0, "utilisation": 0.4}
AT = {"articles": {}, "others": OTHER, "cheap GPUs, dear tokens": CHEAP}
at_prices = pytest.mark.parametrize("given", AT)


def book(given):
    return PriceBook.article().override(AT[given])


@cache
def executed(name, given):
    """A notebook's variables once its cells have run at some prices, and what each cell shows."""
    variables, shown = {"__name__": name}, []
    for cell in json.loads((NOTEBOOKS / f"{name}.ipynb").read_text("utf-8"))["cells"]:
        if cell["cell_type"] != "code":
            continue
        tree = ast.parse("".join(cell["source"]))
        last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
        exec(compile(tree, name, "exec"), variables)
        if last is not None:
            shown.append(eval(compile(ast.Expression(last.value), name, "eval"), variables))
        if "parameters" in cell["metadata"].get("tags", ()):
            variables |= {key: book(given)[key] for key in variables.keys() & AT[given].keys()}
    return variables, shown


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Do not draw the notebooks' figures."""
    monkeypatch.setattr(show, "show", lambda figure, name, alt="": alt)


@at_prices
def test_a_step_that_names_a_claim_is_what_the_verdict_says_at_these_prices(given):
    found = {verdict.claim.id: verdict for verdict in verdicts(book(given))}
    named = [(id_, step.value) for step in sums.chain(book(given)) for id_ in step.claims.split()]
    assert len(named) == 10
    for id_, shown in named:
        value, unit = found[id_].at_your_prices, found[id_].claim.unit
        assert shown == (sums.money(value, unit) if unit in ("USD", "CNY") else readable(value, unit)), id_
        assert given != "articles" or value == found[id_].recomputed


@at_prices
def test_the_chain_is_that_of_the_notebooks(given):
    time, ticket = (executed(name, given)[0] for name in ("01_training_time", "02_entry_ticket"))
    fleet, usd = time["_fleet"], ticket["_ticket"]
    assert [step.value for step in sums.chain(book(given))] == [
        readable(time["gpu_hours"], "GPU-hour"),
        readable(time["years"].iloc[0], "year"),
        readable(fleet, "GPU"),
        sums.money(usd, "USD"),
        sums.money(fleet * ticket["h100_usd"], "USD"),
        sums.money(usd * ticket["usd_cny"], "CNY"),
        sums.money(usd * ticket["usd_jpy"], "JPY"),
    ]


@at_prices
def test_ways_to_pay_are_the_notebooks_to_the_last_bit(given):
    theirs, ours = executed("02_entry_ticket", given)[0]["sums"], sums.ways_to_pay(book(given))
    assert [way.label.replace(",", "") for way in ours[1:]] == [
        label.replace(",", "") for _, label in theirs.index[1:]
    ]
    assert [way.usd for way in ours] == list(theirs)


@at_prices
def test_what_serving_takes_and_the_window_holds_is_what_the_notebooks_say(given):
    variables, shown = executed("03_model_size", given)
    (held,) = (table for table in shown if "bf16, full context" in getattr(table, "columns", ()))
    held = held.loc["NVIDIA H100 SXM5 80GB"]
    expected = []
    for precision in ("bf16", "fp8", "int4"):
        alone = held[f"{precision}, full context"]
        servers = -(-int(alone) // 8) * 8
        weights, context = variables["released"][precision], variables["_full"]
        expected.append(
            (
                *(precision, readable(weights, "byte"), readable(context, "byte"), readable(alone, "GPU")),
                *(readable(servers, "GPU"), sums.money(servers * book(given)["h100_usd"], "USD")),
            )
        )
    assert sums.serving(book(given)) == expected
    variables, _ = executed("04_context_and_data", given)
    words, characters = readable(variables["words"]["rule"]), readable(variables["_characters"])
    assert f"about {words} English words, or {characters} Chinese" in sums.window(book(given))


@at_prices
def test_tokens_and_offers_of_405b_cost_what_the_notebook_on_them_says(given):
    variables, _ = executed("06_inference_price", given)
    listed, ours = variables["listed"], sums.blended(book(given))
    assert [name.removesuffix(", hosted") for name in ours] == list(listed.index)
    assert list(ours.values()) == list(listed["blended"])
    for row, (_, theirs) in zip(sums.tokens(book(given)), listed.iterrows(), strict=True):
        assert row[1:4] == tuple(sums.usd(theirs[kind]) for kind in ("input", "output", "blended"))
        assert row[4] == multiple(theirs["blended"] / listed["blended"].iloc[0])
    theirs, ours = variables["offers"], sums.offers(book(given))
    marks = [" (unverified)" * how.startswith("unverified") for how in theirs["verification"]]
    assert sorted((offer.label, offer.usd, offer.group) for offer in ours) == sorted(
        zip(theirs["offer"] + marks, theirs["blended"], theirs["weeks"], strict=True)
    )
    assert [offer.usd for offer in ours] == list(theirs["blended"])
    early = variables["early"]
    assert drawn(book(given), 640)[1].title.startswith(f"{early.sum()} of {len(early)} early list prices")


@at_prices
def test_metas_fleet_and_the_time_it_takes_are_the_notebooks(given):
    variables, _ = executed("01_training_time", given)
    days = readable(variables["days_in_month"])
    (marked,) = re.findall(r"Marked: [^.]*", drawn(book(given), 640)[2].svg)
    assert marked.startswith(f"Marked: {variables['_fleet']:,.0f} in {days} days; 16,384 at Meta")
    assert f"{variables['_days_of_meta']:,.0f} days" in marked


def test_the_line_of_the_deadline_goes_through_the_fleet_where_gpus_are_busy_a_part_of_the_time():
    fleet = gpus_for_deadline(1e6, 30, 0.5)
    axes = gpus_against_deadline(1e6, {"a month": (30, fleet)}, "x", utilisation=0.5).axes[0]
    days, gpus = axes.lines[0].get_data()
    ((day, marked),) = axes.lines[2].get_xydata()
    assert np.interp(math.log(day), np.log(days), np.log(gpus)) == pytest.approx(math.log(marked), rel=1e-6)
