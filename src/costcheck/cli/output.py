"""What the subcommands print: a console, the table of verdicts, rows for other programs."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from costcheck.text import log

if TYPE_CHECKING:
    from rich.console import Console

    from costcheck.claims import Article, Verdict
    from costcheck.notebook.show import Shown
    from costcheck.prices.book import PriceBook
    from costcheck.prices.quotes import Quote


def console() -> Console:
    """Make a console that shows as an escape what a terminal would obey, wherever in a table it stands."""
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment

    class Safe(Console):
        def render(
            self, renderable: RenderableType, options: ConsoleOptions | None = None
        ) -> Iterator[Segment]:
            for segment in super().render(renderable, options):
                text = log.printable(segment.text)
                yield segment if text is segment.text else Segment(text, segment.style, segment.control)

    return Safe(highlight=False, width=None if sys.stdout.isatty() else 150)


def line(text: object) -> None:
    """Print a line that names a file, whose name may be anything.

    On a terminal what it would obey is shown as an escape; another program gets the name as it is.
    """
    print(log.one_line(str(text)) if sys.stdout.isatty() else text)


@contextlib.contextmanager
def working(what: str, total: float | None = None, unit: str = "") -> Iterator[Callable[[float], object]]:
    """Show on a terminal that something is at work: a bar where it is known how much there is to do.

    Nothing is shown in a pipe, with ``--quiet`` or ``--verbose``, or of what takes less than half a second.

    Args:
        what: What is done.
        total: How much there is of it.
        unit: Of what, in the plural.

    Yields:
        To be called with how much of it is done by now.
    """
    if not sys.stderr.isatty() or not log.usual():
        with log.step(what):
            yield lambda done: None
        return
    import threading

    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    shown = [BarColumn(bar_width=24), TextColumn("{task.fields[said]}")] if total else [TimeElapsedColumn()]
    bar = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        *shown,
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task(log.one_line(what), total=total, said="")
    since = time.monotonic()
    # what is over at once would only flicker
    waiting = threading.Timer(SHOWN_AFTER_SECONDS, bar.start)
    waiting.daemon = True

    def advance(done: float) -> None:
        seconds = time.monotonic() - since
        rate = done / seconds if seconds else 0
        left = (total - done) / rate if total and rate else 0
        said = f"{done:,.0f} of {total or 0:,.0f} {unit}, {rate:,.0f}/s, {log.clock(left)} left"
        bar.update(task, completed=done, said=said)

    waiting.start()
    try:
        yield advance
    finally:
        waiting.cancel()
        waiting.join()
        bar.stop()


SHOWN_AFTER_SECONDS = 0.5


def save(figure: Shown, path: Path) -> None:
    """Write a figure as SVG, or as PNG at print size, as the file's name says, and say so.

    Raises:
        RunError: It cannot be written.
    """
    from costcheck.data import files
    from costcheck.errors import RunError
    from costcheck.results import images

    try:
        drawn = images.png(figure.svg) if path.suffix.lower() == ".png" else figure.svg.encode()
        files.write(path, drawn)
    except OSError as error:
        raise RunError(f"{path}: cannot be written ({error.strerror})") from error
    log.note(f"drawn: {path}")


def file_name(path: Path, name: str) -> Path:
    """Put a name in the place that a default file name leaves open."""
    return path.with_name(path.name.replace("KEY", name))


def price_rows(
    book: PriceBook, keys: Sequence[str], more: Sequence[Quote] = (), ranges: PriceBook | None = None
) -> list[dict[str, str]]:
    """Describe which quote a book has for each of some prices, and how old it is, as text.

    Args:
        book: A book of a date, or of quotes.
        keys: Prices to describe; where both sides of a model's price are there, what they blend to follows.
        more: The reader's quotes, for the range.
        ranges: The book whose ranges count, where it is another.

    Returns:
        Rows of equal columns: ages are in days before the book's date.
    """
    from costcheck.prices.book import PriceBook
    from costcheck.prices.quotes import GIVEN
    from costcheck.text.numbers import number_text

    theirs = PriceBook.article()
    rows = []
    for key in keys:
        quote = book.quote(key)
        low, high = (ranges or book).span(key, more) or (None, None)
        given = quote.source == GIVEN  # not one whose value the reader gave once more
        age = quote.days_before(book.date) if book.date and not given else None
        rows.append(
            {
                "key": key,
                "article": number_text(theirs[key]) if key in theirs else "",
                "value": number_text(quote.value),
                "low": number_text(low),
                "high": number_text(high),
                "unit": quote.unit,
                "quote_of": "" if given else quote.as_of,
                "days_old": number_text(age),
                "source": quote.source,
                "verification": "" if given else quote.verification,
            }
        )
    return rows + _blended(book, theirs, keys)


INPUT, OUTPUT = "_input_usd_per_mtok", "_output_usd_per_mtok"


def _blended(book: PriceBook, theirs: PriceBook, keys: Sequence[str]) -> list[dict[str, str]]:
    """Describe what the two sides of each model's price blend to."""
    from costcheck import formulas
    from costcheck.text.numbers import number_text

    weight = "input_tokens_per_output_token"
    rows = []
    for model in [key.removesuffix(INPUT) for key in keys if key.endswith(INPUT)]:
        parts = (f"{model}{INPUT}", f"{model}{OUTPUT}", weight)
        dates = sorted(book.quote(key).as_of for key in parts[:2])
        rows.append(
            {
                "key": f"{model} blended {book[weight]:g}:1",
                "article": number_text(formulas.blended_price(*(theirs[key] for key in parts))),
                "value": number_text(formulas.blended_price(*(book[key] for key in parts))),
                "low": "",
                "high": "",
                "unit": "USD/Mtok",
                "quote_of": dates[0],
                "days_old": "",
                "source": "computed: blended_price",
                "verification": "",
            }
        )
    return rows


def print_prices(rows: Sequence[Mapping[str, str]], heading: str, *, articles: bool = False) -> None:
    """Print rows of `price_rows` as a table.

    Args:
        rows: What to print.
        heading: What they are.
        articles: Whether to set the articles' value beside each.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    out = console()
    out.print(Text(heading, "bold"))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("price", no_wrap=True)
    for column in (*(["articles"] * articles), "value", "range"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    table.add_column("quote of", no_wrap=True)
    table.add_column("age", justify="right", no_wrap=True)
    table.add_column("source", no_wrap=True)
    for row in rows:
        days = int(row["days_old"] or 0)
        late = days < 0
        age = "" if not row["days_old"] else "later" if late else f"{days:,} d"
        cells = (
            row["key"],
            *([_grouped(row["article"])] * articles),
            _grouped(row["value"]),
            f"{_grouped(row['low'])} – {_grouped(row['high'])}" if row["low"] else "",
            row["unit"],
            row["quote_of"],
            age,
            _shortened(row["source"]) + _marked(row),
        )
        table.add_row(*map(Text, cells), style="yellow" if late else "")
    out.print(table)
    if any(row["days_old"].startswith("-") for row in rows):
        out.print(
            Text("later: no quote so early; the articles' own, or the first there is, stands in", "yellow")
        )


def print_used(
    prices: PriceBook, articles: Sequence[Article], more: Sequence[Quote] = (), *, beside: bool = False
) -> None:
    """Print which quote was used for each price that some articles' claims rest on, and how old it is.

    Args:
        prices: The book that was used.
        articles: The articles that were checked.
        more: The reader's quotes.
        beside: Whether the verdicts went to another program, so that this goes to standard error.
    """
    from costcheck.claims.used import prices_of

    rows: list[dict[str, str]] = []
    # articles of the same prices together, in the price book's order
    shared = [article for article in articles if not article.own_quotes]
    for group in (shared, *([article] for article in articles if article.own_quotes)):
        book = prices.extended(group[0].own_quotes) if group else prices
        used = set(prices_of(group))
        rows += [
            row for row in price_rows(book, [key for key in book if key in used], more) if row not in rows
        ]
    heading = f"prices used: {prices.scenario}"
    if not beside:
        print_prices(rows, heading)
        return
    log.note(heading)
    for row in rows:
        age = f", {row['days_old']} days old" if row["days_old"] else ""
        line = f"{row['key']}={row['value']} {row['unit']} (quote of {row['quote_of']}{age}){_marked(row)}"
        log.note(line)


def _marked(row: Mapping[str, str]) -> str:
    from costcheck.data.tables import is_unverified

    return " (unverified)" if is_unverified(row["verification"]) else ""


def _grouped(number: str) -> str:
    """Write a number for people: seven figures and separators."""
    return f"{float(number):,.8g}" if number else ""


LONGEST_SOURCE = 24


def _shortened(source: str) -> str:
    """Shorten an address in a table; the file formats have it whole."""
    text = source.partition("://")[2] or source
    return text if len(text) <= LONGEST_SOURCE else f"{text[: LONGEST_SOURCE - 1]}…"


def print_table(found: Sequence[Verdict]) -> None:
    """Print the verdicts, and how many there are of each."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from costcheck.claims.kinds import PREMISES
    from costcheck.text.numbers import readable

    out = console()
    yours = any(verdict.scenario != "article" for verdict in found)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("claim", "printed", "recomputed", "arithmetic", "premise", *(["at your prices"] * yours)):
        table.add_column(column, overflow="fold", no_wrap=column in ("claim", "arithmetic", "premise"))
    for verdict in found:
        unit = verdict.claim.unit
        cells = [
            verdict.claim.id,
            verdict.claim.printed,
            readable(verdict.recomputed, unit),
            str(verdict.arithmetic),
            verdict.premise or "",
            *([verdict.at_your_prices_marked] * yours),
        ]
        premise = PREMISES[verdict.premise].terminal if verdict.premise else ""
        styles = ["bold", "", "", verdict.arithmetic.look.terminal, premise, ""]
        table.add_row(*(Text(text, style) for text, style in zip(cells, styles, strict=False)))
    out.print(table)
    causes: dict[str, list[str]] = {}
    for verdict in found:
        if verdict.cause:
            causes.setdefault(verdict.cause, []).append(verdict.claim.id)
    for cause, ids in causes.items():
        out.print(Text(f"{', '.join(ids)}, likely cause: {cause}"))
    out.print(Text(_counts(found)))


def _counts(found: Sequence[Verdict]) -> str:
    from costcheck.claims.kinds import HOLDS, HOLDS_UNVERIFIED, LOOKS, Premise

    counted: list[str] = []
    for look in LOOKS:
        of_kind = [verdict for verdict in found if verdict.arithmetic.look is look]
        unverified = sum(verdict.unverified for verdict in of_kind)
        also = (
            f" ({unverified} on unverified data)"
            if unverified and look not in (HOLDS, HOLDS_UNVERIFIED)
            else ""
        )
        if of_kind:
            more = "more " if look is HOLDS_UNVERIFIED and counted else ""
            counted.append(f"{len(of_kind)} {more}{look.counted}{also}")
    misplaced = sum(verdict.premise is Premise.WRONG_CATEGORY for verdict in found)
    claims = "claim" if len(found) == 1 else "claims"
    return f"{len(found)} {claims}: {', '.join(counted)}; {misplaced} of all are in the wrong category"
