"""What can become of a printed figure: the kinds of verdict, with their words and colours.

One table for terminal, notebook, figures, report, workbook and calculator.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from costcheck.text.numbers import multiple

UNVERIFIED = " (unverified data)"
"""What follows a verdict that rests on data nobody could verify."""
FAILS = "does not hold"
"""What is said of a printed figure at other prices than those it was printed at."""
OFF_BY = re.compile(r"off by (.+)×")


class Kind(StrEnum):
    """Whether a figure follows or agrees with its source, from best to worst, and why nobody can tell."""

    HOLDS = "holds"
    WITHIN_ROUNDING = "holds within rounding"
    DEPENDS = "depends"
    OFF = "off by a factor"
    WRONG = "wrong"
    ASSUMED = "assumed"
    NOT_CHECKED = "not checked"

    @property
    def is_right(self) -> bool:
        """Whether the figure may stand."""
        return self in (Kind.HOLDS, Kind.WITHIN_ROUNDING)

    @property
    def is_mistake(self) -> bool:
        """Whether the figure may not."""
        return self in (Kind.OFF, Kind.WRONG)


class Premise(StrEnum):
    """Whether it is the right quantity."""

    SOUND = "sound"
    NOT_EXAMINED = "not examined"
    WRONG_CATEGORY = "wrong category"
    UNSUPPORTED = "unsupported"


BLUE, SKY, ORANGE, RED, INK = "#0072B2", "#56B4E9", "#E69F00", "#D55E00", "#222222"


class Look(NamedTuple):
    """How a verdict or a premise is written and coloured."""

    name: str  # its key in the report's words and style sheet
    words: str  # in a table, and in results.csv.
    mark: str
    terminal: str  # a style of rich
    fill: str  # behind the words in a workbook: light, so that black text is easy to read
    counted: str = ""  # after a number of claims
    tile: str = ""  # its colour in a chart
    tone: str = ""  # in the calculator
    ink: str = INK  # the colour of text on `tile`


HOLDS = Look("holds", "holds", "✓", "green", "D5EFE3", "hold", BLUE, "good", "white")
HOLDS_UNVERIFIED = Look(
    "holds_unverified", f"holds{UNVERIFIED}", "✓", "green", "E6EFC8", "hold on unverified data", BLUE, "good"
)
WITHIN_ROUNDING = Look(
    "within_rounding", "holds within rounding", "✓", "green", "E4F3DA", "hold within rounding", SKY, "good"
)
DEPENDS = Look("depends", "depends", "≈", "yellow", "FCF3C0", "depend on the reading", "#CC79A7", "fair")
OFF = Look("off", "off by a factor", "✗", "red", "FBD9CB", "off by a factor", ORANGE, "bad")
WRONG = Look("wrong", "wrong", "✗", "red", "FBD9CB", "wrong", RED, "bad", "white")
ASSUMED = Look("assumed", "assumed", "–", "dim", "E8E8E8", "assumed", "#CFCFCF", "unknown")
NOT_CHECKED = Look("not_checked", "not checked", "–", "dim", "E8E8E8", "not checked", "#E4E4E4", "unknown")
LOOKS = (HOLDS, HOLDS_UNVERIFIED, WITHIN_ROUNDING, DEPENDS, OFF, WRONG, ASSUMED, NOT_CHECKED)
"""What verdicts are counted by, from best to worst: only what holds is counted apart where unverified."""
PREMISES = {
    Premise.SOUND: Look("sound", "sound", "", "", ""),
    Premise.NOT_EXAMINED: Look("not_examined", "not examined", "", "dim", ""),
    Premise.WRONG_CATEGORY: Look("wrong_category", "wrong category", "✗", "red", "FBD9CB"),
    Premise.UNSUPPORTED: Look("unsupported", "unsupported", "?", "yellow", "FCE5C4"),
}


class Finding(NamedTuple):
    """The verdict on the arithmetic of one figure.

    >>> finding = Finding.read("off by 9.9× (unverified data)")
    >>> finding.kind, finding.factor, finding.unverified, finding.look.words
    (<Kind.OFF: 'off by a factor'>, 9.9, True, 'off by a factor')
    >>> str(Finding(Kind.HOLDS, unverified=True)), Finding(Kind.OFF, 10.0).words
    ('holds (unverified data)', 'off by 10×')
    """

    kind: Kind
    factor: float | None = None  # how many times too large or too small, at least 1; of `Kind.OFF` alone.
    unverified: bool = False  # whether it rests on data nobody could verify
    on: str = ""  # what it depends on

    @classmethod
    def read(cls, text: str) -> Finding:
        """Read a verdict as a row of results.csv has it.

        Raises:
            ValueError: It is none.
        """
        words = text.removesuffix(UNVERIFIED)
        if off := OFF_BY.fullmatch(words):
            return cls(Kind.OFF, float(off[1].replace(",", "")), text != words)
        if words.startswith(f"{Kind.DEPENDS} on "):
            return cls(Kind.DEPENDS, None, text != words, words[11:])
        return cls(Kind(words), unverified=text != words)

    @property
    def words(self) -> str:
        """The verdict without its mark."""
        if self.factor is not None:
            return f"off by {multiple(self.factor)}"
        return f"{self.kind} on {self.on}" if self.on else str(self.kind)

    def __str__(self) -> str:
        return self.words + UNVERIFIED * self.unverified

    @property
    def look(self) -> Look:
        """How it is written, coloured and counted."""
        if self.kind is Kind.HOLDS and self.unverified:
            return HOLDS_UNVERIFIED
        return next(look for look in LOOKS if look.words == self.kind)


def look_of(text: str) -> Look | None:
    """Return the look of a verdict or premise in a row of results.csv, which may be a stranger's."""
    if text.removesuffix(UNVERIFIED) == FAILS:
        return WRONG
    try:
        return PREMISES[Premise(text)] if text in list(Premise) else Finding.read(text).look
    except ValueError:
        return None
