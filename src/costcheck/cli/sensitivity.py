"""``costcheck sensitivity``: which prices a figure depends on, and where its verdict flips."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from costcheck.cli.options import (
    Commands,
    add_format_option,
    add_plot_option,
    given_prices,
    own_prices,
    readers_quotes,
    some_path,
    subcommand,
)
from costcheck.cli.output import save, write_rows
from costcheck.errors import InputError
from costcheck.text.waiting import working

if TYPE_CHECKING:
    from costcheck.sensitivity import Moving, Range, Sobol, Spread, Swing

MOST_SAMPLES = 10**9
COLUMNS = (
    *("claim", "article", "price", "unit", "value", "low", "high", "range", "from"),
    *("at_low", "holds_at_low", "at_high", "holds_at_high", "swing", "flips_below", "flips_above"),
    "unverified",
)
OVERVIEW = (
    *("claim", "article", "printed", "unit", "recomputed", "holds", "moves_it_most", "price_unit"),
    *("flips_below", "flips_above", "low_5", "median", "high_95", "share_holds", "samples", "seed"),
    "unverified",
)
SPREAD = ("count", "minimum", "mean", "maximum", "low", "median", "high", "share_holds", "of_which")


def add(commands: Commands) -> None:
    """Add the subcommand."""
    sensitivity = subcommand(
        commands,
        "sensitivity",
        help="which price moves a figure most, and where its verdict flips",
        description="Show which price moves a claim's figure most, at what price the verdict flips, and how "
        "far the result spreads over random scenarios; without CLAIM, a line for each claim that moves.",
        example="costcheck sensitivity Z51 --range h100_usd=uniform:25000:45000",
        prices=True,
    )
    sensitivity.add_argument("claim", nargs="?", metavar="CLAIM", help="a claim's id, such as Z51")
    sensitivity.add_argument(
        "articles",
        nargs="*",
        type=some_path,
        metavar="ARTICLE.yaml",
        help="your own articles, instead of the two",
    )
    sensitivity.add_argument(
        "--range",
        action="append",
        default=[],
        metavar="KEY=LOW:HIGH",
        help="the range of a price, drawn from a triangle that peaks at the price; KEY=KIND:LOW:HIGH for "
        "another distribution: uniform, or normal or lognormal with 5%% of the draws on either side "
        "(repeatable; default: the range of its quote, else the span of its dated quotes)",
    )
    sensitivity.add_argument(
        "--samples", type=_samples, metavar="N", help="number of random scenarios (default: 100000)"
    )
    sensitivity.add_argument("--seed", type=_seed, metavar="N", help="seed of the scenarios (default: 1)")
    add_plot_option(sensitivity, "tornado.svg")
    add_format_option(sensitivity)
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

    _sort_words(options)
    if options.plot and not options.claim:
        raise InputError("--plot: a tornado is drawn of one claim; name it, as in costcheck sensitivity Z51")
    samples = SAMPLES if options.samples is None else options.samples
    seed = SEED if options.seed is None else options.seed
    checked = load(options.articles) if options.articles else articles()
    prices, more = given_prices(options, own_prices(checked)), readers_quotes(options)
    claims = moving(checked, prices)
    if options.claim:
        claim = find(options.claim, claims, checked)
        _of_claim(claim, ranges([claim], options.range, more), samples, seed, options)
        return 0
    if not claims:
        raise InputError("no claim rests on a price: nothing to move")
    rows = _overview(claims, ranges(claims, options.range, more), samples, seed)
    if options.format == "table":
        _print_overview(rows, samples, seed)
    else:
        write_rows(OVERVIEW, rows, options.format)
    return 0


def _sort_words(options: argparse.Namespace) -> None:
    """Tell the claim from the files, in whatever order they stand: an id has no point and no slash."""
    words = [Path(options.claim), *options.articles] if options.claim else []
    ids = [word for word in words if not word.suffix and len(word.parts) == 1]
    if words and (words[0] in ids or len(ids) == 1):
        words.remove(ids[0])
        options.claim, options.articles = str(ids[0]), words
    else:
        options.claim, options.articles = None, words


def _tornado(claim: Moving, ranges: Mapping[str, Range]) -> list[Swing]:
    from costcheck.sensitivity import tornado

    try:
        return tornado(claim, ranges)
    except (ValueError, ArithmeticError) as error:
        where = f"{claim.article.article}, claim {claim.claim.id}"
        raise InputError(f"{error}; narrow its range", where=where) from error


def _of_claim(
    claim: Moving, ranges: dict[str, Range], samples: int, seed: int, options: argparse.Namespace
) -> None:
    from costcheck.sensitivity import sobol
    from costcheck.sensitivity.spread import sweepable

    swings = _tornado(claim, ranges)
    figure = None
    if options.plot:
        from costcheck.notebook.plots.sensitivity import draw

        figure = draw(swings)  # before anything is printed: there may be nothing to draw
    if options.format == "csv":
        write_rows(COLUMNS, [_row(claim, swing) for swing in swings], "csv")
    else:
        spread = _spread(claim, ranges, samples, seed)
        if options.format == "table":
            _print_claim(claim, swings, spread, samples, seed)
            sys.stdout.flush()  # SALib takes a while to import
        with working("Sobol indices"):
            indices = sobol(claim, ranges, seed) if sweepable(claim) else []
        if options.format == "table":
            _print_sobol(indices)
        else:
            import json

            print(json.dumps(_object(claim, swings, spread, indices, seed), ensure_ascii=False, indent=1))
    if figure:
        save(figure, options.plot)


def _spread(claim: Moving, ranges: dict[str, Range], samples: int, seed: int) -> Spread | None:
    """Draw scenarios of a claim, if a price in it varies and its formulas take arrays."""
    varies = any(ranges[key].varies for key in claim.keys)
    return _spreads([claim] if varies else [], ranges, samples, seed).get(id(claim))


def _spreads(
    claims: Sequence[Moving], ranges: dict[str, Range], samples: int, seed: int
) -> dict[int, Spread]:
    """Draw scenarios once for all claims whose formulas take arrays; return them by the claims' `id`."""
    from costcheck.sensitivity import sweep
    from costcheck.sensitivity.spread import sweepable

    able = [claim for claim in claims if sweepable(claim)]
    if not able:
        return {}
    with working("drawing", samples, "scenarios") as advance:
        spreads = sweep(able, ranges, samples, seed, tell=advance)
    return dict(zip(map(id, able), spreads, strict=True))


def _row(claim: Moving, swing: Swing) -> dict[str, Any]:
    end = swing.range
    cells = (
        *(claim.claim.id, claim.article.article, end.key, swing.unit),
        *(end.value, end.low, end.high, end.kind, end.source),
        *(swing.at_low, swing.holds_at_low, swing.at_high, swing.holds_at_high, swing.swing, *swing.flips),
        claim.unverified,
    )
    return dict(zip(COLUMNS, cells, strict=True))


def _object(
    claim: Moving, swings: Sequence[Swing], spread: Spread | None, indices: Sequence[Sobol], seed: int
) -> dict[str, Any]:
    import dataclasses

    ends = claim.interval
    rows = [_row(claim, swing) for swing in swings]
    return {
        "claim": claim.claim.id,
        "article": claim.article.article,
        "printed": claim.claim.printed,
        "unit": claim.claim.unit,
        # JSON has no infinity: null where there is no limit
        "holds_between": [end if math.isfinite(end) else None for end in ends] if ends else None,
        "recomputed": claim.at(),
        "holds": claim.holds(),
        "unverified": claim.unverified,
        "prices": [{name: row[name] for name in COLUMNS[2:-1]} for row in rows],
        "spread": {"seed": seed} | {name: getattr(spread, name) for name in SPREAD} if spread else None,
        "sobol": [dataclasses.asdict(index) for index in indices],
    }


def _interval(claim: Moving) -> str:
    """Describe between what results the figure holds."""
    from costcheck.text.numbers import readable

    if claim.interval is None:
        return "holds at no result"
    if claim.claim.figure_printed is None:
        return f"holds where the answer is {readable(claim.claim.value)}"
    low, high = (readable(end, claim.claim.unit) for end in claim.interval)
    if math.isinf(claim.interval[1]):
        return f"holds from {low} on"
    if math.isinf(claim.interval[0]):
        return f"holds up to {high}"
    return f"holds at {low}" if low == high else f"holds from {low} to {high}"


def _print_claim(
    claim: Moving, swings: Sequence[Swing], spread: Spread | None, samples: int, seed: int
) -> None:
    from costcheck.sensitivity.influence import plain, said
    from costcheck.sensitivity.ranges import GIVEN
    from costcheck.sensitivity.spread import sweepable
    from costcheck.text.numbers import readable
    from costcheck.text.terminal import Column, print_table

    unit, printed = claim.claim.unit, claim.claim.printed
    print(f"{claim.claim.id}: {claim.claim.about}")
    at = " at your prices" if any(key in claim.prices.changed for key in claim.keys) else ""
    recomputed = readable(claim.at(), unit)
    print(f"printed {printed}: {_interval(claim)}; recomputed{at} {recomputed}: {claim.verdict}\n")
    shown_unit = f" [{unit}]" if unit else ""
    headings = {"now": 1, "low": 0, "high": 0, "range": 5}
    headings |= {f"at low{shown_unit}": 3, f"at high{shown_unit}": 3, f"swing{shown_unit}": 4}
    headings |= {"flips below": 0, "flips above": 0}
    columns = [Column("price"), *(Column(name, right=True, drop=drop) for name, drop in headings.items())]
    special = unit if unit in ("byte", "rank") or str(unit).startswith("share of ") else None
    rows = []
    for swing in swings:
        end = swing.range
        now = f"{plain(end.value)} {swing.unit}".removesuffix(" 1")
        source = f"{end.source}, {end.kind}" if end.source == GIVEN else end.source
        ends, outcomes = ["", ""], ["", "", ""]
        if end.varies:
            ends = [plain(end.low), plain(end.high)]
            outcomes = [
                f"{readable(swing.at_low, special)} {_mark(swing.holds_at_low)}",
                f"{readable(swing.at_high, special)} {_mark(swing.holds_at_high)}",
                readable(swing.swing, special if special != "rank" else None),
            ]
        rows.append([end.key, now, *ends, source, *outcomes, *_flips(swing.flips)])
    print_table(columns, rows, elsewhere="--format csv")
    first = swings[0]
    print("One price at a time, the others as they are. ✓ the figure holds there, ✗ it does not.")
    if first.range.varies:
        print(f"{first.range.key} moves it most. {printed} {said(first)}.")
    else:
        print(f"No price in it has a range (--range gives it one). {printed} {said(first)}.")
    if not sweepable(claim):
        print(f"No scenarios: {claim.program.not_elementwise[0]} compares single numbers.")
    elif spread:
        print(
            f"{samples:,} scenarios (seed {seed}): 5 % below {readable(spread.low, unit)}, median "
            f"{readable(spread.median, unit)}, 5 % above {readable(spread.high, unit)}; "
            f"the figure holds in {_percent(spread.share_holds)}."
        )


def _mark(holds: bool) -> str:
    return "✓" if holds else "✗"


def _flips(prices: Sequence[float | None]) -> list[str]:
    from costcheck.sensitivity.influence import plain

    return ["never" if price is None else plain(price) for price in prices]


def _print_sobol(indices: Sequence[Sobol]) -> None:
    from costcheck.sensitivity.spread import NO_INTERACTION, interaction

    if not indices:
        return
    listed = sorted(indices, key=lambda index: -index.total)
    shares = ", ".join(f"{index.key} {index.first_order:.2f} / {index.total:.2f}" for index in listed)
    print(f"Share of the variance (Sobol, first-order / total): {shares}.")
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


def _overview(
    claims: Sequence[Moving], ranges: dict[str, Range], samples: int, seed: int
) -> list[dict[str, Any]]:
    spreads, rows = _spreads(claims, ranges, samples, seed), []
    with working("break-even prices", len(claims), "claims") as advance:
        for done, claim in enumerate(claims, 1):
            first, spread = _tornado(claim, ranges)[0], spreads.get(id(claim))
            moves = (first.range.key, first.unit, *first.flips) if first.range.varies else (None,) * 4
            cells = (
                *(claim.claim.id, claim.article.article, claim.claim.printed, claim.claim.unit),
                *(claim.at(), claim.holds(), *moves),
                *((spread.low, spread.median, spread.high, spread.share_holds) if spread else (None,) * 4),
                *(samples, seed, claim.unverified),
            )
            rows.append(dict(zip(OVERVIEW, cells, strict=True)))
            advance(done)
    return rows


def _print_overview(rows: Sequence[dict[str, Any]], samples: int, seed: int) -> None:
    from costcheck.claims.kinds import UNVERIFIED
    from costcheck.text.numbers import readable
    from costcheck.text.terminal import Column, print_table

    columns = [
        Column("claim"),
        Column("printed", text=True, drop=1),
        Column("recomputed", drop=3),
        Column("moves it most"),
        Column("flips below", right=True),
        Column("flips above", right=True),
        Column("5 %", right=True, drop=4),
        Column("95 %", right=True, drop=4),
        Column("holds", right=True, drop=2),
    ]
    cells = []
    for row in rows:
        mark = f"{_mark(row['holds'])}{UNVERIFIED * row['unverified']}"
        line = [row["claim"], row["printed"], f"{readable(row['recomputed'], row['unit'])} {mark}"]
        if row["moves_it_most"] is None:
            line += ["no price with a range", *[""] * 5]
        else:
            share = row["share_holds"]
            line += [
                row["moves_it_most"],
                *_flips((row["flips_below"], row["flips_above"])),
                readable(row["low_5"]),
                readable(row["high_95"]),
                "" if share is None else _percent(share),
            ]
        cells.append(line)
    print_table(columns, cells, elsewhere="--format csv")
    print(
        "✓ holds at the prices given, ✗ does not. A price flips the verdict where all others are as they are."
        f"\n{samples:,} scenarios of all prices with a range (seed {seed})."
    )
