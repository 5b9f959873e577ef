"""The calculator's figures: small SVG, drawn in a millisecond for the width there is.

matplotlib takes a tenth of a second and more for each of the project's charts: too long for a slider. Colours
are given as classes, so that the page can be light or dark; text is text, to be selected and searched.
"""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass

from costcheck import formulas
from costcheck.apps.calculator.sums import Prices, blended, offers, row, usd, ways_to_pay
from costcheck.text.numbers import readable

NARROWEST, WIDEST = 280, 1200
"""What width a figure is drawn for [CSS pixel]."""
LINE, BAR, GAP = 18, 9, 13
"""Height of a line of text, of a bar, and the room below it [CSS pixel]."""
SANS = 7.7
"""Width of a letter at the size of the figures' text, taken on the safe side [CSS pixel]."""


@dataclass(frozen=True)
class Drawn:
    """A figure: its name, its heading, what it says for who cannot see it, and the SVG."""

    name: str
    title: str
    alt: str
    svg: str


def drawn(at: Prices, width: float) -> list[Drawn]:
    """Draw all figures.

    Args:
        at: The prices, by key.
        width: Of the place they are shown in [CSS pixel].

    >>> from costcheck.prices.book import PriceBook
    >>> [figure.name for figure in drawn(PriceBook.article(), 600)]
    ['sums', 'offers', 'deadline']
    """
    width = round(min(max(width, NARROWEST), WIDEST))
    return [_sums(at, width), _offers(at, width), _deadline(at, width)]


class _Canvas:
    """Marks of a figure, and how far down they go."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.height = 0.0
        self._marks: list[str] = []

    def text(self, x: float, y: float, text: str, kind: str = "", anchor: str = "start") -> None:
        """Write a line of text, its foot at a height."""
        self._marks.append(
            f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{html.escape(text)}</text>'
        )

    def bar(self, x: float, y: float, width: float, height: float, kind: str) -> None:
        """Fill a rectangle; what is too small to see is a hairline."""
        wide = max(width, 0.8)
        self._marks.append(
            f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{wide:.2f}" height="{height:.1f}"/>'
        )

    def line(self, points: Sequence[tuple[float, float]], kind: str) -> None:
        """Draw a line through points."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self._marks.append(f'<polyline class="{kind}" points="{path}"/>')

    def dot(self, x: float, y: float, kind: str) -> None:
        """Draw a dot."""
        self._marks.append(f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="5"/>')

    def done(self, name: str, title: str, alt: str) -> Drawn:
        """Put the marks together."""
        label = html.escape(f"{title}. {alt}", quote=True)
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="figure" role="img" aria-label="{label}" '
            f'width="{self.width}" height="{self.height:.0f}" viewBox="0 0 {self.width} {self.height:.0f}">'
            + "".join(self._marks)
            + "</svg>"
        )
        return Drawn(name, title, alt, svg)


def _labelled(canvas: _Canvas, label: str, value: str, share: float, kind: str, short: str) -> None:
    """Write a label and a value on one line, and draw a bar to scale below it."""
    fits = SANS * (len(label) + len(value) + 2) <= canvas.width
    canvas.text(0, canvas.height + 13, label, "label")
    canvas.text(canvas.width, canvas.height + 13, value if fits else short, f"value {kind}", "end")
    canvas.bar(0, canvas.height + LINE, share * canvas.width, BAR, kind)
    canvas.height += LINE + BAR + GAP


def _heading(canvas: _Canvas, text: str) -> None:
    canvas.height += 6 if canvas.height else 0
    canvas.text(0, canvas.height + 13, text, "heading")
    canvas.height += LINE + 6


def _sums(at: Prices, width: int) -> Drawn:
    found = ways_to_pay(at)
    most, ticket = max(each.usd for each in found), found[0]
    kinds = dict(zip(dict.fromkeys(each.heading for each in found), ("plain", "blue", "green"), strict=True))
    canvas, heading = _Canvas(width), ""
    for each in found:
        if each.heading != heading:
            heading = each.heading
            _heading(canvas, heading)
        short = readable(float(f"{each.usd:.4g}"), "USD")
        said = short if each is ticket else f"{short}, {_compared(each.usd, ticket.usd)}"
        kind = "red" if each is ticket else kinds[heading]
        _labelled(canvas, each.label, said, each.usd / most, kind, short)
    title = f"Running it takes {found[-2].label.split()[0]} H100s: {_compared(found[-2].usd, ticket.usd)}"
    alt = "Bars to scale [USD]. " + " ".join(
        f"{each.label}: {readable(float(f'{each.usd:.4g}'), 'USD')}." for each in found
    )
    return canvas.done("sums", title, alt)


def _compared(amount: float, reference: float) -> str:
    """Say how many times less or as much than the entry ticket an amount is.

    >>> _compared(640_000, 1.72e9), _compared(3.44e9, 1.72e9), _compared(2, 2)
    ('2,688 times less', '2.0 times the ticket', 'as much as the ticket')
    """
    more = formulas.ratio(amount, reference)
    factor = more if more >= 1 else 1 / more
    figures = f"{factor:,.0f}" if factor >= 9.95 else f"{factor:.1f}"
    if factor < 1.05:
        return "as much as the ticket"
    return f"{figures} times the ticket" if more > 1 else f"{figures} times less"


def _offers(at: Prices, width: int) -> Drawn:
    found, rivals = offers(at), blended(at)
    ours = next(iter(rivals))
    lines = {name: rivals[name] for name in rivals if name != ours}
    cheaper = min(lines["GPT-4o"], lines["Claude 3.5 Sonnet"])
    most = 1.02 * max(*(offer.usd for offer in found), *rivals.values())
    canvas = _Canvas(width)
    # each line's name on a line of its own; the cheapest first, so that no line runs through another's name
    ordered = sorted(lines.items(), key=lambda named: named[1])
    tops = []
    for name, price in ordered:
        text, x = f"{name}: {usd(price)}", price / most * width
        left = x + 6 + SANS * len(text) > width
        canvas.text(x - 6 if left else x + 6, canvas.height + 13, text, "label", "end" if left else "start")
        tops.append((x, canvas.height + 2))
        canvas.height += LINE
    for x, top in tops:
        canvas.line([(x, top), (x, canvas.height)], "rival")
    canvas.height += 6
    group = ""
    rows = [("at your prices", f"{ours}", rivals[ours]), *((o.group, o.label, o.usd) for o in found)]
    for heading, label, price in rows:
        if heading != group:
            group = heading
            _heading(canvas, heading)
        kind = "red" if heading == rows[0][0] else "blue" if price < cheaper else "plain"
        _labelled(canvas, label, usd(price), price / most, kind, usd(price))
        for x, _ in tops:  # beside the bars only: through the labels it would be hard to read
            canvas.line([(x, canvas.height - GAP - BAR - 2), (x, canvas.height - GAP + 2)], "rival")
    early = [offer for offer in found if offer.group != "later"]
    under = sum(offer.usd < cheaper for offer in early)
    title = f"{under} of {len(early)} early list prices of 405B undercut both GPT-4o and Sonnet"
    alt = (
        "Bars of the blended price of a million tokens of 405B [USD], blue where below both: "
        + ", ".join(f"{label} {usd(price)}" for _, label, price in rows)
        + ". Lines: "
        + ", ".join(f"{name} {usd(price)}" for name, price in ordered)
        + "."
    )
    return canvas.done("offers", title, alt)


DAYS = (7, 14, 30, 60, 90, 180, 365)
MARGIN = 12
"""Room at the right [CSS pixel]."""
NARROW = 480
"""Below this width a figure has fewer ticks [CSS pixel]."""
FOOT, SIDE, HEAD = 50, 62, 34
"""Room for the ticks below and at the left, and for labels above [CSS pixel]."""


def _deadline(at: Prices, width: int) -> Drawn:
    hours, days, busy = at["gpu_hours"], at["days_in_month"], at["utilisation"]
    canvas = _Canvas(width)
    canvas.height = 332
    needed = {day: formulas.gpus_for_deadline(hours, day, busy) for day in (*DAYS, days)}
    stated, of_meta = at["gpus"], row("paper_facts", "fact", "gpus_max")["value"]
    first, last = min(DAYS[0], days), max(DAYS[-1], days)
    low = 10 ** math.floor(math.log10(min(*needed.values(), stated, of_meta)))
    high = 1.3 * max(*needed.values(), stated)

    def across(day: float) -> float:
        return SIDE + math.log(day / first) / math.log(last / first) * (width - SIDE - MARGIN)

    def down(gpus: float) -> float:
        return HEAD + math.log(high / gpus) / math.log(high / low) * (canvas.height - FOOT - HEAD)

    foot = canvas.height - FOOT
    for power in range(round(math.log10(low)), math.ceil(math.log10(high)) + 1):
        for many in (1, 2, 5):
            tick = many * 10.0**power
            if low <= tick <= high and (many == 1 or high / low < 200):
                canvas.line([(SIDE, down(tick)), (width - MARGIN, down(tick))], "grid")
                canvas.text(SIDE - 6, down(tick) + 4, _axis(tick), "tick", "end")
    for day in DAYS:
        if width >= NARROW or day in (7, 30, 90, 365):
            canvas.text(across(day), foot + 16, f"{day}", "tick", "middle")
    canvas.text(SIDE, foot + 31, "days allowed; both axes logarithmic", "tick")
    canvas.line([(across(day), down(needed[day])) for day in sorted(needed)], "curve")
    left = across(days)
    canvas.line([(left, foot), (left, down(needed[days])), (SIDE, down(needed[days]))], "guide")
    canvas.line([(SIDE, down(stated)), (width - MARGIN, down(stated))], "rival")
    canvas.dot(left, down(needed[days]), "red")
    meta = formulas.wall_clock_days(hours, of_meta, busy)
    if first <= meta <= last:
        canvas.dot(across(meta), down(of_meta), "plain")
        _beside(canvas, across(meta), down(of_meta), f"Meta: {of_meta:,.0f} GPUs", f"{meta:,.0f} days")
    _beside(
        canvas,
        left,
        down(needed[days]),
        readable(needed[days], "GPU"),
        f"in {readable(days, 'day')}",
        "value red",
    )
    canvas.text(SIDE, foot + 46, f"dashed: {readable(stated, 'GPU')}, as stated", "tick")
    fleet = formulas.ratio(needed[days], of_meta)
    take = "takes" if days == 1 else "take"
    title = f"{readable(days, 'day').capitalize()} {take} {_factor(fleet)} times the GPUs that Meta had"
    alt = (
        "A line on logarithmic axes: the GPUs needed fall as the days allowed grow: "
        + ", ".join(f"{needed[day]:,.0f} in {day} days" for day in DAYS)
        + f". Marked: {needed[days]:,.0f} in {days:g} days; {of_meta:,.0f} at Meta, {meta:,.0f} days; "
        + f"stated: {stated:,.0f}."
    )
    return canvas.done("deadline", title, alt)


def _beside(canvas: _Canvas, x: float, y: float, text: str, under: str, kind: str = "label") -> None:
    """Write two lines above a falling line at the right of a point, or below it at the left."""
    right = x + 10 + SANS * max(len(text), len(under)) <= canvas.width
    x, y, anchor = (x + 10, y - 22, "start") if right else (x - 10, y + 18, "end")
    canvas.text(x, y, text, kind, anchor)
    canvas.text(x, y + 15, under, kind, anchor)


def _axis(value: float) -> str:
    """Write a number at an axis.

    >>> _axis(50_000), _axis(2e6), _axis(1e10), _axis(5e13), _axis(0.5)
    ('50,000', '2M', '10B', '50T', '0.5')
    """
    for size, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M")):
        if value >= size:
            return f"{value / size:,g}{letter}"
    return f"{value:,g}"


def _factor(value: float) -> str:
    """Write how many times something is: a decimal below a hundred, two figures below one.

    >>> _factor(2.614), _factor(254_313_151.04), _factor(0.0712)
    ('2.6', '254,313,151', '0.071')
    """
    if value >= 99.95:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 0.995 else readable(float(f"{value:.2g}"))
