"""Units as people write them, and their conversion: ``GB``, ``USD/GPU-hour``, ``token/s``, ``kgCO2e/kWh``.

A ``-`` joins factors and binds tighter than a ``/``: ``USD/GPU-hour`` is a dollar for each GPU-hour. Plurals
are accepted, and a number in front scales a unit, as in ``1e12 FLOP``. What counts as what:

- GB is 1e9 byte, GiB is 2^30 byte; a year is 365 days; a month has no fixed length and converts to nothing.
- A currency converts to no other: that takes a rate of a day.
- GPUs, tokens, words and characters are quantities of their own: a GPU-hour is no hour.
- Other things counted (parameters, layers, books, ...) may be left out: ``1`` fits ``parameter``, ``byte``
  fits ``byte/parameter``, but ``layer`` does not fit ``head``.
- ``1`` is a plain number: a share, a count, a ratio. It fits whatever is counted. ``times`` and
  ``share of ...`` are plain numbers that read better; ``percent`` is a hundredth.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from costcheck.errors import InputError, unknown

BYTES = {"byte": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "PB": 10**15}
BINARY_BYTES = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40, "PiB": 2**50}
BITS = {"bit": 1 / 8, "kbit": 125, "Mbit": 125 * 10**3, "Gbit": 125 * 10**6, "Tbit": 125 * 10**9}
TIMES = {
    "second": 1, "ms": 1e-3, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800, "year": 31_536_000,
}  # fmt: skip
CURRENCIES = ("USD", "CNY", "JPY", "EUR", "GBP")
COUNTED = ("GPU", "token", "word", "character")
"""Things counted that make a quantity of their own: a price a GPU is not a price."""
_NOUNS = """
answer article benchmark book chip company core country CPU customer developer element employee event example
expert head household image item iteration language layer machine model node page parameter people person
query question rack rank request score sequence server size step task user
"""
NOUNS = (*_NOUNS.split(), "Elo point")
"""Things counted that a unit may leave out."""
PLAIN = ("1", "times", "share")
LARGEST = 1e100
"""The most and, inverted, the least that a unit is in base units: so every factor between two is a number."""

_PREFIXES = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18, "Z": 1e21, "Y": 1e24}
_ALIASES = {
    "s": "second", "sec": "second", "min": "minute", "h": "hour",
    "KB": "kB", "kilobyte": "kB", "megabyte": "MB", "gigabyte": "GB", "terabyte": "TB", "petabyte": "PB",
    "tok": "token", "%": "percent", "percentage point": "percent", "joule": "J", "watt": "W",
    "RMB": "CNY", "dollar": "USD", "yuan": "CNY", "yen": "JPY", "euro": "EUR", "pound": "GBP",
}  # fmt: skip
# Spaces are the only sign that these are one unit: "kg CO2e" is how reports print it.
_TWO_WORDS = re.compile(r"\b(g|kg|t) CO2e\b")


@cache
def definitions() -> dict[str, tuple[float, dict[str, int]]]:
    """Return every unit: how much it is in base units, and the powers of those.

    >>> definitions()["GB"], definitions()["W"], definitions()["USD"]
    ((1000000000, {'byte': 1}), (1, {'J': 1, 'second': -1}), (1, {'USD': 1}))
    """
    bases = ("byte", "second", "month", "J", "gCO2e", "FLOP", "nat", *CURRENCIES, *COUNTED, *NOUNS)
    made: dict[str, tuple[float, dict[str, int]]] = {name: (1, {name: 1}) for name in bases}
    for base, scales in (("byte", BYTES | BINARY_BYTES | BITS), ("second", TIMES)):
        made |= {name: (scale, {base: 1}) for name, scale in scales.items()}
    made |= {"W": (1, {"J": 1, "second": -1}), "Wh": (3600, {"J": 1}), "tok": (1, {"token": 1})}
    made |= {"kgCO2e": (1000, {"gCO2e": 1}), "tCO2e": (1_000_000, {"gCO2e": 1}), "percent": (0.01, {})}
    for unit, prefixes in (
        ("FLOP", "kMGTPEZY"),
        *((name, "kMGT") for name in ("W", "Wh", "J", "tok", "token")),
    ):
        scale, powers = made[unit]
        made |= {prefix + unit: (_PREFIXES[prefix] * scale, powers) for prefix in prefixes}
    del made["tok"]  # another spelling of token
    return made


@dataclass(frozen=True)
class Unit:
    """A unit that has been read: its factors as written with their powers, and what it is in base units."""

    parts: tuple[tuple[str, int], ...]
    number: float
    scale: float
    dimensions: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        return written(self.parts, self.number)

    @property
    def nouns(self) -> dict[str, int]:
        """What it counts and might leave out."""
        return {name: power for name, power in self.dimensions if name in NOUNS}

    @property
    def quantity(self) -> dict[str, int]:
        """Its dimensions without those."""
        return {name: power for name, power in self.dimensions if name not in NOUNS}

    @property
    def is_plain(self) -> bool:
        """Whether it is a number and nothing else."""
        return not self.dimensions


class UnitMismatch(InputError):  # noqa: N818 - says what it is, as InputError's other kinds would
    """A quantity is in a unit that cannot be converted to the one wanted; ``why`` is the likely cause."""

    def __init__(self, given: str, wanted: str, why: str, formula: str = "", argument: str = "") -> None:
        where = f"{formula}, argument {argument}: " if formula else ""
        super().__init__(f"{where}{given} does not fit {wanted}: {why}")
        self.given, self.wanted, self.why = given, wanted, why
        self.formula, self.argument = formula, argument


@cache
def parse(text: str) -> Unit:
    """Read a unit, such as ``USD/GPU-hour``; see the top of this module.

    >>> str(parse("USD/GPU-hours")), parse("GB").scale, parse("token/s").quantity
    ('USD/GPU-hour', 1000000000.0, {'second': -1, 'token': 1})
    >>> parse("USD/GPU-hourz")
    Traceback (most recent call last):
    ...
    costcheck.errors.InputError: unit 'USD/GPU-hourz': unknown unit 'hourz': did you mean 'hour'?
    """
    number, parts = split(text)
    return made_of(parts, number)


@cache
def split(text: str, also: tuple[str, ...] = ()) -> tuple[float, tuple[tuple[str, int], ...]]:
    """Return the number in front of a unit, 1 if there is none, and its factors with their powers.

    ``also`` are names allowed beside units, such as the ``A`` of a formula that takes any unit.

    >>> split("USD/GPU-hour"), split("1e12 A", also=("A",))
    ((1.0, (('USD', 1), ('GPU', -1), ('hour', -1))), (1000000000000.0, (('A', 1),)))
    """
    cleaned = _TWO_WORDS.sub(r"\1CO2e", " ".join(text.split()))
    if not cleaned:
        raise InputError("a unit is empty; a plain number has the unit 1")
    if cleaned.startswith("share of "):
        # what it is of is shown as it is: in terminals, charts and Markdown
        if not re.fullmatch(r"share of [\w -]+", cleaned):
            raise InputError(f"unit {text!r}: say a share of what in letters, digits, spaces, _ and -")
        return 1.0, ((cleaned, 1),)
    in_front = re.match(r"(\d+(?:\.\d*)?(?:e[+-]?\d+)?) (?=\S)", cleaned)
    number = float(in_front[1]) if in_front else 1.0
    if not 0 < number < math.inf:
        raise InputError(f"unit {text!r}: {number:g} of a unit is none")
    parts: list[tuple[str, int]] = []
    for place, side in enumerate(cleaned[in_front.end() if in_front else 0 :].split("/")):
        for name in side.split("-"):
            unit = name.strip() if name.strip() in also else _named(name.strip(), text)
            if unit != "1":
                parts.append((unit, -1 if place else 1))
    return number, tuple(parts)


def _named(name: str, text: str) -> str:
    where = f"unit {text!r}"
    if not name:
        raise InputError("something is missing beside a / or a -", where=where)
    known = (*definitions(), *PLAIN)
    for spelling in (name, name.removesuffix("s"), re.sub("ies$", "y", name)):
        unit = _ALIASES.get(spelling, spelling)
        if unit in known:
            return "1" if unit == "share" else unit
    error = unknown("unit", name, known, where)
    folded = {spelling.lower(): spelling for spelling in (*known, *_ALIASES)}
    nearest = folded.get(name.lower().removesuffix("s"), error.nearest)
    how = "write it as GB, hour, USD/GPU-hour (= USD for each GPU-hour), token/s, percent, times or share of "
    how = f"{error.what}; {how}benchmarks; a count of anything else is 1"
    raise InputError(error.what if nearest else how, where=where, nearest=nearest)


@cache
def made_of(parts: tuple[tuple[str, int], ...], number: float = 1.0) -> Unit:
    """Return the unit of these factors, so many of it."""
    size, dimensions = number, list[tuple[str, int]]()
    try:
        for name, power in _collected(parts).items():
            scale, bases = definitions().get(name, (1, {}))  # a share is a plain number
            size *= scale**power
            dimensions += [(base, inner * power) for base, inner in bases.items()]
    except ArithmeticError:
        size = math.inf
    if not 1 / LARGEST <= size <= LARGEST:
        unit = written(parts, number)
        raise InputError(f"unit {unit[:60]!r}{'...' * (len(unit) > 60)}: too large or too small a unit")
    return Unit(parts, number, _even(size), tuple(sorted(_collected(dimensions).items())))


def _collected(parts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Add up the powers of each factor, in order; what cancels is gone."""
    powers: dict[str, int] = {}
    for name, power in parts:
        powers[name] = powers.get(name, 0) + power
    return {name: power for name, power in powers.items() if power}


def written(parts: Iterable[tuple[str, int]], number: float = 1.0) -> str:
    """Write the factors of a unit as text, with one / for all that stands below."""
    powers = _collected((name, power) for name, power in parts if name != "1")
    above = "-".join(name for name, power in powers.items() for _ in range(power))
    below = "-".join({"second": "s"}.get(name, name) for name, power in powers.items() for _ in range(-power))
    return f"{'' if number == 1 else f'{number:g} '}{above or '1'}{'/' if below else ''}{below}"


@cache
def factor(given: str, wanted: str) -> float:
    """Return what a number in one unit is multiplied by to be in another.

    >>> factor("GB", "byte"), factor("percent", "1"), factor("1", "language")
    (1000000000.0, 0.01, 1.0)
    >>> factor("hour", "GPU-hour")
    Traceback (most recent call last):
    ...
    costcheck.units.notation.UnitMismatch: hour does not fit GPU-hour: multiply by the number of GPUs
    """
    ours, theirs = parse(given), parse(wanted)
    by = conversion(ours, theirs)
    if by is None:
        raise UnitMismatch(str(ours), str(theirs), missing_between(ours, theirs))
    return by


def conversion(ours: Unit, theirs: Unit) -> float | None:
    """Return the factor from one unit to another; None where they measure different things."""
    scales = _even(ours.scale / theirs.scale)
    if ours.quantity == theirs.quantity:
        if ours.nouns == theirs.nouns:
            return scales
        if not (ours.nouns and theirs.nouns) and (ours.quantity or scales == 1):
            return scales
        return None
    counted = dict(theirs.dimensions)
    if ours.is_plain and ours.scale == 1 and len(counted) == 1 and set(counted) <= {*COUNTED}:
        # a count or a ratio says nothing about what was counted
        return scales if set(counted.values()) == {1} else None
    return None


def _even(scale: float) -> float:
    """Rid a quotient that should be whole, or one over something whole, of the noise of a division."""
    for value in (scale, 1 / scale):
        if value >= 1 and math.isclose(value, round(value), rel_tol=1e-14):
            return float(round(value)) if value is scale else 1 / round(value)
    return scale


def missing_between(ours: Unit, theirs: Unit) -> str:
    """Say what is probably missing between two units, or that nothing leads from one to the other."""
    had, wanted = ours.quantity, theirs.quantity
    if had == wanted:
        return "they count different things"
    if "month" in had.keys() ^ wanted.keys():
        return "a month has no fixed length; count days, such as prices.days_in_month"
    spent, asked = (next((name for name in unit if name in CURRENCIES), None) for unit in (had, wanted))
    if spent and asked and spent != asked:
        names = {("USD", "CNY"): "prices.usd_cny", ("USD", "JPY"): "prices.usd_jpy"}
        back = f"1 over {names[asked, spent]}, a rate" if (asked, spent) in names else "a rate"
        return f"convert with {names.get((spent, asked), f'{back} in {asked}/{spent}')} (formula convert)"
    if ours.is_plain and ours.scale == 1:
        return f"a plain number has no unit; give a quantity in {theirs}"
    if theirs.is_plain:
        return f"a plain number is asked for; divide by another quantity in {ours} (formula ratio)"
    missing = {name: wanted.get(name, 0) - had.get(name, 0) for name in (*wanted, *had)}
    missing = {name: power for name, power in missing.items() if power}
    if [*missing.values()] in ([1], [-1]) and had and wanted:
        ((name, power),) = missing.items()
        by = f"the number of {name}s" if name in COUNTED else f"a quantity in {name}"
        return f"{'multiply' if power == 1 else 'divide'} by {'a time' if name == 'second' else by}"
    if had and wanted and (had.keys() & wanted.keys() or asked):
        return f"what leads from one to the other is a quantity in {written([*theirs.parts, *inverse(ours)])}"
    return "they measure different things"


def inverse(unit: Unit) -> list[tuple[str, int]]:
    """Return the factors of one over a unit."""
    return [(name, -power) for name, power in unit.parts]
