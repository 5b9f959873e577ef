"""``costcheck sensitivity``: which prices a figure depends on, and where its verdict flips."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costcheck.cli.options import (
    Commands,
    given_prices,
    own_prices,
    plotted,
    readers_quotes,
    some_path,
    subcommand,
)
from costcheck.cli.output import console, save, working
from costcheck.errors import InputError

if TYPE_CHECKING:
    from rich.table import Table

    from costcheck.sensitivity import Moving, Range, Sobol, Spread, Swing

MOST_SAMPLES = 10**9
COLUMNS = (
    "claim",
    "article",
    "price",
    "unit",
    "value",
    "low",
    "high",
    "range",
    "from",
    "at_low",
    "holds_at_low",
    "at_high",
    "holds_at_high",
    "swing",
    "flips_below",
    "flips_above",
    "unverified",
)
OVERVIEW = (
    "claim",
    "article",
    "printed",
    "unit",
    "recomputed",
    "holds",
    "moves_it_most",
    "price_unit",
    "flips_below",
    "flips_above",
    "low_5",
    "median",
    "high_95",
    "share_holds",
    "samples",
    "seed",
    "unverified",
)


def add(commands: Commands) -> None:
    """Add the subcommand."""
    sensitivity = subcommand(
        commands,
        "sensitivity",
        help="which price moves a figure most, and where its verdict flips",
        description="Say which price moves a claim's figure most, at what price the verdict flips, and how "
        "far the result spreads over scenarios drawn; without CLAIM, in a line for each claim that moves.",
        example="costcheck sensitivity Z51 --range h100_usd=uniform:25000:45000",
        prices=True,
    )
    sensitivity.add_argument("claim", nargs="?", metavar="CLAIM", help="a claim's id, such as Z51")
    sensitivity.add_argument(
        "articles",
        nargs="*",
        type=some_path,
        metavar="ARTICLE.yaml",
        help="articles of yours, instead of the two",
    )
    sensitivity.add_argument(
        "--range",
        action="append",
        default=[],
        metavar="KEY=LOW:HIGH",
        help="between what a price may lie; KEY=KIND:LOW:HIGH for another than a triangular one that peaks "
        "at the price: uniform, or normal or lognormal with 5%% of the draws on either side (repeatable; "
        "default: the range of its quote, else the span of its dated quotes)",
    )
    sensitivity.add_argument(
        "--samples", type=_samples, metavar="N", help="scenarios to draw (default: 100000)"
    )
    sensitivity.add_argument("--seed", type=_seed, metavar="N", help="of the draws (default: 1)")
    plotted(sensitivity, "tornado.svg")
    sensitivity.add_argument(
        "--format", choices=("table", "csv", "json"), default="table", help="default: table"
    )
    sensitivity.set_defaults(main=main)


def _samples(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= MOST_SAMPLES):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from 1 to {MOST_SAMPLES}")
    return int(text)


def _seed(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 2**64):
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number, 0 to 2^64 - 1")
    return int(text)


def main(options: argparse.Namespace) -> int:
    """Run it."""
    from costcheck.claims import articles, load
    from costcheck.sensitivity import find, moving, ranges
    from costcheck.sensitivity.spread import SAMPLES, SEED

    words = [str(path) for path in options.articles if not path.suffix and len(path.parts) == 1]
    if options.claim and Path(options.claim).suffix and len(words) == 1:  # the other way round
        options.articles = [Path(options.claim), *(path for path in options.articles if path.suffix)]
        options.claim = words[0]
    # an id has no point and no slash: the first word may be a file already
    if options.claim and (Path(options.claim).suffix or len(Path(options.claim).parts) > 1):
        options.claim, options.articles = None, [Path(options.claim), *options.articles]
    if options.plot and not options.claim:
        raise InputError("--plot: a tornado is drawn of one claim; name it, as in costcheck sensitivity Z51")
    samples = SAMPLES if options.samples is None else options.samples
    seed = SEED if options.seed is None else options.seed
    of = load(options.articles) if options.articles else articles()
    prices, more = given_prices(options, own_prices(of)), readers_quotes(options)
    claims = moving(of, prices)
    if options.claim:
        one = find(options.claim, claims, of)
        _one(one, ranges([one], options.range, more), samples, seed, options)
    elif claims:
        _all(claims, ranges(claims, options.range, more), samples, seed, options.format)
    else:
        raise InputError("no claim rests on a price: nothing to move")
    return 0


def _one(one: Moving, ranges: dict[str, Range], samples: int, seed: int, options: argparse.Namespace) -> None:
    from costcheck.sensitivity import sobol, tornado
    from costcheck.sensitivity.spread import sweepable

    try:
        swings = tornado(one, ranges)
    except (ValueError, ArithmeticError) as error:
        raise InputError(f"{one.article.article}, claim {one.claim.id}: {error}; narrow its range") from error
    figure = None
    if options.plot:
        from costcheck.notebook.plots.sensitivity import draw

        figure = draw(swings)
    if options.format == "csv":
        _csv(COLUMNS, [_row(one, swing) for swing in swings])
    else:
        spread = _spread(one, ranges, samples, seed)
        if options.format == "table":
            _print_one(one, swings, spread, samples, seed)
            sys.stdout.flush()  # what follows waits for SALib
        with working("Sobol indices"):
            indices = sobol(one, ranges, seed) if sweepable(one) else []
        if options.format == "table":
            _print_sobol(indices)
        else:
            import json

            print(json.dumps(_object(one, swings, spread, indices, seed), ensure_ascii=False, indent=1))
    if figure:
        save(figure, options.plot)


def _spread(one: Moving, ranges: dict[str, Range], samples: int, seed: int) -> Spread | None:
    """Draw scenarios of a claim, where a price in it varies and its formulas take arrays."""
    from costcheck.sensitivity import sweep
    from costcheck.sensitivity.spread import sweepable

    if not sweepable(one) or not any(ranges[key].varies for key in one.keys):
        return None
    with working("drawing", samples, "scenarios") as advance:
        return sweep([one], ranges, samples, seed, tell=advance)[0]


def _row(one: Moving, swing: Swing) -> dict[str, Any]:
    return {
        "claim": one.claim.id,
        "article": one.article.article,
        "price": swing.range.key,
        "unit": swing.unit,
        "value": swing.range.value,
        "low": swing.range.low,
        "high": swing.range.high,
        "range": swing.range.kind,
        "from": swing.range.source,
        "at_low": swing.at_low,
        "holds_at_low": swing.holds_at_low,
        "at_high": swing.at_high,
        "holds_at_high": swing.holds_at_high,
        "swing": swing.swing,
        "flips_below": swing.flips[0],
        "flips_above": swing.flips[1],
        "unverified": one.unverified,
    }


def _object(
    one: Moving, swings: Sequence[Swing], spread: Spread | None, indices: Sequence[Sobol], seed: int
) -> dict[str, Any]:
    import dataclasses
    import math

    ends = one.interval
    kept = ("count", "minimum", "mean", "maximum", "low", "median", "high", "share_holds", "of_which")
    rows = [_row(one, swing) for swing in swings]
    return {
        "claim": one.claim.id,
        "article": one.article.article,
        "printed": one.claim.printed,
        "unit": one.claim.unit,
        # JSON has no infinity: null where there is no limit
        "holds_between": [end if math.isfinite(end) else None for end in ends] if ends else None,
        "recomputed": one.at(),
        "holds": one.holds(),
        "unverified": one.unverified,
        "prices": [{name: row[name] for name in COLUMNS[2:-1]} for row in rows],
        "spread": {"seed": seed} | {name: getattr(spread, name) for name in kept} if spread else None,
        "sobol": [dataclasses.asdict(index) for index in indices],
    }


def _csv(columns: Sequence[str], rows: Sequence[dict[str, Any]]) -> None:
    from costcheck.text.numbers import number_text
    from costcheck.text.spreadsheets import csv_text

    texts = ({name: number_text(value) for name, value in row.items()} for row in rows)
    sys.stdout.write(csv_text(columns, texts))


def _interval(one: Moving) -> str:
    """Say between what results the figure holds."""
    import math

    from costcheck.text.numbers import readable

    ends, unit = one.interval, one.claim.unit
    if ends is None:
        return "holds at no result"
    if one.claim.figure_printed is None:
        return f"holds where the answer is {readable(one.claim.value)}"
    low, high = ends
    if math.isinf(high):
        return f"holds from {readable(low, unit)} on"
    if math.isinf(low):
        return f"holds up to {readable(high, unit)}"
    if readable(low, unit) == readable(high, unit):
        return f"holds at {readable(low, unit)}"
    return f"holds from {readable(low, unit)} to {readable(high, unit)}"


def _print_one(one: Moving, swings: Sequence[Swing], spread: Spread | None, samples: int, seed: int) -> None:
    from costcheck.sensitivity.influence import plain, said
    from costcheck.sensitivity.ranges import GIVEN
    from costcheck.sensitivity.spread import sweepable
    from costcheck.text.numbers import readable

    claim, unit = one.claim, one.claim.unit
    print(f"{claim.id}: {claim.about}")
    at = " at your prices" if any(key in one.prices.changed for key in one.keys) else ""
    result = readable(one.at(), unit)
    print(f"printed {claim.printed}: {_interval(one)}; recomputed{at} {result}: {one.verdict}\n")
    table = _table(
        *("price", "now", "low", "high", "range"),
        *(f"{column} [{unit}]".replace(" [None]", "") for column in ("at low", "at high", "swing")),
        *("flips below", "flips above"),
    )
    special = unit if unit in ("byte", "rank") or str(unit).startswith("share of ") else None
    for swing in swings:
        found = swing.range
        ends = [
            f"{readable(result, special)} {'✓' if holds else '✗'}"
            for result, holds in ((swing.at_low, swing.holds_at_low), (swing.at_high, swing.holds_at_high))
        ]
        _line(
            table,
            found.key,
            f"{plain(found.value)} {swing.unit}".removesuffix(" 1"),
            plain(found.low) if found.varies else "",
            plain(found.high) if found.varies else "",
            f"{found.source}, {found.kind}" if found.source == GIVEN else found.source,
            *(ends if found.varies else ("", "")),
            readable(swing.swing, special if special != "rank" else None) if found.varies else "",
            "never" if swing.flips[0] is None else plain(swing.flips[0]),
            "never" if swing.flips[1] is None else plain(swing.flips[1]),
        )
    console().print(table)
    first = swings[0]
    print("One price at a time, the others as they are. ✓ the figure holds there, ✗ it does not.")
    if first.range.varies:
        print(f"{first.range.key} moves it most. {claim.printed} {said(first)}.")
    else:
        print(f"No price in it has a range (--range gives it one). {claim.printed} {said(first)}.")
    if not sweepable(one):
        print(f"No scenarios: {one.program.not_elementwise[0]} compares single numbers.")
    elif spread:
        print(
            f"{samples:,} scenarios (seed {seed}): 5 % below {readable(spread.low, unit)}, median "
            f"{readable(spread.median, unit)}, 5 % above {readable(spread.high, unit)}; "
            f"the figure holds in {_percent(spread.share_holds)}."
        )


def _print_sobol(indices: Sequence[Sobol]) -> None:
    if not indices:
        return
    from costcheck.sensitivity.spread import NO_INTERACTION, interaction

    listed = sorted(indices, key=lambda index: -index.total)
    print(
        "Share of the variance (Sobol, first-order / total): "
        + ", ".join(f"{index.key} {index.first_order:.2f} / {index.total:.2f}" for index in listed)
        + "."
    )
    together = interaction(indices)
    if together < NO_INTERACTION:
        print("The prices hardly act together: the swings say all there is.")
    else:
        print(f"Prices acting together make {_percent(together)} of it, which no swing shows.")


def _percent(share: float) -> str:
    """Write a share; only none is 0 %, only all is 100 %."""
    if 0 < share < 0.001:
        return "less than 0.1 %"
    if 0.999 < share < 1:
        return "more than 99.9 %"
    return f"{100 * share:.1f} %".replace(".0 %", " %")


def _table(*columns: str) -> Table:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for place, column in enumerate(columns):
        table.add_column(Text(column), justify="right" if place else "left", no_wrap=True)
    return table


def _line(table: Table, *cells: str) -> None:
    from rich.text import Text

    table.add_row(*map(Text, cells))  # a bracket in a cell is no style


def _all(claims: Sequence[Moving], ranges: dict[str, Range], samples: int, seed: int, form: str) -> None:
    """Print a line for each claim, its scenarios drawn in one pass for all."""
    from costcheck.sensitivity import sweep
    from costcheck.sensitivity.spread import sweepable

    able = [one for one in claims if sweepable(one)]
    with working("drawing", samples, "scenarios") as advance:
        found = sweep(able, ranges, samples, seed, tell=advance) if able else []
    spreads = dict(zip(map(id, able), found, strict=True))
    with working("break-even prices", len(claims), "claims") as advance:
        firsts = [_first(one, ranges, advance, done) for done, one in enumerate(claims, 1)]
    rows = []
    for one, first in zip(claims, firsts, strict=True):
        spread = spreads.get(id(one))
        rows.append(
            {
                "claim": one.claim.id,
                "article": one.article.article,
                "printed": one.claim.printed,
                "unit": one.claim.unit,
                "recomputed": one.at(),
                "holds": one.holds(),
                "moves_it_most": first.range.key if first.range.varies else None,
                "price_unit": first.unit if first.range.varies else None,
                "flips_below": first.flips[0] if first.range.varies else None,
                "flips_above": first.flips[1] if first.range.varies else None,
                "low_5": spread.low if spread else None,
                "median": spread.median if spread else None,
                "high_95": spread.high if spread else None,
                "share_holds": spread.share_holds if spread else None,
                "samples": samples,
                "seed": seed,
                "unverified": one.unverified,
            }
        )
    if form == "csv":
        _csv(OVERVIEW, rows)
    elif form == "json":
        import json

        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        _print_all(rows, samples, seed)


def _first(one: Moving, ranges: dict[str, Range], advance: Callable[[float], object], done: int) -> Swing:
    """Find what moves a claim most, and say that so many are done."""
    from costcheck.sensitivity import tornado

    try:
        return tornado(one, ranges)[0]
    except (ValueError, ArithmeticError) as error:
        raise InputError(f"{one.article.article}, claim {one.claim.id}: {error}; narrow its range") from error
    finally:
        advance(done)


def _print_all(rows: Sequence[dict[str, Any]], samples: int, seed: int) -> None:
    from costcheck.claims.kinds import UNVERIFIED
    from costcheck.sensitivity.influence import plain
    from costcheck.text.numbers import readable

    table = _table("claim")
    table.add_column("printed", overflow="fold", min_width=10)
    for column in ("recomputed", "moves it most"):
        table.add_column(column, no_wrap=True)
    for column in ("flips below", "flips above", "5 %", "95 %", "holds"):
        table.add_column(column, justify="right", no_wrap=True)
    for row in rows:
        moved, unit = row["moves_it_most"] is not None, row["unit"]
        flips = [
            ("never" if row[side] is None else plain(row[side])) if moved else ""
            for side in ("flips_below", "flips_above")
        ]
        _line(
            table,
            row["claim"],
            row["printed"],
            f"{readable(row['recomputed'], unit)} {'✓' if row['holds'] else '✗'}"
            f"{UNVERIFIED * row['unverified']}",
            row["moves_it_most"] or "no price with a range",
            *flips,
            readable(row["low_5"]) if moved else "",
            readable(row["high_95"]) if moved else "",
            "" if row["share_holds"] is None or not moved else _percent(row["share_holds"]),
        )
    console().print(table)
    print(
        "✓ holds at the prices given, ✗ does not. A price flips the verdict where all others are as they are."
        f"\n{samples:,} scenarios of all prices with a range (seed {seed})."
    )
