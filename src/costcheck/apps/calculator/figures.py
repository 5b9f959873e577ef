"""The calculator's figures: small SVG; matplotlib would be too slow for a slider.

Colours are classes, so that the page can be light or dark; text is text, to be selected and searched.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from costcheck import formulas
from costcheck.apps.calculator.amounts import Amount, Prices, blended, offers, row, usd, ways_to_pay
from costcheck.text.numbers import multiple, readable

# in CSS pixels
NARROWEST, WIDEST = 280, 1200
LINE, BAR, GAP = 18, 9, 13  # height of a line of text, of a bar, and the room below it
LETTER = 7.7  # width of a letter of the figures' text, at most
MARGIN, FOOT, SIDE, HEAD = 12, 50, 62, 34  # right of the chart of GPUs, below and left for ticks, above
DAYS = (7, 14, 30, 60, 90, 180, 365)


class Drawn(NamedTuple):
    """A figure."""

    name: str
    title: str
    svg: str


def drawn(at: Prices, width: float) -> list[Drawn]:
    """Draw all figures at some prices, for a width [CSS pixel]."""
    width = round(min(max(width, NARROWEST), WIDEST))
    return [_sums(at, width), _offers(at, width), _deadline(at, width)]


class _Canvas:
    """Marks of a figure, and how far down they go."""

    def __init__(self, width: int, height: float = 0) -> None:
        self.width, self.height = width, height
        self._marks: list[str] = []

    def text(self, x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> None:
        self._marks.append(
            f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(text)}</text>'
        )

    def line(self, points: Iterable[tuple[float, float]], kind: str) -> None:
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._marks.append(f'<polyline class="{kind}" points="{path}"/>')

    def dot(self, x: float, y: float, kind: str) -> None:
        self._marks.append(f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="5"/>')

    def heading(self, text: str) -> None:
        self.text(0, self.height + 19, text, "heading")
        self.height += LINE + 12

    def bar(self, label: str, value: str, share: float, kind: str, short: str = "") -> None:
        """Write a label and a value on one line, shorter where it does not fit, and a bar to scale below."""
        fits = not short or LETTER * (len(label) + len(value) + 2) <= self.width
        self.text(0, self.height + 13, label, "label")
        self.text(self.width, self.height + 13, value if fits else short, f"value {kind}", "end")
        width, y = max(share * self.width, 0.8), self.height + LINE  # what is too small to see is a hairline
        self._marks.append(f'<rect class="{kind}" x="0" y="{y:.1f}" width="{width:.2f}" height="{BAR}"/>')
        self.height += LINE + BAR + GAP

    def beside(self, x: float, y: float, text: str, under: str, kind: str = "label") -> None:
        """Write two lines above a falling line at the right of a point, or below it at the left."""
        right = x + 10 + LETTER * max(len(text), len(under)) <= self.width
        x, y, anchor = (x + 10, y - 22, "start") if right else (x - 10, y + 18, "end")
        self.text(x, y, text, kind, anchor)
        self.text(x, y + 15, under, kind, anchor)

    def done(self, name: str, title: str, alt: str) -> Drawn:
        """Put the marks together, with a text for whoever cannot see them."""
        label, (wide, high) = html.escape(f"{title}. {alt}", quote=True), (self.width, f"{self.height:.0f}")
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="figure" role="img" aria-label="{label}" '
            f'width="{wide}" height="{high}" viewBox="0 0 {wide} {high}">'
        )
        return Drawn(name, title, f"{head}{''.join(self._marks)}</svg>")


def _sums(at: Prices, width: int) -> Drawn:
    ways = ways_to_pay(at)
    most, ticket = max(way.usd for way in ways), ways[0]
    colours = dict(zip(dict.fromkeys(way.group for way in ways), ("plain", "blue", "green"), strict=True))
    short = {way: readable(float(f"{way.usd:.4g}"), "USD") for way in ways}
    canvas = _Canvas(width)
    for group, of_group in groupby(ways, key=lambda way: way.group):
        canvas.heading(group)
        for way in of_group:
            words = short[way] if way is ticket else f"{short[way]}, {_compared(way.usd, ticket.usd)}"
            colour = "red" if way is ticket else colours[group]
            canvas.bar(way.label, words, way.usd / most, colour, short[way])
    serving = ways[-2]
    title = f"Running it takes {serving.label.split()[0]} H100s: {_compared(serving.usd, ticket.usd)}"
    alt = "Bars to scale [USD]. " + " ".join(f"{way.label}: {short[way]}." for way in ways)
    return canvas.done("sums", title, alt)


def _compared(amount: float, reference: float) -> str:
    """Write how many times less or as much than the entry ticket an amount is.

    >>> _compared(640_000, 1.72e9), _compared(3.44e9, 1.72e9), _compared(2, 2)
    ('2,688× less', '2× the ticket', '1× the ticket')
    """
    more = formulas.ratio(amount, reference)
    return f"{multiple(more)} the ticket" if more > 0.95 else f"{multiple(1 / more)} less"


def _offers(at: Prices, width: int) -> Drawn:
    listed, prices = offers(at), blended(at)
    ours, *rivals = prices
    cheaper = min(prices["GPT-4o"], prices["Claude 3.5 Sonnet"])
    most = 1.02 * max(*(offer.usd for offer in listed), *prices.values())
    canvas = _Canvas(width)
    # each rival's name on a line of its own; the cheapest first, so that no line crosses another's name
    ordered = sorted(((name, prices[name]) for name in rivals), key=lambda named: named[1])
    tops = []
    for name, price in ordered:
        text, x = f"{name}: {usd(price)}", price / most * width
        left = x + 6 + LETTER * len(text) > width
        canvas.text(x - 6 if left else x + 6, canvas.height + 13, text, "label", "end" if left else "start")
        tops.append((x, canvas.height + 2))
        canvas.height += LINE
    for x, top in tops:
        canvas.line([(x, top), (x, canvas.height)], "rival")
    canvas.height += 6
    rows = [Amount("at your prices", ours, prices[ours]), *listed]
    for group, of_group in groupby(rows, key=lambda offer: offer.group):
        canvas.heading(group)
        for offer in of_group:
            colour = "red" if offer is rows[0] else "blue" if offer.usd < cheaper else "plain"
            canvas.bar(offer.label, usd(offer.usd), offer.usd / most, colour)
            for x, _ in tops:  # beside the bars only: across the labels it would be hard to read
                canvas.line([(x, canvas.height - GAP - BAR - 2), (x, canvas.height - GAP + 2)], "rival")
    early = [offer for offer in listed if offer.group != "later"]
    under = sum(offer.usd < cheaper for offer in early)
    title = f"{under} of {len(early)} early list prices of 405B undercut both GPT-4o and Sonnet"
    bars = ", ".join(f"{offer.label} {usd(offer.usd)}" for offer in rows)
    lines = ", ".join(f"{name} {usd(price)}" for name, price in ordered)
    alt = f"Bars of the blended price of a million tokens of 405B [USD], blue where below both: {bars}. "
    return canvas.done("offers", title, f"{alt}Lines: {lines}.")


def _deadline(at: Prices, width: int) -> Drawn:
    gpu_hours, days, busy, stated = (at[key] for key in ("gpu_hours", "days_in_month", "utilisation", "gpus"))
    canvas = _Canvas(width, 332)
    needed = {day: formulas.gpus_for_deadline(gpu_hours, day, busy) for day in (*DAYS, days)}
    of_meta = row("paper_facts", "fact", "gpus_max")["value"]
    meta_days = formulas.wall_clock_days(gpu_hours, of_meta, busy)
    first, last = min(DAYS[0], days), max(DAYS[-1], days)
    low = 10 ** math.floor(math.log10(min(*needed.values(), stated, of_meta)))
    high = 1.3 * max(*needed.values(), stated)
    left, right, foot = SIDE, width - MARGIN, canvas.height - FOOT

    def across(day: float) -> float:
        return left + math.log(day / first) / math.log(last / first) * (width - SIDE - MARGIN)

    def down(gpus: float) -> float:
        return HEAD + math.log(high / gpus) / math.log(high / low) * (canvas.height - FOOT - HEAD)

    for power in range(round(math.log10(low)), math.ceil(math.log10(high)) + 1):
        for many in (1, 2, 5) if high / low < 200 else (1,):
            if low <= (tick := many * 10.0**power) <= high:
                canvas.line([(left, down(tick)), (right, down(tick))], "grid")
                canvas.text(left - 6, down(tick) + 4, _axis(tick), "tick", "end")
    for day in DAYS if width >= 480 else (7, 30, 90, 365):
        canvas.text(across(day), foot + 16, f"{day}", "tick", "middle")
    canvas.text(left, foot + 31, "days allowed; both axes logarithmic", "tick")
    canvas.line(((across(day), down(needed[day])) for day in sorted(needed)), "curve")
    x, y = across(days), down(needed[days])
    canvas.line([(x, foot), (x, y), (left, y)], "guide")
    canvas.line([(left, down(stated)), (right, down(stated))], "rival")
    canvas.dot(x, y, "red")
    if first <= meta_days <= last:
        canvas.dot(across(meta_days), down(of_meta), "plain")
        meta = f"Meta: {of_meta:,.0f} GPUs"
        canvas.beside(across(meta_days), down(of_meta), meta, f"{meta_days:,.0f} days")
    canvas.beside(x, y, readable(needed[days], "GPU"), f"in {readable(days, 'day')}", "value red")
    canvas.text(left, foot + 46, f"dashed: {readable(stated, 'GPU')}, as stated", "tick")
    fleet = multiple(formulas.ratio(needed[days], of_meta))
    title = f"Done in {readable(days, 'day')}, it takes {fleet} the GPUs that Meta had"
    listed = ", ".join(f"{needed[day]:,.0f} in {day} days" for day in DAYS)
    alt = (
        f"A line on logarithmic axes: the GPUs needed fall as the days allowed grow: {listed}. "
        f"Marked: {needed[days]:,.0f} in {days:g} days; {of_meta:,.0f} at Meta, {meta_days:,.0f} days; "
        f"stated: {stated:,.0f}."
    )
    return canvas.done("deadline", title, alt)


def _axis(value: float) -> str:
    """Write a number at an axis."""
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M")):
        if value >= size:
            return f"{value / size:,g}{letter}"
    return f"{value:,g}"
