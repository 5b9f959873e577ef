"""The calculator's sums are the notebooks' and the verdicts': all compose the same formulas.

The notebooks' cells run in this process, at the articles' prices and at others.
"""

import ast
import json
from functools import cache
from pathlib import Path

import pytest

from costcheck.apps.calculator import amounts
from costcheck.apps.calculator.figures import drawn
from costcheck.apps.calculator.model import at_prices as verdicts_at
from costcheck.claims import verdicts
from costcheck.notebook import show
from costcheck.prices.book import PriceBook
from costcheck.prices.quotes import price_keys
from costcheck.text.numbers import multiple, readable

NOTEBOOKS = Path(__file__).resolve().parents[3] / "notebooks"
# every price moved, each by another share, within its bounds
OTHER = {
    key: min(max(price * (0.8 + place / 100), price_keys()[key].minimum), price_keys()[key].maximum)
    for place, (key, price) in enumerate(PriceBook.article().items())
}
AT = {"articles": {}, "others": OTHER}
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


def chain(given):
    return amounts.chain(book(given), verdicts_at(book(given)))


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """Do not draw the notebooks' figures."""
    monkeypatch.setattr(show, "show", lambda figure, name, alt="": alt)


@at_prices
def test_a_step_that_names_a_claim_is_what_the_verdict_says_at_these_prices(given):
    by_id = {verdict.claim.id: verdict for verdict in verdicts(book(given))}
    named = [(id_, step.value) for step in chain(given) for id_ in step.claims.split()]
    assert len(named) == 10
    for id_, shown in named:
        value, unit = by_id[id_].at_your_prices, by_id[id_].unit
        assert shown == (amounts.money(value, unit) if unit in ("USD", "CNY") else readable(value, unit)), id_
        assert given != "articles" or value == by_id[id_].recomputed


@at_prices
def test_ways_to_pay_are_the_notebooks_to_the_last_bit(given):
    theirs, ours = executed("02_entry_ticket", given)[0]["sums"], amounts.ways_to_pay(book(given))
    assert [way.usd for way in ours] == list(theirs)


@at_prices
def test_tokens_and_offers_of_405b_cost_what_the_notebook_on_them_says(given):
    variables, _ = executed("06_inference_price", given)
    listed, ours = variables["listed"], amounts.blended(book(given))
    assert [name.removesuffix(", hosted") for name in ours] == list(listed.index)
    assert list(ours.values()) == list(listed["blended"])
    for row, (_, theirs) in zip(amounts.tokens(book(given)), listed.iterrows(), strict=True):
        assert row[1:4] == tuple(amounts.usd(theirs[kind]) for kind in ("input", "output", "blended"))
        assert row[4] == multiple(theirs["blended"] / listed["blended"].iloc[0])
    theirs, ours = variables["offers"], amounts.offers(book(given))
    marks = [" (unverified)" * how.startswith("unverified") for how in theirs["verification"]]
    assert sorted((offer.label, offer.usd, offer.group) for offer in ours) == sorted(
        zip(theirs["offer"] + marks, theirs["blended"], theirs["weeks"], strict=True)
    )
    assert [offer.usd for offer in ours] == list(theirs["blended"])
    early = theirs.loc[theirs["weeks"] != "later", "blended"]
    under = (early < listed.loc[["GPT-4o", "Claude 3.5 Sonnet"], "blended"].min()).sum()
    assert drawn(book(given), 640)[1].title.startswith(f"{under} of {len(early)} early list prices")
