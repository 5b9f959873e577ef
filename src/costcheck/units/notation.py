"""Units as people write them, and their conversion.

Units are written as people write them: ``GB``, ``USD/GPU-hour``, ``token/s``, ``kgCO2e/kWh``. A ``-`` joins
factors and binds tighter than a ``/``, so ``USD/GPU-hour`` is a dollar for each GPU-hour. Plurals are
accepted (``hours``, ``GPUs``). A number in front scales a unit, as in ``1e12 FLOP``. What counts as what:

- GB is 1e9 byte, GiB is 2^30 byte; a year is 365 days; a month has no fixed length and converts to nothing.
- A currency converts to no other: that takes a rate of a day.
- GPUs, tokens, words and characters are quantities of their own: a GPU-hour is no hour.
- Other things counted (parameters, layers, books, ...) may be left out: ``1`` fits ``parameter``, ``byte``
  fits ``byte/parameter``, but ``layer`` does not fit ``head``.
- ``1`` is a plain number: a share, a count, a ratio. It fits whatever is counted. ``times`` and
  ``share of ...`` are plain numbers that read better; ``percent`` is a hundredth.

The arithmetic of units is pint's, with a registry of these units and no others.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from costcheck.errors import InputError, unknown

if TYPE_CHECKING:
    import pint

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
def definitions() -> dict[str, str | None]:
    """Return every unit with its definition in others; None where it is defined by nothing else.

    >>> definitions()["GB"], definitions()["W"], definitions()["USD"]
    ('1000000000 * byte', 'J / second', None)
    """
    made: dict[str, str | None] = dict.fromkeys(("byte", "second", "month", "J", "gCO2e", "FLOP", "nat"))
    made |= dict.fromkeys((*CURRENCIES, *COUNTED, *NOUNS))
    for base, scales in (("byte", BYTES | BINARY_BYTES | BITS), ("second", TIMES)):
        made |= {name: f"{scale!r} * {base}" for name, scale in scales.items() if name != base}
    made["W"], made["Wh"] = "J / second", "3600 * J"
    made["kgCO2e"], made["tCO2e"] = "1000 * gCO2e", "1000000 * gCO2e"
    for base, prefixes in (("FLOP", "kMGTPEZY"), ("W", "kMGT"), ("Wh", "kMGT"), ("J", "kMGT")):
        made |= {f"{prefix}{base}": f"{_PREFIXES[prefix]!r} * {base}" for prefix in prefixes}
    for prefix in "kMGT":
        made |= {f"{prefix}{short}": f"{_PREFIXES[prefix]!r} * token" for short in ("tok", "token")}
    made["percent"] = "0.01"
    return made


@dataclass(frozen=True)
class Unit:
    """A unit that has been read.

    ``parts`` are its factors as written, each with its power; ``scale`` is what one of it is in base units,
    and ``dimensions`` are the powers of those.
    """

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
    """A quantity is in a unit that cannot be converted to the one wanted.

    ``given`` and ``wanted`` are the two units as text, ``why`` the likely cause; ``formula`` and ``argument``
    say where, if it was an input of a formula.
    """

    def __init__(self, given: str, wanted: str, why: str, formula: str = "", argument: str = "") -> None:
        where = f"{formula}, argument {argument}: " if formula else ""
        super().__init__(f"{where}{given} does not fit {wanted}: {why}")
        self.given, self.wanted, self.why = given, wanted, why
        self.formula, self.argument = formula, argument


@cache
def parse(text: str) -> Unit:
    """Read a unit, such as ``USD/GPU-hour``; see the top of this module.

    Raises:
        InputError: It is empty or a part of it is no unit, with the nearest one or how to write it; or it is
            larger than ``LARGEST`` in base units, or smaller than one over that.

    >>> str(parse("USD/GPU-hours")), parse("GB").scale, parse("token/s").quantity
    ('USD/GPU-hour', 1000000000.0, {'second': -1, 'token': 1})
    >>> parse("USD/GPU-hourz")
    Traceback (most recent call last):
    ...
    costcheck.errors.InputError: unit 'USD/GPU-hourz': unknown unit 'hourz': did you mean 'hour'?
    """
    number, parts = split(text)
    return made_of(parts, number)


def split(text: str, also: Iterable[str] = ()) -> tuple[float, tuple[tuple[str, int], ...]]:
    """Take a unit apart.

    Args:
        text: The unit.
        also: Names that are allowed beside units, such as the ``A`` of a formula that takes any unit.

    Returns:
        The number in front (1 if there is none) and the factors with their powers, in the order written.

    Raises:
        InputError: As for `parse`.

    >>> split("USD/GPU-hour"), split("1e12 A", also=["A"])
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
    """Return the unit that a name stands for, plurals and other spellings included."""
    if not name:
        raise InputError(f"unit {text!r}: something is missing beside a / or a -")
    known = definitions()
    for spelling in (name, name.removesuffix("s"), re.sub("ies$", "y", name)):
        unit = _ALIASES.get(spelling, spelling)
        if unit in known or unit in PLAIN:
            return "1" if unit == "share" else unit
    # a spelling in other letters is nearer than any other word
    folded = {spelling.lower(): spelling for spelling in (*known, *_ALIASES)}
    other = folded.get(name.lower().removesuffix("s"))
    if other:
        raise InputError(f"unit {text!r}: unknown unit {name!r}: did you mean {other!r}?")
    error = unknown("unit", name, (*known, *PLAIN), f"unit {text!r}")
    if error.nearest is None:
        error = InputError(
            f"unknown unit {name!r}; write it as GB, hour, USD/GPU-hour (= USD for each GPU-hour), "
            "token/s, percent, times or share of benchmarks; a count of anything else is 1",
            where=f"unit {text!r}",
        )
    raise error


@cache
def _registry() -> pint.UnitRegistry[Any]:
    """Make pint know our units; its own thousand would make every misspelling a unit."""
    import pint

    registry: pint.UnitRegistry[Any] = pint.UnitRegistry(None, cache_folder=None)
    for name, definition in definitions().items():
        plain = _plain(name)
        registry.define(f"{plain} = {definition or f'[{plain}]'}")
    return registry


def _plain(name: str) -> str:
    return name.replace(" ", "_")


@cache
def made_of(parts: tuple[tuple[str, int], ...], number: float = 1.0) -> Unit:
    """Return the unit of these factors, so many of it."""
    from_text = {_plain(name): name for name in definitions()}
    units = {_plain(name): power for name, power in _collected(parts).items() if name in definitions()}
    registry = _registry()
    try:
        root = registry.Quantity(1.0, registry.UnitsContainer(units)).to_root_units()
        size = float(root.magnitude) * number
    except ArithmeticError:  # as pint multiplies 22 PB
        size = math.inf
    if not 1 / LARGEST <= size <= LARGEST:
        unit = written(parts, number)
        raise InputError(f"unit {unit[:60]!r}{'...' * (len(unit) > 60)}: too large or too small a unit")
    # pint allows fractions; whole powers are all that a unit written here can have
    dimensions = {from_text[name]: int(str(power)) for name, power in root.unit_items()}
    return Unit(parts, number, _even(size), tuple(sorted(dimensions.items())))


def _collected(parts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Add up the powers of each factor, keeping the order in which they came; what cancels is gone."""
    powers: dict[str, int] = {}
    for name, power in parts:
        powers[name] = powers.get(name, 0) + power
    return {name: power for name, power in powers.items() if power}


def written(parts: Iterable[tuple[str, int]], number: float = 1.0) -> str:
    """Write the factors of a unit as text."""
    powers = _collected((name, power) for name, power in parts if name != "1")
    above = "-".join(name for name, power in powers.items() for _ in range(power))
    # one sign for all that stands below, so that USD/GPU-hour comes out as it went in
    below = "-".join({"second": "s"}.get(name, name) for name, power in powers.items() for _ in range(-power))
    return f"{'' if number == 1 else f'{number:g} '}{above or '1'}{'/' if below else ''}{below}"


@cache
def factor(given: str, wanted: str) -> float:
    """Return what a number in one unit is multiplied by to be in another.

    Raises:
        InputError: One of them is no unit.
        UnitMismatch: They measure different things; the message says what is probably missing.

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
    had, wanted = dict(ours.quantity), dict(theirs.quantity)
    if had == wanted:
        return "they count different things"
    if "month" in had.keys() ^ wanted.keys():
        return "a month has no fixed length; count days, such as prices.days_in_month"
    money = [name for name in had if name in CURRENCIES], [name for name in wanted if name in CURRENCIES]
    if money[0] and money[1] and money[0] != money[1]:
        return _exchange(money[0][0], money[1][0])
    if ours.is_plain and ours.scale == 1:
        return f"a plain number has no unit; give a quantity in {theirs}"
    if theirs.is_plain:
        return f"a plain number is asked for; divide by another quantity in {ours} (formula ratio)"
    missing = {name: wanted.get(name, 0) - had.get(name, 0) for name in (*wanted, *had)}
    missing = {name: power for name, power in missing.items() if power}
    if len(missing) == 1:
        ((name, power),) = missing.items()
        if power in (1, -1) and had and wanted:
            by = f"the number of {name}s" if name in COUNTED else f"a quantity in {name}"
            by = "a time" if name == "second" else by
            return f"{'multiply' if power == 1 else 'divide'} by {by}"
    if had and wanted and (had.keys() & wanted.keys() or money[1]):
        return f"what leads from one to the other is a quantity in {written([*theirs.parts, *inverse(ours)])}"
    return "they measure different things"


def _exchange(given: str, wanted: str) -> str:
    names = {("USD", "CNY"): "prices.usd_cny", ("USD", "JPY"): "prices.usd_jpy"}
    if (given, wanted) in names:
        return f"convert with {names[given, wanted]} (formula convert)"
    if (wanted, given) in names:
        return f"convert with 1 over {names[wanted, given]}, a rate in {wanted}/{given} (formula convert)"
    return f"convert with a rate in {wanted}/{given} (formula convert)"


def inverse(unit: Unit) -> list[tuple[str, int]]:
    """Return the factors of one over a unit."""
    return [(name, -power) for name, power in unit.parts]
