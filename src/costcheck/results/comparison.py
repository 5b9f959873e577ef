"""What changed between results: claim by claim, and which prices differ."""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costcheck.claims.verdict import COLUMNS
from costcheck.data import files, tables
from costcheck.data.yaml_nodes import CONTROLS
from costcheck.errors import InputError, unknown
from costcheck.prices.book import PriceBook, stated
from costcheck.prices.quotes import price_keys
from costcheck.results.names import refusal
from costcheck.text.numbers import multiple, number_text, readable
from costcheck.text.spreadsheets import unguarded

if TYPE_CHECKING:
    from costcheck.notebook.show import Shown

RESULTS = "results.csv"
NUMBERS = ("at_your_prices", "ratio")
FIELDS = (*NUMBERS, "arithmetic", "premise")
"""The columns of results.csv that are compared."""
HEADER = ("compared", "against", "what", "id", "article", "printed", "unit", "before", "after", "factor")
PRICE, CLAIM = "price", "claim"
UNKNOWN, ABSENT, PRESENT = "unknown", "absent", "present"
SIDE_BY_SIDE = 4
"""Scenarios in one table."""

LABELS = ("scenario", "id", "article", "unit", "arithmetic", "premise", *NUMBERS)
"""The columns of results.csv whose texts are a line each."""
LARGEST, LARGEST_NOTEBOOK = 256 * 2**20, 16 * 2**20
"""A results.csv, and an executed notebook; the package's take up to 1.5 MB [byte]."""
MOST_ROWS = 1_000_000
"""Rows of a results.csv that are compared, of some 10,000 scenarios: each takes a kilobyte of memory."""

HOPELESS = (RecursionError, MemoryError, OverflowError)
"""What Python's own readers raise on text made to exhaust them."""

Row = dict[str, str]
Key = tuple[str, str]
"""An article and the id of one of its claims."""


@dataclass(frozen=True)
class Results:
    """The verdicts of one scenario, and what is known of its prices."""

    label: str
    rows: Mapping[Key, Row]
    prices: Mapping[str, float] | None
    """Those that are not the articles'; ``None`` where neither the scenario's name nor a notebook says."""


@dataclass(frozen=True)
class Change:
    """One thing that is not as it was."""

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
        """How many times as much it is, where both are numbers above zero."""
        if self.what not in (*NUMBERS, PRICE) or UNKNOWN in (self.before, self.after):
            return None
        before, after = _number(self.before), _number(self.after)
        factor = after / before if before and after and before > 0 and after > 0 else 0
        return factor if 0 < factor < math.inf else None  # as of 1e-300 and 1e300

    def row(self) -> Row:
        """Return the change as a row of text, numbers at full precision."""
        cells = (
            self.compared,
            self.against,
            self.what,
            self.id,
            self.article,
            self.printed,
            self.unit,
            self.before,
            self.after,
            number_text(self.factor),
        )
        return dict(zip(HEADER, cells, strict=True))


def read(paths: Sequence[Path]) -> list[Results]:
    """Read the results to compare.

    Args:
        paths: Folders that ``costcheck run`` wrote, or results.csv files; one alone serves if it holds
            several scenarios. A scenario's folder inside that of a run of many stands for that scenario.

    Returns:
        A `Results` for each scenario of each path, in this order. Each is called by its scenario, or where
        two are of one scenario, by where it is from.

    Raises:
        InputError: There is no such folder or file, it is no results.csv, or there are fewer than two.
    """
    found = [(path, results) for path in paths for results in _of(path)]
    if len(found) < 2:
        only = f"{paths[0]} holds one scenario ({found[0][1].label})"
        raise InputError(f"{only}; name another folder or {RESULTS} to compare with it")
    scenarios = Counter(results.label for _, results in found)
    several = Counter(path for path, _ in found)
    labels: Counter[str] = Counter()
    labelled = []
    for path, results in found:
        label = results.label
        if scenarios[label] > 1:
            alone = several[path] == paths.count(path)
            label = str(path) if alone else f"{path}: {label}"
        labels[label] += 1
        again = f" ({labels[label]})" if labels[label] > 1 else ""
        labelled.append(Results(f"{label}{again}", results.rows, results.prices))
    return labelled


def changes(results: Sequence[Results]) -> list[Change]:
    """Say what differs from the first results in each of the others.

    Args:
        results: As `read` gives them.

    Returns:
        For each of the others, the prices that differ, then claim by claim what changed, in the order of
        the first.

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
    found = []
    for other in others:
        found += _prices(first, other)
        for key in [*first.rows, *(key for key in other.rows if key not in first.rows)]:
            found += _claim(first, other, key)
    return found


def _prices(first: Results, other: Results) -> list[Change]:
    def change(key: str, unit: str, before: str, after: str) -> Change:
        return Change(other.label, first.label, PRICE, key, "", "", unit, before, after)

    if first.prices is None or other.prices is None:
        sides = [UNKNOWN if side.prices is None else _named(side.prices) for side in (first, other)]
        return [change("", "", *sides)]
    article = PriceBook.article()
    differ = []
    for key, described in price_keys().items():
        before, after = (side.get(key, article[key]) for side in (first.prices, other.prices))
        if before != after:
            differ.append(change(key, described.unit, number_text(before), number_text(after)))
    return differ


def _claim(first: Results, other: Results, key: Key) -> list[Change]:
    row = first.rows.get(key) or other.rows[key]

    def change(what: str, before: str, after: str) -> Change:
        unit = (row["unit"], "")[what != "at_your_prices"]
        return Change(
            other.label, first.label, what, row["id"], row["article"], row["printed"], unit, before, after
        )

    if key not in first.rows or key not in other.rows:
        return [change(CLAIM, *(PRESENT if key in side.rows else ABSENT for side in (first, other)))]
    pairs = [(what, first.rows[key][what], other.rows[key][what]) for what in FIELDS]
    return [change(*pair) for pair in pairs if _differ(*pair)]


def _differ(what: str, before: str, after: str) -> bool:
    return before != after and (what not in NUMBERS or _number(before) != _number(after))


def _number(text: str) -> float | None:
    return float(text) if text else None


def _named(prices: Mapping[str, float]) -> str:
    return PriceBook.article().override(prices).scenario


# ----------------------------------------------------------------------------------------- reading
def _of(path: Path) -> list[Results]:
    file = path / RESULTS if path.is_dir() else path
    if path.is_dir() and not file.is_file():
        # the folder of one scenario, whose rows stand in the results of them all
        beside = path.parent / RESULTS
        mine = [
            results for results in (_of(beside) if beside.is_file() else []) if results.label == path.name
        ]
        if mine:
            return mine
        inside = sorted(str(folder.parent) for folder in path.glob(f"*/{RESULTS}"))
        hint = f"did you mean {inside[0]}?" if inside else "costcheck run --out writes one"
        raise InputError(f"{path}: no {RESULTS} in this folder; {hint}")
    if path.is_dir() and files.leads_out(file, path):
        raise InputError(f"{file}: a link that leads out of {path}; a run's results lie in its folder")
    try:
        os.lstat(file)
    except FileNotFoundError:
        near = [folder.parent.name for folder in path.parent.glob(f"*/{RESULTS}")]
        near += [other.name for other in path.parent.glob("*.csv")]
        said = str(unknown("folder or file", path.name, near)) if near else "no such folder or file"
        raise InputError(f"{path}: {said}") from None
    except (OSError, ValueError):
        pass  # reading says better what is wrong
    rows = _rows(file)
    by_scenario: dict[str, dict[Key, Row]] = {}
    for line, row in rows:
        of_scenario = by_scenario.setdefault(row["scenario"], {})
        key = row["article"], row["id"]
        if key in of_scenario:
            raise InputError(f"{file}, line {line}, column id: {row['id']!r} stands there twice")
        of_scenario[key] = row
    together = _one_run(by_scenario)
    if together is not None:
        # each notebook says the prices it takes; the run's are those of all
        merged = {key: row for of_scenario in by_scenario.values() for key, row in of_scenario.items()}
        label = _named(together) if len(by_scenario) > 1 else next(iter(by_scenario))
        return [Results(label, merged, together)]
    return [
        Results(scenario, of_scenario, _known(file, scenario, alone=len(by_scenario) == 1))
        for scenario, of_scenario in by_scenario.items()
    ]


def _rows(file: Path) -> list[tuple[int, Row]]:
    """Read a results.csv, each row with its line."""
    found: list[tuple[int, Row]] = []
    content = tables.file_bytes(file, LARGEST)
    known: dict[str, str] = {}
    try:
        # decoded as it is read: as a text all of it would take four times as much
        with io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="") as opened:
            reader = csv.reader(opened, strict=True)
            header = next(reader, [])
            for column in COLUMNS:
                if header.count(column) != 1:
                    there = "twice" if column in header else "missing"
                    raise InputError(f"{file}, line 1: not a {RESULTS}: column {column} is {there}")
            for cells in reader:
                line = reader.line_num
                if len(cells) != len(header):
                    raise InputError(f"{file}, line {line}: {len(cells)} cells, not {len(header)}")
                # the same texts come again with each scenario
                texts = [known.setdefault(text, text) for text in map(unguarded, cells)]
                row = dict(zip(header, texts, strict=True))
                for column in NUMBERS:
                    if row[column] and not _is_finite(row[column]):
                        raise InputError(
                            f"{file}, line {line}, column {column}: {row[column][:60]!r} is not a number"
                        )
                if not row["id"].strip():
                    raise InputError(f"{file}, line {line}, column id: empty")
                for column in LABELS:
                    if "\n" in row[column]:  # what stands at the head of a line could pass for one of ours
                        raise InputError(f"{file}, line {line}, column {column}: more than one line")
                if control := CONTROLS.search("".join(cells)):
                    raise InputError(
                        f"{file}, line {line}: a control character (U+{ord(control[0]):04X}); "
                        "costcheck writes none"
                    )
                if len(found) == MOST_ROWS:
                    raise InputError(f"{file}: more than {MOST_ROWS:,} rows")
                found.append((line, row))
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{file}: not a CSV file in UTF-8 ({error})") from None
    if not found:
        raise InputError(f"{file}: no rows in it")
    return found


def _is_finite(text: str) -> bool:
    try:
        return math.isfinite(float(text))
    except ValueError:
        return False


def _one_run(by_scenario: Mapping[str, Mapping[Key, Row]]) -> dict[str, float] | None:
    """Return the prices of a single run, whose notebooks each name those they take; else ``None``."""
    ids = [key for of_scenario in by_scenario.values() for key in of_scenario]
    together: dict[str, float] = {}
    for scenario in by_scenario:
        said = stated(scenario)
        if said is None or any(together.get(key, value) != value for key, value in said.items()):
            return None
        together |= said
    return together if len(ids) == len(set(ids)) else None


def _known(file: Path, scenario: str, *, alone: bool) -> dict[str, float] | None:
    """Find a scenario's prices: in its name, or in the notebooks that were executed with them."""
    said = stated(scenario)
    if said is not None or file.name != RESULTS:
        return said
    folders = [file.parent / scenario] if refusal(scenario) is None else []
    for folder in [*folders, *[file.parent] * alone]:
        notebooks = sorted((folder / "notebooks").glob("*.ipynb"))
        if any(files.leads_out(path, file.parent) for path in notebooks):
            return None
        if notebooks:
            return _executed_with(notebooks)
    return None


def _executed_with(notebooks: Iterable[Path]) -> dict[str, float] | None:
    """Read the prices executed notebooks were given; ``None`` where one cannot be read or two disagree."""
    article = PriceBook.article()
    together: dict[str, float] = {}
    for path in notebooks:
        try:
            given = _given(json.loads(tables.file_bytes(path, LARGEST_NOTEBOOK)))
        except (ValueError, LookupError, TypeError, AttributeError, SyntaxError, *HOPELESS):
            return None
        if any(together.get(key, value) != value for key, value in given.items()):
            return None
        together |= given
    return {key: value for key, value in together.items() if value != article[key]}


def _given(notebook: Any) -> dict[str, float]:
    from costcheck.notebook.parameters import values

    keys = price_keys()
    return {
        name: value for name, value in values(notebook).items() if name in keys and not isinstance(value, str)
    }


# ----------------------------------------------------------------------------------------- showing
def show(results: Sequence[Results], found: Sequence[Change]) -> None:
    """Print the prices that differ and the claims that changed, a few scenarios side by side."""
    from rich.text import Text

    from costcheck.text.terminal import Column, console, print_table

    first, out = results[0], console()
    for start in range(1, len(results), SIDE_BY_SIDE):
        batch = results[start : start + SIDE_BY_SIDE]
        labels = [side.label for side in batch]
        mine = [change for change in found if change.compared in labels]
        for what, headings in ((PRICE, ("price", "unit")), ("at_your_prices", ("claim", "printed"))):
            lines: dict[Key, dict[str, Change]] = {}
            for change in mine:
                if change.what == what and change.id:
                    lines.setdefault((change.article, change.id), {})[change.compared] = change
            if not lines:
                continue
            rows = []
            for key, by_label in lines.items():
                one = next(iter(by_label.values()))
                unit = "" if what == PRICE else one.unit
                cells = [
                    _after(by_label[side.label], unit) if side.label in by_label else _kept(side, key, what)
                    for side in batch
                ]
                about = one.unit if what == PRICE else one.printed
                rows.append((one.id, about, _readable(one.before, unit), *cells))
            # what is printed is free text, a unit is not
            second = Column(headings[1], text=what != PRICE)
            values = (Column(label, words=True) for label in (first.label, *labels))
            print_table([Column(headings[0]), second, *values], rows, elsewhere="--format csv")
        for change in mine:
            if change.what not in ("at_your_prices", PRICE, CLAIM) or not change.id:
                out.print(Text(_said(change)))
        for side in batch:
            of_it = [one for one in mine if one.compared == side.label]
            for lacking, where in ((ABSENT, side.label), (PRESENT, first.label)):
                ids = [one.id for one in of_it if one.what == CLAIM and one.after == lacking]
                if ids:
                    claims = "claim is" if len(ids) == 1 else "claims are"
                    out.print(Text(f"{side.label}: {len(ids)} {claims} absent in {where}: {', '.join(ids)}"))
            both = [key for key in side.rows if key in first.rows]
            changed = {(one.article, one.id) for one in of_it if one.what not in (PRICE, CLAIM)}
            out.print(Text(f"{side.label}: {len(changed)} of {len(both)} claims changed"))


def _kept(side: Results, key: Key, what: str) -> str:
    if what == PRICE:
        return "same" if side.prices is not None else UNKNOWN
    return "same" if key in side.rows else ABSENT


def _said(change: Change) -> str:
    if change.what == PRICE:
        return (
            f"{change.compared}: which prices differ is unknown, for lack of notebooks executed with them "
            f"({change.against}: {change.before}; {change.compared}: {change.after})"
        )
    before, after = (
        _readable(text) if change.what in NUMBERS else text for text in (change.before, change.after)
    )
    return f"{change.compared}: {change.id} {change.what} {before or 'none'} → {after or 'none'}"


def _readable(text: str, unit: str = "") -> str:
    number = _number(text)
    return "none" if number is None else readable(number, unit)


def _after(change: Change, unit: str) -> str:
    factor = f" ({multiple(change.factor)})" if change.factor else ""
    return f"{_readable(change.after, unit)}{factor}"


def draw(results: Sequence[Results], found: Sequence[Change]) -> Shown:
    """Draw for each claim that changed the factor of its value against the first results.

    Args:
        results: As `read` gives them.
        found: As `changes` gives them.

    Returns:
        The figure as SVG, with what it says in words.
    """
    from costcheck.claims import articles
    from costcheck.notebook import show
    from costcheck.notebook.plots.comparison import changed

    first, *others = results
    about = {(article.article, claim.id): claim.about for article in articles() for claim in article.claims}
    factors: dict[str, dict[str, float]] = {}
    left_out: set[str] = set()
    for change in found:
        if change.what != "at_your_prices":
            continue
        if change.factor is None:
            left_out.add(change.id)
            continue
        name = f"{change.id}  {about.get((change.article, change.id), change.article)}"
        factors.setdefault(name, {})[change.compared] = change.factor
    if factors:
        most, label = max(
            ((name, label) for name, by_label in factors.items() for label in by_label),
            key=lambda place: abs(math.log(factors[place[0]][place[1]])),
        )
        furthest = f"{most.split()[0]} ({multiple(factors[most][label])})"
        title = f"{len(factors)} of {len(first.rows)} claims change, most of all {furthest}"
    else:
        title = f"None of {len(first.rows)} claims changes"
    figure = changed(factors, [other.label for other in others], first.label, title, sorted(left_out))
    alt = f"{title}. Value of each claim as a multiple of that in {first.label}, for " + ", ".join(
        other.label for other in others
    )
    return show.show(figure, "compare", "".join(filter(str.isprintable, alt)))
