"""Show which price moves a claim's figure most, and at what price the verdict flips.

Beside that, how far the result spreads over random scenarios; without CLAIM, a line for each claim that
moves.

Example: costcheck sensitivity Z51 --range h100_usd=uniform:25000:45000
"""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from costcheck.cli.options import (
    PRICES,
    Parser,
    elsewhere,
    given_prices,
    ids_and_files,
    number,
    readers_quotes,
    some_path,
)
from costcheck.cli.output import save, write_rows
from costcheck.errors import InputError
from costcheck.text.waiting import working

if TYPE_CHECKING:
    from costcheck.sensitivity.influence import Swing
    from costcheck.sensitivity.program import Moving
    from costcheck.sensitivity.ranges import Range
    from costcheck.sensitivity.spread import Sobol, Spread

OPTIONS = (*PRICES, "--format", "--plot")


def add(parser: Parser) -> None:
    words = "a claim's id, such as Z51, and your own articles, instead of the two"
    parser.add_argument("words", nargs="*", type=some_path, metavar="CLAIM or ARTICLE.yaml", help=words)
    words = (
        "the range of a price, drawn from a triangle that peaks at the price; KEY=KIND:LOW:HIGH for "
        "another distribution: uniform, or normal or lognormal with 5%% of the draws on either side "
        "(repeatable; default: the range of its quote, else the span of its dated quotes)"
    )
    parser.add_argument("--range", action="append", default=[], metavar="KEY=LOW:HIGH", help=words)
    words = "number of random scenarios (default: 100000)"
    parser.add_argument("--samples", type=number("whole number", 1, 10**9), metavar="N", help=words)
    words = "seed of the scenarios (default: 1)"
    parser.add_argument("--seed", type=number("whole number", 0, 2**64 - 1), metavar="N", help=words)


def main(options: argparse.Namespace) -> int:
    from costcheck.claims import articles, load
    from costcheck.sensitivity import find, moving, ranges, records
    from costcheck.sensitivity.spread import SAMPLES, SEED

    ids, files = ids_and_files(options.words)
    if len(ids) > 1:
        raise InputError(f"one claim at a time, not {' and '.join(ids)}")
    if options.plot and not ids:
        raise InputError("--plot: a tornado is drawn of one claim; name it, as in costcheck sensitivity Z51")
    options.samples = options.samples or SAMPLES
    options.seed = SEED if options.seed is None else options.seed
    checked = load(files) if files else articles()
    prices, more = given_prices(options, checked), readers_quotes(options)
    claims = moving(checked, prices)
    if ids:
        known = {claim.id for article in checked for claim in article.claims}
        if ids[0] not in known and (error := elsewhere(ids[0])):
            raise error
        claim = find(ids[0], claims, checked)
        _show_claim(claim, ranges([claim], options.range, more), options)
        return 0
    if not claims:
        raise InputError("no claim rests on a price: nothing to move")
    rows = _overview(claims, ranges(claims, options.range, more), options)
    if options.format == "table":
        _print_overview(rows, options)
    else:
        write_rows(records.OVERVIEW, rows, options.format)
    return 0


def _tornado(claim: Moving, ranges: Mapping[str, Range]) -> list[Swing]:
    from costcheck.sensitivity import tornado

    try:
        return tornado(claim, ranges)
    except (ValueError, ArithmeticError) as error:
        where = f"{claim.article.article}, claim {claim.claim.id}"
        raise InputError(f"{error}; narrow its range", where=where) from error


def _show_claim(claim: Moving, ranges: dict[str, Range], options: argparse.Namespace) -> None:
    from costcheck.sensitivity import records, sobol
    from costcheck.sensitivity.spread import sweepable

    swings = _tornado(claim, ranges)
    figure = None
    if options.plot:
        from costcheck.notebook.plots.sensitivity import draw

        figure = draw(swings)  # before anything is printed: there may be nothing to draw
    if options.format == "csv":
        write_rows(records.COLUMNS, [records.row(claim, swing) for swing in swings], "csv")
    else:
        varies = any(ranges[key].varies for key in claim.keys)
        spread = _spreads([claim], ranges, options).get(id(claim)) if varies else None
        with working("Sobol indices"):
            indices = sobol(claim, ranges, options.seed) if sweepable(claim) else []
        if options.format == "table":
            _print_claim(claim, swings, spread, options)
            _print_sobol(indices)
        else:
            numbers = {name: getattr(spread, name) for name in records.SPREAD} if spread else {}
            described = records.described(claim, swings) | {
                "spread": {"seed": options.seed} | numbers if spread else None,
                "sobol": [vars(index) for index in indices],
            }
            print(json.dumps(described, ensure_ascii=False, indent=1))
    if figure:
        save(figure, options.plot)


def _spreads(
    claims: Sequence[Moving], ranges: dict[str, Range], options: argparse.Namespace
) -> dict[int, Spread]:
    """Draw scenarios once for all claims whose formulas take arrays; return them by the claims' `id`."""
    from costcheck.sensitivity import sweep
    from costcheck.sensitivity.spread import sweepable

    able = [claim for claim in claims if sweepable(claim)]
    if not able:
        return {}
    with working("drawing", options.samples, "scenarios") as advance:
        spreads = sweep(able, ranges, options.samples, options.seed, tell=advance)
    return dict(zip(map(id, able), spreads, strict=True))


def _interval(claim: Moving) -> str:
    """Describe between what results the figure holds."""
    from costcheck.text.numbers import readable

    if claim.claim.figure is None:
        return f"holds where the answer is {readable(claim.claim.value)}"
    ends = zip(("from", "to"), claim.interval, strict=True)
    return "holds" + "".join(
        f" {word} {readable(end, claim.unit)}" for word, end in ends if math.isfinite(end)
    )


def _print_claim(
    claim: Moving, swings: Sequence[Swing], spread: Spread | None, options: argparse.Namespace
) -> None:
    from costcheck.sensitivity.influence import in_words, plain
    from costcheck.sensitivity.ranges import GIVEN
    from costcheck.sensitivity.spread import sweepable
    from costcheck.text.numbers import readable
    from costcheck.text.terminal import Column, print_table

    unit, printed = claim.unit, claim.claim.printed
    print(f"{claim.claim.id}: {claim.claim.about}")
    at = " at your prices" if any(key in claim.prices.changed for key in claim.keys) else ""
    recomputed = readable(claim.at(), unit)
    print(f"printed {printed}: {_interval(claim)}; recomputed{at} {recomputed}: {claim.verdict}")
    if claim.claim.readings:
        reading = claim.claim.label or "as it stands"
        print(f"This is one reading of it: {reading}; costcheck check {claim.claim.id} has all of them.")
    print()
    shown_unit = f" [{unit}]" if unit else ""
    headings = {"now": 1, "low": 0, "high": 0, "range": 5}
    headings |= {f"at low{shown_unit}": 3, f"at high{shown_unit}": 3, "flips below": 0, "flips above": 0}
    columns = [Column("price"), *(Column(name, right=True, drop=drop) for name, drop in headings.items())]
    special = unit if unit in ("byte", "rank") or str(unit).startswith("share of ") else None
    rows = []
    for swing in swings:
        end = swing.range
        cells = ["", "", end.source, "", ""]
        if end.varies:
            cells = [
                *(plain(end.low), plain(end.high)),
                f"{end.source}, {end.kind}" if end.source == GIVEN else end.source,
                f"{readable(swing.at_low, special)} {_mark(swing.holds_at_low)}",
                f"{readable(swing.at_high, special)} {_mark(swing.holds_at_high)}",
            ]
        now = f"{plain(end.value)} {swing.unit}".removesuffix(" 1")
        rows.append([end.key, now, *cells, *_flips(swing.flips)])
    print_table(columns, rows)
    first = swings[0]
    print("One price at a time, the others as they are. ✓ the figure holds there, ✗ it does not.")
    most = f"{first.range.key} moves it most" if first.range.varies else "No price has a range (--range)"
    print(f"{most}. {printed} {in_words(first)}.")
    if not sweepable(claim):
        print(f"No scenarios: {claim.program.not_elementwise[0]} compares single numbers.")
    elif spread:
        low, middle, high = (readable(end, unit) for end in (spread.low, spread.median, spread.high))
        print(
            f"{options.samples:,} scenarios (seed {options.seed}): 5 % below {low}, median {middle}, "
            f"5 % above {high}; the figure holds in {_percent(spread.share_holds)}."
        )
        here = claim.at()
        if isinstance(here, float) and not spread.low <= here <= spread.high:
            side = "below" if here < spread.low else "above"
            print(
                f"At the prices given it is {readable(here, unit)}, {side} 95 % of these or more: the ranges "
                "lie mostly on one side of those prices."
            )


def _mark(holds: bool) -> str:
    return "✓" if holds else "✗"


def _flips(prices: Sequence[float | None]) -> list[str]:
    from costcheck.sensitivity.influence import plain

    return ["never" if price is None else plain(price) for price in prices]


def _print_sobol(indices: Sequence[Sobol]) -> None:
    from costcheck.sensitivity.spread import interaction

    if indices:
        listed = sorted(indices, key=lambda index: -index.total)
        shares = ", ".join(f"{index.key} {index.first_order:.2f} / {index.total:.2f}" for index in listed)
        print(f"Share of the variance (Sobol, first-order / total): {shares}.")
        print(f"Prices acting together make {_percent(interaction(indices))} of it.")


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"


def _overview(
    claims: Sequence[Moving], ranges: dict[str, Range], options: argparse.Namespace
) -> list[dict[str, Any]]:
    from costcheck.sensitivity import records

    spreads, rows = _spreads(claims, ranges, options), []
    with working("break-even prices", len(claims), "claims") as advance:
        for done, claim in enumerate(claims, 1):
            first, spread = _tornado(claim, ranges)[0], spreads.get(id(claim))
            moves = (first.range.key, first.unit, *first.flips) if first.range.varies else (None,) * 4
            cells = (
                *(claim.claim.id, claim.article.article, claim.claim.printed, claim.unit),
                *(claim.at(), claim.holds(), *moves),
                *((spread.low, spread.median, spread.high, spread.share_holds) if spread else (None,) * 4),
                *(options.samples, options.seed, claim.unverified),
            )
            rows.append(dict(zip(records.OVERVIEW, cells, strict=True)))
            advance(done)
    return rows


def _print_overview(rows: Sequence[dict[str, Any]], options: argparse.Namespace) -> None:
    from costcheck.claims.kinds_and_colours import UNVERIFIED
    from costcheck.text.numbers import readable
    from costcheck.text.terminal import Column, print_table

    columns = [
        Column("claim"),
        Column("printed", text=True, drop=1),
        Column("recomputed", drop=3),
        Column("moves it most"),
        *(Column(name, right=True) for name in ("flips below", "flips above")),
        *(Column(name, right=True, drop=4) for name in ("5 %", "95 %")),
        Column("holds", right=True, drop=2),
    ]
    cells = []
    for row in rows:
        mark = f"{_mark(row['holds'])}{UNVERIFIED * row['unverified']}"
        moves = ["no price with a range", *[""] * 5]
        if row["moves_it_most"]:
            share = row["share_holds"]
            moves = [
                *(row["moves_it_most"], *_flips((row["flips_below"], row["flips_above"]))),
                *(readable(row["low_5"]), readable(row["high_95"])),
                "" if share is None else _percent(share),
            ]
        recomputed = f"{readable(row['recomputed'], row['unit'])} {mark}"
        cells.append([row["claim"], row["printed"], recomputed, *moves])
    print_table(columns, cells)
    print(
        "✓ holds at the prices given, ✗ does not. A price flips the verdict where all others are as they are."
        f"\n{options.samples:,} scenarios of all prices with a range (seed {options.seed})."
    )
