"""Read texts whose figures are known, and print how many are found, by language.

``python -m benchmarks.reading [FOLDER] [--misses] [--rate]``: FOLDER holds the texts, gold.csv and
distractors.csv, as tests/reading/texts does, whose README explains the columns.
"""

from __future__ import annotations

import argparse
import csv
import itertools
import math
import re
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

from costcheck.reading import read_figures
from costcheck.reading.derivations import Link, links
from costcheck.reading.documents import Document, read_document
from costcheck.reading.figures import Passed, Quantity, quantities
from costcheck.units import notation

TEXTS = Path(__file__).resolve().parents[1] / "tests" / "reading" / "texts"
MISTAKES = ("off", "wrong")
STREAM, WORDS = 1000, 2000
"""Articles read one after the other to measure the rate, and words of a long one."""
_OWN = {name for name in notation.UNITS if name not in notation.NOUNS}
Row = dict[str, str]
Key = tuple[float, float, str]
_OPERAND = re.compile(r"(?<![\w.])(\d[\d.]*(?:e\d+)?)( [A-Za-z][\w/-]*)?(?![\w.])")


@dataclass
class Score:
    """Counts over some texts, and what was missed."""

    texts: int = 0
    gold: int = 0
    found: int = 0
    fits: int = 0
    full: int = 0
    hedges: int = 0
    printed: int = 0
    """Figures taken for some."""
    false: int = 0
    """Of them, those that are none."""
    distractors: int = 0
    derived: int = 0
    first: int = 0
    in_three: int = 0
    mistakes: int = 0
    named: int = 0
    false_findings: int = 0
    misses: list[str] = field(default_factory=list)

    def add(self, other: Score) -> None:
        """Add the counts of another."""
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)


def rows(path: Path) -> dict[str, list[Row]]:
    """Return the rows of gold.csv or distractors.csv by text."""
    by_text = defaultdict(list)
    with path.open(encoding="utf-8", newline="") as file:
        names = None if path.stem == "gold" else ["text", "printed"]
        for row in csv.DictReader(file, names):
            by_text[row["text"]].append(row)
    return by_text


def key(row: Row) -> Key:
    """Return value, upper end and unit of a row; those that say the same are equal."""
    return float(row["value"]), float(row["value_high"] or row["value"]), row["unit"]


def _of_gold(unit: str) -> notation.Unit:
    """Read a unit of a gold row, which counts whatever it likes."""
    known = notation.SPELLINGS
    words = tuple(w for w in re.findall("[A-Za-z]+", unit) if not {w, w.removesuffix("s")} & known.keys())
    return notation.parse(unit, words)


def unit_fits(unit: str | None, wanted: str) -> tuple[float, bool] | None:
    """Return the factor from a unit to one that may say more (per what), and whether it does not.

    >>> unit_fits("USD/hour", "USD/GPU-hour"), unit_fits("token", "Mtok/month"), unit_fits("hour", "GPU-hour")
    ((1.0, False), (1e-06, False), None)
    """
    theirs = _of_gold(wanted)
    if unit is None:
        return (1.0, True) if not theirs.dimensions and wanted != "percent" else None
    ours = notation.parse(unit)
    if not theirs.dimensions:
        return (float(ours.scale / theirs.scale), True) if not ours.dimensions else None
    for count in range(len(theirs.parts), 0, -1):
        for parts in itertools.combinations(theirs.parts, count):
            by = notation.conversion(ours, notation.made_of(parts))
            more = set(theirs.parts) - set(parts)
            if by and all(power < 0 or name not in _OWN for name, power in more):
                return by, not more
    return None


def value_fits(quantity: Quantity, row: Row) -> bool:
    """Say whether a quantity has the value of a row, in the unit of either."""
    figure = quantity.figure
    fit = unit_fits(figure.unit, row["unit"])
    low, high, _ = key(row)
    ours = (figure.value, figure.value if figure.high is None else figure.high)
    return any(
        math.isclose(mine * by, theirs, rel_tol=5e-4) and math.isclose(ours[1] * by, high, rel_tol=5e-4)
        for by in {1.0, fit[0] if fit else 1.0}
        for mine, theirs in [(ours[0], low)]
    )


def matches(figures: list[Quantity], gold: list[Row], document: Document) -> dict[int, int]:
    """Return for each row of gold that was found the quantity: the likeliest of those with its value."""

    def alike(row: Row, index: int) -> tuple[bool, bool, bool, bool, int]:
        quantity = figures[index]
        printed = document.text[quantity.start : quantity.end]
        fit = unit_fits(quantity.figure.unit, row["unit"])
        return (
            printed == row["printed"],
            bool(fit and fit[1]),
            bool(fit),
            quantity.figure.hedge.value == row["hedge"],
            -index,
        )

    pairs = [
        (alike(row, index), -number, index)
        for number, row in enumerate(gold)
        for index, quantity in enumerate(figures)
        if value_fits(quantity, row)
    ]
    found: dict[int, int] = {}
    for _, number, index in sorted(pairs, reverse=True):
        if -number not in found and index not in found.values():
            found[-number] = index
    return found


def score(path: Path, gold: list[Row], distractors: list[Row]) -> tuple[str, Score]:
    """Read a text and compare; return its language too."""
    document = read_document(path)
    reading = read_figures(document)
    figures, passed = [*reading.figures], [*reading.passed]
    found = matches(figures, gold, document)
    of = Score(texts=1, gold=len(gold), found=len(found), printed=len(figures))
    name = path.name[:2]
    for number, row in enumerate(gold):
        what = f"{name} {row['printed']!r} {row['unit']}"
        if number not in found:
            of.misses.append(f"figure   {what}: {_passed(row['printed'], passed)}")
            continue
        figure = figures[found[number]].figure
        fit = unit_fits(figure.unit, row["unit"])
        of.fits += bool(fit)
        of.full += bool(fit and fit[1])
        of.hedges += figure.hedge.value == row["hedge"]
        if not (fit and fit[1]):
            of.misses.append(f"{'in full' if fit else 'unit':8} {what}: {figure.unit}")
        if figure.hedge.value != row["hedge"]:
            of.misses.append(f"hedge    {what} {row['hedge']}: {figure.hedge.value}")
    for quantity in figures:
        if not any(value_fits(quantity, row) for row in gold):
            of.false += 1
            printed, unit = document.text[quantity.start : quantity.end], quantity.figure.unit
            of.misses.append(f"false    {name} {printed!r} {unit} | {quantity.sentence[:70]}")
    false = [document.text[q.start : q.end] for q in figures if not any(value_fits(q, r) for r in gold)]
    of.distractors = sum(
        any(row["printed"] in text or text in row["printed"] for text in false) for row in distractors
    )
    _add_links(of, [*reading.links], figures, gold, found, name)
    return document.language, of


def _passed(printed: str, passed: list[Passed]) -> str:
    return "; ".join(f"{p.printed} is {p.why}" for p in passed if p.printed in printed)


def _add_links(
    of: Score,
    all_links: list[Link],
    figures: list[Quantity],
    gold: list[Row],
    found: dict[int, int],
    name: str,
) -> None:
    row_of = {index: number for number, index in found.items()}
    for index, quantity in enumerate(figures):  # said again
        same = [number for number, row in enumerate(gold) if value_fits(quantity, row)]
        row_of.setdefault(index, same[0] if same else -1)
    by_row: dict[int, Link] = {}
    for link in all_links:
        by_row.setdefault(row_of[link.of], link)
    for number, row in enumerate(gold):
        link = by_row.get(number)
        if row["role"] == "derived":
            of.derived += 1
            tries = (
                [_is_right(each, figures, row, gold, row_of) for each in (link, *link.rivals)] if link else []
            )
            of.first += tries[:1] == [True]
            of.in_three += any(tries[:3])
            if tries[:1] != [True]:
                given = _written(link, figures) if link else "nothing"
                kind = "rival" if any(tries[:3]) else "sum"
                of.misses.append(f"{kind:8} {name} {row['printed']!r} = {row['sum']}: {given}")
        is_named = bool(link and link.kind.is_mistake)
        if row["verdict"] in MISTAKES:
            of.mistakes += 1
            of.named += is_named
            if not is_named:
                of.misses.append(f"mistake  {name} {row['printed']!r} is {row['verdict']} {row['cause']}")
        elif is_named and link:
            of.false_findings += 1
            of.misses.append(f"finding  {name} {row['printed']!r}: {_written(link, figures)} {link.kind}")
    for link in all_links:
        if row_of[link.of] < 0 and link.kind.is_mistake:
            of.false_findings += 1
            of.misses.append(
                f"finding  {name} {figures[link.of].figure.printed!r}: {_written(link, figures)}"
            )


def _written(link: Link, figures: list[Quantity]) -> str:
    return re.sub(r"\bf(\d+)\b", lambda m: figures[int(m[1])].figure.printed, link.sum)


def _is_right(link: Link, figures: list[Quantity], row: Row, gold: list[Row], row_of: dict[int, int]) -> bool:
    """Say whether a sum uses the figures that the row's does, and gives as much.

    Conversions (24 hour/day) are constants, of which either may have others. A figure that follows from
    others may stand for them, and they for it.
    """
    rows = [gold[row_of[index]] for index in link.inputs if row_of[index] >= 0]
    rows = [one for one in rows if not _is_calendar(one) and key(one) != (1e6, 1e6, "token")]
    if not all(row_of[index] >= 0 or _is_constant(figures[index]) for index in link.inputs):
        return False
    named = [*rows, *_operands(row | {"sum": link.sum}, gold)]
    if not any(
        of(ours) == of(theirs)
        for ours in (rows, named)  # 62e9 parameter, of a model's name
        for theirs in (_operands(row, gold), _operands(row, gold, with_numbers=False))
        for of in (lambda those: {key(one) for one in those}, lambda those: _leaves(those, gold, row))
    ):
        return False
    if ".." in row["sum"] or row["cause"] == "currency" or not row["recomputed"]:
        return True
    if any(one["verdict"] in MISTAKES for one in rows):
        return True
    ours = link.recomputed / figures[link.of].figure.value
    return math.isclose(ours, float(row["recomputed"]) / float(row["value"]), rel_tol=0.05)


def _leaves(rows: list[Row], gold: list[Row], of: Row) -> set[Key]:
    """Return the figures that some rest on in the end, but for plain conversions of one of them."""
    found: set[Key] = set()
    for row in rows:
        below = _operands(row, gold) if row["role"] == "derived" and row is not of else []
        found |= _leaves([one for one in below if one is not of], gold, row) if below else {key(row)}
    return found


def _is_constant(quantity: Quantity) -> bool:
    """Say whether a figure is a conversion or an amount that a text prints: twelve months, 1 kWh."""
    value, unit = quantity.figure.value, quantity.figure.unit or "1"
    return unit in ("1", "times") or value in (1, *_LENGTHS.get(unit, ())) or (value, unit) == (1e6, "token")


def _operands(row: Row, gold: list[Row], *, with_numbers: bool = True) -> list[Row]:
    """Return the rows of the figures in a row's sum: those printed so, or else those that convert to it.

    A number without a unit, such as the 2 of keys and values, may be a figure's or a constant.
    """
    found = []
    others = sorted((other for other in gold if other is not row), key=lambda one: one["unit"] != "times")
    others = [other for other in others if not _is_calendar(other)]
    for number, unit in _OPERAND.findall(row["sum"]):
        value, unit = float(number), unit.strip()
        if not unit and not with_numbers:
            continue
        same = [other for other in others if _is_printed(value, unit, other)]
        if unit and not same and not re.fullmatch(_RHYTHM, unit):
            same = [other for other in others if _converts(value, unit, other)]
        if not same and unit:  # 19.9 GB, read for each token
            alike = [other for other in others if value in key(other)[:2]]
            same = [other for other in alike if unit.startswith(f"{other['unit']}/")]
        found += same[:1]
    return found


_LENGTHS = {"hour": {24, 720, 730, 744, 8760, 8766}, "day": {30, 31, 365}, "month": {12}, "s": {3600}}
_RHYTHM = r"(?:s|hour|day|month)/(?:hour|day|month|year)"


def _is_calendar(row: Row) -> bool:
    """Say whether a figure is a conversion that the text prints: 365 days a year, 720 hours a month."""
    above = row["unit"].partition("/")[0]
    is_unit = re.fullmatch(_RHYTHM, row["unit"]) or row["unit"] == above
    return bool(is_unit) and float(row["value"]) in _LENGTHS.get(above, ())


def _is_printed(value: float, unit: str, other: Row) -> bool:
    if value in key(other)[:2] and (not unit or _same(unit, other["unit"])):
        return True
    return not unit and other["unit"] == "times" and math.isclose(1 / value, key(other)[0], rel_tol=1e-6)


def _same(unit: str, other: str) -> bool:
    ours, theirs = _of_gold(unit), _of_gold(other)
    return (ours.dimensions, ours.scale) == (theirs.dimensions, theirs.scale)


def _converts(value: float, unit: str, other: Row) -> bool:
    by = notation.conversion(_of_gold(unit), _of_gold(other["unit"]))
    return by is not None and any(math.isclose(value * by, end, rel_tol=1e-9) for end in key(other)[:2])


def measured(folder: Path = TEXTS) -> dict[str, Score]:
    """Return the scores of a folder of texts by language, and of all."""
    gold, distractors = rows(folder / "gold.csv"), rows(folder / "distractors.csv")
    scores: dict[str, Score] = {}
    for name in sorted(gold):
        language, of = score(folder / name, gold[name], distractors.get(name, []))
        for group in (language, "all"):
            scores.setdefault(group, Score()).add(of)
    return {group: scores[group] for group in ("en", "zh", "ja", "all") if group in scores}


COLUMNS = {
    "figures found": ("found", "gold"), "taken, but none": ("false", "printed"), "units": ("fits", "found"),
    "units in full": ("full", "found"), "hedges": ("hedges", "found"), "sums, first": ("first", "derived"),
    "among three": ("in_three", "derived"), "mistakes named": ("named", "mistakes"),
    "false findings a text": ("false_findings", "texts"),
}  # fmt: skip
"""What the table shows: the share that one count is of another."""


def share(of: Score, column: str) -> float:
    """Return a share of a score; of nothing it is 0."""
    above, below = COLUMNS[column]
    return float(getattr(of, above) / (getattr(of, below) or 1))


def rates(folder: Path, articles: int = STREAM) -> tuple[float, float]:
    """Return how many articles a second are read, one after the other: to the figures, and to the links."""
    names, to_figures, to_links = sorted(rows(folder / "gold.csv")), 0.0, 0.0
    for _, name in zip(range(articles), itertools.cycle(names), strict=False):
        start = time.perf_counter()
        document = read_document(folder / name)
        figures, _ = quantities(document)
        to_figures += time.perf_counter() - start
        links(document, figures)
        to_links += time.perf_counter() - start
    return articles / to_figures, articles / to_links


def long_article(folder: Path) -> tuple[int, float]:
    """Return the figures of an article of `WORDS` words, made of the English texts, and the CPU seconds."""
    documents = [read_document(folder / name) for name in sorted(rows(folder / "gold.csv"))]
    text = "\n\n".join(document.text for document in documents if document.language == "en")
    words = itertools.islice(re.finditer(r"\S+", f"{text}\n\n{text}"), WORDS)
    document = read_document(f"{text}\n\n{text}"[: [*words][-1].end()], "en")
    start = time.process_time()
    return len(read_figures(document).figures), time.process_time() - start


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reading", description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=TEXTS)
    parser.add_argument("--misses", action="store_true", help="list what was missed")
    parser.add_argument(
        "--rate", action="store_true", help=f"time {STREAM} articles, and one of {WORDS} words"
    )
    options = parser.parse_args()
    scores = measured(options.folder)
    print(f"{'':22}" + "".join(f"{group:>14}" for group in scores))
    for column, (above, below) in COLUMNS.items():
        cells = [
            f"{share(of, column):.1%} {getattr(of, above)}/{getattr(of, below)}" for of in scores.values()
        ]
        print(f"{column:22}" + "".join(f"{cell:>14}" for cell in cells))
    if options.misses:
        print(*sorted(scores["all"].misses), sep="\n")
    if options.rate:
        figures_of_long, seconds = long_article(options.folder)
        print(f"an article of {WORDS} words with {figures_of_long} figures: {seconds:.2f} s of CPU time")
        figures, with_links = rates(options.folder)
        print(f"{figures:.1f} articles a second to their figures, {with_links:.1f} to what follows from what")


if __name__ == "__main__":
    main()
