"""What changed between results: claim by claim, and which prices differ."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from costcheck.errors import InputError, unknown
from costcheck.prices.book import PriceBook, stated
from costcheck.prices.quotes import price_keys
from costcheck.results.prices_file import PRICES, read_prices
from costcheck.results.results_file import NUMBERS, RESULTS, Row, read_rows
from costcheck.text.numbers import multiple, number_text, readable

if TYPE_CHECKING:
    from costcheck.notebook.show import Shown
    from costcheck.results.executed import Key

FIELDS = (*NUMBERS, "arithmetic", "premise")
"""The columns of results.csv that are compared."""
HEADER = ("compared", "against", "what", "id", "article", "printed", "unit", "before", "after", "factor")
PRICE, CLAIM = "price", "claim"
UNKNOWN, ABSENT, PRESENT = "unknown", "absent", "present"
SIDE_BY_SIDE = 4
"""Scenarios in one table."""


@dataclass(frozen=True)
class Results:
    """The verdicts of one scenario."""

    label: str
    rows: Mapping[Key, Row]
    prices: Mapping[str, float] | None
    """Those that are not the articles'; ``None`` where neither the scenario's name nor prices.csv says."""


@dataclass(frozen=True)
class Change:
    """One difference from the first results."""

    compared: str
    against: str
    what: str
    """A column of results.csv, ``price``, or ``claim`` where only one of the two has it."""
    id: str
    article: str
    printed: str
    unit: str
    before: str
    after: str

    @property
    def factor(self) -> float | None:
        """Ratio of the new value to the old one, where both are positive numbers."""
        if self.what not in (*NUMBERS, PRICE) or UNKNOWN in (self.before, self.after):
            return None
        before, after = _number(self.before), _number(self.after)
        factor = after / before if before and after and before > 0 and after > 0 else 0
        return factor if 0 < factor < math.inf else None  # as of 1e-300 and 1e300

    def row(self) -> Row:
        """Return the change as a row of text, numbers at full precision."""
        return dict(zip(HEADER, (*astuple(self), number_text(self.factor)), strict=True))


def read(paths: Sequence[Path]) -> list[Results]:
    """Read each scenario of folders that ``costcheck run`` wrote, or of results.csv files, in this order.

    The label is the scenario, or where two are of the same, the path.

    Raises:
        InputError: There is no such folder or file, it is no results.csv, or there are fewer than two
            scenarios.
    """
    every = [(path, results) for path in paths for results in _scenarios_in(path)]
    if len(every) < 2:
        only = f"{paths[0]} holds one scenario ({every[0][1].label})"
        raise InputError(f"{only}; name another folder or {RESULTS} to compare with it")
    scenarios = Counter(results.label for _, results in every)
    several = Counter(path for path, _ in every)
    labels: Counter[str] = Counter()
    labelled = []
    for path, results in every:
        label = results.label
        if scenarios[label] > 1:
            label = str(path) if several[path] == paths.count(path) else f"{path}: {label}"
        labels[label] += 1
        again = f" ({labels[label]})" if labels[label] > 1 else ""
        labelled.append(replace(results, label=f"{label}{again}"))
    return labelled


def _scenarios_in(path: Path) -> list[Results]:
    file = path / RESULTS if path.is_dir() else path
    if path.is_dir() and not file.exists():
        inside = sorted(str(folder.parent) for folder in path.glob(f"*/{RESULTS}"))
        hint = f"did you mean {inside[0]}?" if inside else "costcheck run --out writes one"
        raise InputError(f"{path}: no {RESULTS} in this folder; {hint}")
    if not file.exists() and not path.parent.is_file():
        near = [folder.parent.name for folder in path.parent.glob(f"*/{RESULTS}")]
        near += [other.name for other in path.parent.glob("*.csv")]
        problem = str(unknown("folder or file", path.name, near)) if near else "no such folder or file"
        raise InputError(f"{path}: {problem}")
    by_scenario: dict[str, dict[Key, Row]] = {}
    for line, row in read_rows(file):
        rows = by_scenario.setdefault(row["scenario"], {})
        key = row["article"], row["id"]
        if key in rows:
            raise InputError(f"{file}, line {line}, column id: duplicate {row['id']!r}")
        rows[key] = row
    if not by_scenario:
        raise InputError(f"{file}: no rows in it")
    beside = file.parent / PRICES
    used = _prices_used(beside) if file.name == RESULTS and beside.exists() else None
    return [Results(name, rows, _prices_of(name, used)) for name, rows in by_scenario.items()]


def _prices_of(scenario: str, used: Mapping[str, Mapping[str, float]] | None) -> Mapping[str, float] | None:
    prices = stated(scenario)
    return used.get(scenario, {}) if prices is None and used is not None else prices


def _prices_used(path: Path) -> dict[str, dict[str, float]]:
    """Read the prices of each scenario that are not the articles' from prices.csv."""
    article = PriceBook.article()
    by_scenario: dict[str, dict[str, float]] = {}
    for _, row in read_prices(path):
        prices = by_scenario.setdefault(row["scenario"], {})
        if row["key"] in article and row["value"] != article[row["key"]]:
            prices[row["key"]] = row["value"]
    return by_scenario


def changes(results: Sequence[Results]) -> list[Change]:
    """List what differs from the first results in each of the others: prices, then claim by claim.

    >>> from costcheck.claims import verdicts
    >>> books = PriceBook.article(), PriceBook.article().override({"h100_usd": 25_000})
    >>> sides = [
    ...     Results(book.scenario, {(v.article, v.claim.id): v.row() for v in verdicts(book)}, book.changed)
    ...     for book in books
    ... ]
    >>> [(change.what, change.id, change.after, change.factor) for change in changes(sides)][:2]
    [('price', 'h100_usd', '25000', 0.625), ('at_your_prices', 'Z50', '25000', 0.625)]
    """
    first, *others = results
    listed = []
    for other in others:
        listed += _changed_prices(first, other)
        for key in [*first.rows, *(key for key in other.rows if key not in first.rows)]:
            listed += _changed_claim(first, other, key)
    return listed


def _changed_prices(first: Results, other: Results) -> list[Change]:
    def change(key: str, unit: str, before: str, after: str) -> Change:
        return Change(other.label, first.label, PRICE, key, "", "", unit, before, after)

    article = PriceBook.article()
    if first.prices is None or other.prices is None:
        prices = (first.prices, other.prices)
        return [change("", "", *(UNKNOWN if p is None else article.override(p).scenario for p in prices))]
    listed = []
    for key, described in price_keys().items():
        before, after = (prices.get(key, article[key]) for prices in (first.prices, other.prices))
        if before != after:
            listed.append(change(key, described.unit, number_text(before), number_text(after)))
    return listed


def _changed_claim(first: Results, other: Results, key: Key) -> list[Change]:
    row = first.rows.get(key) or other.rows[key]

    def change(what: str, before: str, after: str) -> Change:
        unit = row["unit"] if what == "at_your_prices" else ""
        return Change(
            other.label, first.label, what, row["id"], row["article"], row["printed"], unit, before, after
        )

    if key not in first.rows or key not in other.rows:
        return [change(CLAIM, *(PRESENT if key in side.rows else ABSENT for side in (first, other)))]
    pairs = [(what, first.rows[key][what], other.rows[key][what]) for what in FIELDS]
    return [
        change(what, before, after)
        for what, before, after in pairs
        if before != after and (what not in NUMBERS or _number(before) != _number(after))
    ]


def _number(text: str) -> float | None:
    return float(text) if text else None


# ----------------------------------------------------------------------------------------- showing
def show(results: Sequence[Results], changed: Sequence[Change]) -> None:
    """Print the prices that differ and the claims that changed, a few scenarios side by side."""
    first, *others = results
    for start in range(0, len(others), SIDE_BY_SIDE):
        sides = others[start : start + SIDE_BY_SIDE]
        labels = [side.label for side in sides]
        of_these = [change for change in changed if change.compared in labels]
        _print_values(first, sides, of_these, PRICE)
        _print_values(first, sides, of_these, "at_your_prices")
        for change in of_these:
            if change.what not in ("at_your_prices", PRICE, CLAIM) or not change.id:
                _print_line(_sentence(change))
        for side in sides:
            _print_counts(first, side, [change for change in of_these if change.compared == side.label])


def _print_line(text: str) -> None:
    from rich.text import Text

    from costcheck.text.terminal import console

    console().print(Text(text))


def _print_values(first: Results, sides: Sequence[Results], changed: Sequence[Change], what: str) -> None:
    """Print a table of prices or of values, a column for each scenario."""
    from costcheck.text.terminal import Column, print_table

    lines: dict[Key, dict[str, Change]] = {}
    for change in changed:
        if change.what == what and change.id:
            lines.setdefault((change.article, change.id), {})[change.compared] = change
    rows = []
    for key, by_label in lines.items():
        change = next(iter(by_label.values()))
        unit, about = ("", change.unit) if what == PRICE else (change.unit, change.printed)
        cells = [change.id, about, _readable(change.before, unit)]
        for side in sides:
            after = by_label.get(side.label)
            if after is not None:
                factor = f" ({multiple(after.factor)})" if after.factor else ""
                cells.append(_readable(after.after, unit) + factor)
            elif what == PRICE:
                cells.append("same" if side.prices is not None else UNKNOWN)
            else:
                cells.append("same" if key in side.rows else ABSENT)
        rows.append(cells)
    if rows:
        # what is printed is free text, a unit is not
        claim = Column("claim"), Column("printed", text=True)
        head = (Column("price"), Column("unit")) if what == PRICE else claim
        values = (Column(side.label, words=True) for side in (first, *sides))
        print_table([*head, *values], rows, elsewhere="--format csv")


def _print_counts(first: Results, side: Results, changed: Sequence[Change]) -> None:
    """Print how many claims changed, and which only one of the two has."""
    for lacking, where in ((ABSENT, side.label), (PRESENT, first.label)):
        ids = [change.id for change in changed if change.what == CLAIM and change.after == lacking]
        if ids:
            claims = "claim is" if len(ids) == 1 else "claims are"
            _print_line(f"{side.label}: {len(ids)} {claims} absent in {where}: {', '.join(ids)}")
    both = [key for key in side.rows if key in first.rows]
    claims_changed = {(change.article, change.id) for change in changed if change.what not in (PRICE, CLAIM)}
    _print_line(f"{side.label}: {len(claims_changed)} of {len(both)} claims changed")


def _sentence(change: Change) -> str:
    if change.what == PRICE:
        return (
            f"{change.compared}: which prices differ is unknown, for lack of a {PRICES} beside the results "
            f"({change.against}: {change.before}; {change.compared}: {change.after})"
        )
    before, after = (
        _readable(text) if change.what in NUMBERS else text for text in (change.before, change.after)
    )
    return f"{change.compared}: {change.id} {change.what} {before or 'none'} → {after or 'none'}"


def _readable(text: str, unit: str = "") -> str:
    number = _number(text)
    return "none" if number is None else readable(number, unit)


def draw(results: Sequence[Results], changed: Sequence[Change]) -> Shown:
    """Draw each changed claim's value as a multiple of that in the first results."""
    from costcheck.claims import articles
    from costcheck.notebook import show
    from costcheck.notebook.plots import comparison

    first, *others = results
    about = {(article.article, claim.id): claim.about for article in articles() for claim in article.claims}
    factors: dict[str, dict[str, float]] = {}
    left_out: set[str] = set()
    sizes: dict[str, float] = {}
    for change in changed:
        if change.what != "at_your_prices":
            continue
        if change.factor is None:
            left_out.add(change.id)
            continue
        name = f"{change.id}  {about.get((change.article, change.id), change.article)}"
        factors.setdefault(name, {})[change.compared] = change.factor
        sizes.setdefault(f"{change.id} ({multiple(change.factor)})", abs(math.log(change.factor)))
    title = f"None of {len(first.rows)} claims changes"
    if factors:
        most = max(sizes, key=sizes.__getitem__)
        title = f"{len(factors)} of {len(first.rows)} claims change, most of all {most}"
    labels = [other.label for other in others]
    figure = comparison.changed(factors, labels, first.label, title, sorted(left_out))
    alt = f"{title}. Value of each claim as a multiple of that in {first.label}, for {', '.join(labels)}"
    return show.show(figure, "compare", "".join(filter(str.isprintable, alt)))
