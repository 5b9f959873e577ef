"""What changed between results: claim by claim, and which prices differ."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from costcheck.errors import InputError, unknown
from costcheck.prices.book import PriceBook, stated
from costcheck.prices.quotes import price_keys
from costcheck.results.csv_files import NUMBERS, PRICES, RESULTS, Row, read_prices, read_results
from costcheck.text.numbers import multiple, readable

if TYPE_CHECKING:
    from costcheck.notebook.show import Shown
    from costcheck.results.executed import Key

FIELDS = (*NUMBERS, "arithmetic", "premise", "verdict_at_your_prices")
"""The columns of results.csv that are compared."""
PRICE, CLAIM, VALUE = "price", "claim", "at_your_prices"
ABSENT, PRESENT = "absent", "present"
ARTICLES = "the articles"
SIDE_BY_SIDE = 4
"""Scenarios in one table."""
Value = float | str | None


class Results(NamedTuple):
    """The verdicts of one scenario."""

    label: str
    rows: Mapping[Key, Row]
    prices: Mapping[str, float] | None
    """Those that are not the articles'; ``None`` where neither the scenario's name nor prices.csv says."""


class Change(NamedTuple):
    """One difference from the first results."""

    compared: str
    against: str
    what: str
    """A column of results.csv, ``price``, or ``claim`` where only one of the two has it."""
    id: str
    article: str
    printed: str
    unit: str
    before: Value
    after: Value

    @property
    def factor(self) -> float | None:
        """Ratio of the new value to the old one, where both are positive numbers."""
        before, after = self.before, self.after
        if not (isinstance(before, float) and isinstance(after, float) and before > 0 and after > 0):
            return None
        return after / before

    def row(self) -> dict[str, Value]:
        """Return the change as a row, numbers as numbers."""
        return dict(zip(HEADER, (*self, self.factor), strict=True))


HEADER = (*Change._fields, "factor")


def read(paths: Sequence[Path]) -> list[Results]:
    """Read each scenario of folders that ``costcheck run`` wrote, or of results.csv files, in this order.

    The label is the scenario, or where two are of the same, the path. The scenarios of one path alone follow
    the articles, unless the first is at the articles' prices itself or has claims of another article.
    """
    every = [(path, results) for path in paths for results in _scenarios_in(path)]
    if len(paths) == 1 and every[0][1].label != PriceBook.article().scenario:
        every = [*((paths[0], articles) for articles in _articles(every[0][1].rows)), *every]
    for path, count in Counter(path.resolve() for path in paths).items():
        if count > 1:
            raise InputError(f"{path}: given twice; name another to compare with it")
    if len(every) < 2:
        only = f"{paths[0]} holds one scenario ({every[0][1].label})"
        raise InputError(f"{only}; name another folder or {RESULTS} to compare with it")
    of_label = Counter(results.label for _, results in every)
    of_path = Counter(path for path, _ in every)
    labelled = []
    for path, results in every:
        if of_label[results.label] > 1:
            alone = of_path[path] == 1
            results = results._replace(label=str(path) if alone else f"{path}: {results.label}")
        labelled.append(results)
    return labelled


def _articles(claims: Mapping[Key, Row]) -> list[Results]:
    """Return the verdicts on some claims at the articles' own prices, unless one is not the articles'."""
    from costcheck.claims import verdicts

    rows: dict[Key, Row] = {}
    for verdict in verdicts():
        cells = {name: cell if name in NUMBERS else cell or "" for name, cell in verdict.record().items()}
        rows[verdict.article, verdict.claim.id] = cells
    return [Results(ARTICLES, {key: rows[key] for key in claims}, {})] if claims.keys() <= rows.keys() else []


def _scenarios_in(path: Path) -> list[Results]:
    file = path / RESULTS if path.is_dir() else path
    if not file.exists():
        inside = sorted(str(other.parent) for other in path.glob(f"*/{RESULTS}"))
        near = [other.parent.name for other in path.parent.glob(f"*/{RESULTS}")]
        near += [other.name for other in path.parent.glob("*.csv")]
        problem: object = unknown("folder or file", path.name, near) if near else "no such file"
        if path.is_dir():
            hint = f"did you mean {inside[0]}?" if inside else "costcheck run --out writes one"
            problem = f"no {RESULTS} in this folder; {hint}"
        raise InputError(problem, where=str(path))
    by_scenario: dict[str, dict[Key, Row]] = {}
    for line, row in read_results(file):
        rows = by_scenario.setdefault(row["scenario"], {})
        if rows.setdefault((row["article"], row["id"]), row) is not row:
            raise InputError(f"{file}, line {line}, column id: duplicate {row['id']!r}")
    if not by_scenario:
        raise InputError(f"{file}: no rows in it")
    beside, article = file.parent / PRICES, PriceBook.article()
    known = file.name == RESULTS and beside.exists()
    used: dict[str, dict[str, float]] = {}
    for _, row in read_prices(beside) if known else ():
        prices = used.setdefault(row["scenario"], {})
        if row["key"] in article and row["value"] != article[row["key"]]:
            prices[row["key"]] = row["value"]
    results = []
    for name, rows in by_scenario.items():
        in_name, in_file = stated(name), used.get(name, {} if known else None)
        results.append(Results(name, rows, in_file if in_name is None else in_name))
    return results


def changes(results: Sequence[Results]) -> list[Change]:
    """List what differs from the first results in each of the others: known prices, then claim by claim."""
    first, *others = results
    listed = []
    for other in others:
        here, there = (_compared(side) for side in (first, other))
        for key in {**here, **there}:
            printed, unit, _ = here.get(key) or there[key]
            before, after = (side[key][2] if key in side else ABSENT for side in (here, there))
            what, id_, article = key
            if before != after and (what == CLAIM or ABSENT not in (before, after)):
                about = (id_, article, printed, unit)
                listed.append(Change(other.label, first.label, what, *about, before, after))
    return listed


def _compared(side: Results) -> dict[tuple[str, str, str], tuple[str, str, Value]]:
    """List what is compared, by what it is, id and article: as printed, unit and value."""
    article = PriceBook.article()
    values: dict[tuple[str, str, str], tuple[str, str, Value]] = {}
    for key, described in price_keys().items() if side.prices is not None else ():
        values[PRICE, key, ""] = "", described.unit, (side.prices or {}).get(key, article[key])
    for (of, id_), row in side.rows.items():
        values[CLAIM, id_, of] = row["printed"], "", PRESENT
        for what in FIELDS:
            values[what, id_, of] = row["printed"], row["unit"] if what == VALUE else "", row[what]
    return values


def show(results: Sequence[Results], changed: Sequence[Change]) -> None:
    """Print the prices that differ and the claims that changed, a few scenarios side by side."""
    from costcheck.text.terminal import say

    first, *others = results
    say(f"Compared with {first.label}:")
    for start in range(0, len(others), SIDE_BY_SIDE):
        sides = others[start : start + SIDE_BY_SIDE]
        of_these = [change for change in changed if change.compared in {side.label for side in sides}]
        for what in (PRICE, VALUE):
            _print_values(first, sides, [change for change in of_these if change.what == what])
        lines = [
            f"{compared}: {id_}, {what.replace('_', ' ')}: {_readable(before)} → {_readable(after)}"
            for compared, _, what, id_, *_, before, after in of_these
            if what not in (PRICE, VALUE, CLAIM)
        ]
        for side in sides:
            lines += _summary(first, side, [change for change in of_these if change.compared == side.label])
        for line in lines:
            say(line)


def _print_values(first: Results, sides: Sequence[Results], changed: Sequence[Change]) -> None:
    """Print a table of changed prices or of changed values, a column for each scenario."""
    from costcheck.text.terminal import Column, print_table

    by_key: dict[Key, dict[str, Change]] = {}
    for change in changed:
        by_key.setdefault((change.article, change.id), {})[change.compared] = change
    rows, head = [], [Column("price"), Column("unit")]
    for key, by_label in by_key.items():
        change = next(iter(by_label.values()))
        unit, about = "", change.unit
        if change.what != PRICE:
            unit, about, head = change.unit, change.printed, [Column("claim"), Column("printed", text=True)]
        cells = [change.id, about, _readable(change.before, unit)]
        for side in sides:
            if after := by_label.get(side.label):
                factor = f" ({multiple(after.factor)})" if after.factor else ""
                cells.append(_readable(after.after, unit) + factor)
            else:
                known = key in side.rows if change.what != PRICE else side.prices is not None
                cells.append("same" if known else "unknown" if change.what == PRICE else ABSENT)
        rows.append(cells)
    if rows:
        values = (Column(side.label, text=True) for side in (first, *sides))
        print_table([*head, *values], rows)


def _summary(first: Results, side: Results, changed: Sequence[Change]) -> Iterator[str]:
    """Say what cannot be compared, and how many of the other claims changed."""
    if first.prices is None or side.prices is None:
        yield f"{side.label}: which prices differ is unknown, for lack of a {PRICES} beside the results"
    for lacking, where in ((ABSENT, side.label), (PRESENT, first.label)):
        ids = [change.id for change in changed if change.what == CLAIM and change.after == lacking]
        if ids:
            claims = "claim is" if len(ids) == 1 else "claims are"
            yield f"{side.label}: {len(ids)} {claims} absent in {where}: {', '.join(ids)}"
    claims_changed = {(change.article, change.id) for change in changed if change.what in FIELDS}
    yield f"{side.label}: {len(claims_changed)} of {len(first.rows.keys() & side.rows)} claims changed"


def _readable(value: Value, unit: str = "") -> str:
    return readable(value, unit) or "none"


def draw(results: Sequence[Results], changed: Sequence[Change]) -> Shown:
    """Draw each changed claim's value as a multiple of that in the first results."""
    from costcheck.claims import articles
    from costcheck.notebook import show
    from costcheck.notebook.plots import comparison

    first, *others = results
    about = {(article.article, claim.id): claim.about for article in articles() for claim in article.claims}
    moved = [change for change in changed if change.what == VALUE]
    factors: dict[str, dict[str, float]] = {}
    for change in moved:
        if factor := change.factor:
            name = f"{change.id}  {about.get((change.article, change.id), change.article)}"
            factors.setdefault(name, {})[change.compared] = factor
    title = f"None of {len(first.rows)} claims changes"
    if factors:
        most = max(moved, key=lambda change: abs(math.log(change.factor or 1)))
        by = f"{most.id} ({multiple(most.factor or 1)})"
        title = f"{len(factors)} of {len(first.rows)} claims change, most of all {by}"
    left_out = sorted({change.id for change in moved if not change.factor})
    labels = [other.label for other in others]
    figure = comparison.changed(factors, labels, first.label, title, left_out)
    alt = f"{title}. Value of each claim as a multiple of that in {first.label}, for {', '.join(labels)}"
    return show.show(figure, "compared", "".join(filter(str.isprintable, alt)))
