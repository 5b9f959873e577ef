"""What a reading comes to in words, and the text with its figures marked: for terminal and page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from costcheck.claims.kinds_and_colours import LOOKS
from costcheck.claims.verdict import shown
from costcheck.reading import Reading
from costcheck.reading.documents import LANGUAGES
from costcheck.reading.draft import renamed

COLUMNS = (
    "line", "printed", "value", "high", "unit", "hedge", "role", "claim", "sum", "recomputed", "verdict",
    "cause", "chance", "note",
)  # fmt: skip
"""Of a row for each figure, and for each number that is none."""
EXCERPT = 70
"""Columns of the words around a figure, of which a sign of East Asia takes two."""


def marked_lines(reading: Reading) -> Iterator[tuple[int, list[tuple[str, int | None]]]]:
    """Yield each line of the text that is not blank: its number, and its parts with the figures' numbers."""
    text, waiting, start = reading.document.text, list(enumerate(reading.figures))[::-1], 0
    for place, line in enumerate(text.split("\n"), 1):
        end, parts = start + len(line), list[tuple[str, int | None]]()
        while waiting and waiting[-1][1].start < end:
            number, figure = waiting.pop()
            begin, stop = max(figure.start, start), min(figure.end, end)
            parts += [(text[start:begin], None), (text[begin:stop], number)]
            start = max(start, stop)
        parts.append((text[start:end], None))
        start = end + 1
        if line.strip():
            yield place, [part for part in parts if part[0]]


def why(reading: Reading, number: int) -> str:
    """Write what a figure comes to with numbers put in; where it is another figure, that in its unit."""
    verdict, link = reading.verdicts[number], reading.drafted.links[number]
    alone = [reading.figures[place].figure for place in link.inputs[:1]]
    values = [shown(figure.value, figure.unit) for figure in alone]
    return verdict.steps or " = ".join([*values, shown(verdict.recomputed, verdict.unit)])


def headline(reading: Reading) -> str:
    """Say what came of checking, and how many figures were checked, of how many."""
    figures, checked, wrong = len(reading.figures), len(reading.verdicts), len(reading.findings)
    result = "all add up" if checked > 1 else "it adds up" if checked else "no sum was found"
    if wrong:
        result = f"{wrong if checked > 1 else 'it'} do{'es' * (wrong == 1)} not add up"
    were = f"{checked} were" if checked > 1 else f"{checked or 'none'} was"
    return f"Of {_many(figures, 'figure')} {were} checked: {result}"


def excerpt(reading: Reading, number: int) -> str:
    """Return the headers of a figure's cell, or the words around it."""
    figure = reading.figures[number]
    if figure.row or figure.column:
        return ": ".join(filter(None, (figure.row, figure.column)))
    text, wide = reading.document.text, 1 + (reading.document.language != "en")
    room = max(8, EXCERPT // wide - (figure.end - figure.start)) // 2
    before = text[max(0, figure.start - room) : figure.start].rpartition("\n")[2]
    behind = text[figure.end : figure.end + room].partition("\n")[0]
    if len(before) == room:  # begins within a word
        before = "…" + (before.partition(" ")[2] if " " in before else before)
    if len(behind) == room:
        behind = (behind.rpartition(" ")[0] if " " in behind else behind) + "…"
    return f"{before}{text[figure.start : figure.end]}{behind}".strip()


def summary(reading: Reading) -> list[str]:
    """Count in sentences what was found, passed over and not examined."""
    language = LANGUAGES[reading.document.language]
    if not reading.figures:
        lines = [f"No figures in {reading.document.name} (read as {language}): there is nothing to check."]
    else:
        looks = Counter(reading.look(number).name for number in reading.drafted.order)
        counted = [f"{looks[look.name]} {look.counted}" for look in LOOKS if looks[look.name]]
        verdicts = f" ({', '.join(counted)})" if counted else ""
        lines = [
            f"{_many(len(reading.figures), 'figure')}, read as {language}; following from others: "
            f"{len(reading.verdicts)}{verdicts}; inputs: {len(reading.drafted.article.given)}; unexplained: "
            f"{len(reading.unexplained)}; printed again: {len(reading.drafted.again)}"
        ]
    if reading.passed:
        reasons = Counter(passed.why for passed in reading.passed).most_common()
        listed = ", ".join(f"{reason} {count}" for reason, count in reasons)
        lines.append(f"Passed over: {_many(len(reading.passed), 'number')} ({listed})")
    lines.append(f"Not examined: {_many(reading.without_figures, 'sentence')} without a figure")
    return lines


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' * (count != 1)}"


def rows(reading: Reading) -> list[dict[str, Any]]:
    """Return a row for each figure, and for each number that was passed over, in the order of the text."""
    draft, made = reading.drafted, []
    for number, quantity in enumerate(reading.figures):
        figure, link = quantity.figure, draft.links.get(number)
        row: dict[str, Any] = dict.fromkeys(COLUMNS) | {
            "line": quantity.line, "printed": figure.printed, "value": figure.value, "high": figure.high,
            "unit": figure.unit, "hedge": str(figure.hedge), "claim": draft.names.get(number, ""),
            "role": "printed again" if number in draft.again else reading.look(number).words,
            "note": excerpt(reading, number),
        }  # fmt: skip
        if link:
            verdict = reading.verdicts[number]
            row |= {
                "role": "derived", "sum": renamed(link.sum, draft.names),
                "recomputed": verdict.record()["recomputed"],
                "verdict": str(verdict.arithmetic), "cause": verdict.cause or link.cause,
                "chance": link.chance,
            }  # fmt: skip
        made.append((quantity.start, row))
    for passed in reading.passed:
        row = {"line": passed.line, "printed": passed.printed, "role": "passed over", "note": passed.why}
        made.append((passed.start, dict.fromkeys(COLUMNS) | row))
    return [row for _, row in sorted(made, key=lambda pair: pair[0])]
