"""Units of the figures in articles: reading them, converting them, and what their confusion looks like.

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
from collections.abc import Callable, Iterable, Mapping
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
    "second": 1,
    "ms": 1e-3,
    "minute": 60,
    "hour": 3600,
    "day": 86_400,
    "week": 604_800,
    "year": 31_536_000,
}
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
    "s": "second",
    "sec": "second",
    "min": "minute",
    "h": "hour",
    "KB": "kB",
    "tok": "token",
    "%": "percent",
    "percentage point": "percent",
    "RMB": "CNY",
    "joule": "J",
    "watt": "W",
    "kilobyte": "kB",
    "megabyte": "MB",
    "gigabyte": "GB",
    "terabyte": "TB",
    "petabyte": "PB",
    "dollar": "USD",
    "yuan": "CNY",
    "yen": "JPY",
    "euro": "EUR",
    "pound": "GBP",
}
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
        return _text(self.parts, self.number)

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
    """A quantity in one unit stands where another unit is wanted that it cannot be converted to.

    ``given`` and ``wanted`` are the two units as text, ``why`` the likely cause; ``formula`` and ``argument``
    say where, if it was an input of a formula.
    """

    def __init__(self, given: str, wanted: str, why: str, formula: str = "", argument: str = "") -> None:
        where = f"{formula}, argument {argument}: " if formula else ""
        super().__init__(f"{where}{given} does not fit {wanted}: {why}")
        self.given, self.wanted, self.why = given, wanted, why
        self.formula, self.argument = formula, argument


# --------------------------------------------------------------------------- reading
@cache
def parse(text: str) -> Unit:
    """Read a unit.

    Args:
        text: As in ``USD/GPU-hour``; see the top of this module.

    Returns:
        The unit.

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
    return _made(parts, number)


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
            found = name.strip() if name.strip() in also else _named(name.strip(), text)
            if found != "1":
                parts.append((found, -1 if place else 1))
    return number, tuple(parts)


def _named(name: str, text: str) -> str:
    """Return the unit that a name stands for, plurals and other spellings included."""
    if not name:
        raise InputError(f"unit {text!r}: something is missing beside a / or a -")
    known = definitions()
    for spelling in (name, name.removesuffix("s"), re.sub("ies$", "y", name)):
        found = _ALIASES.get(spelling, spelling)
        if found in known or found in PLAIN:
            return "1" if found == "share" else found
    # a spelling in other letters is nearer than any other word
    folded = {one.lower(): one for one in (*known, *_ALIASES)}
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
def _made(parts: tuple[tuple[str, int], ...], number: float = 1.0) -> Unit:
    from_text = {_plain(name): name for name in definitions()}
    units = {_plain(name): power for name, power in _collected(parts).items() if name in definitions()}
    registry = _registry()
    try:
        root = registry.Quantity(1.0, registry.UnitsContainer(units)).to_root_units()
        size = float(root.magnitude) * number
    except ArithmeticError:  # as pint multiplies 22 PB
        size = math.inf
    if not 1 / LARGEST <= size <= LARGEST:
        said = _text(parts, number)
        raise InputError(f"unit {said[:60]!r}{'...' * (len(said) > 60)}: too large or too small a unit")
    # pint allows fractions; whole powers are all that a unit written here can have
    dimensions = {from_text[name]: int(str(power)) for name, power in root.unit_items()}
    return Unit(parts, number, _even(size), tuple(sorted(dimensions.items())))


def _collected(parts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Add up the powers of each factor, keeping the order in which they came; what cancels is gone."""
    found: dict[str, int] = {}
    for name, power in parts:
        found[name] = found.get(name, 0) + power
    return {name: power for name, power in found.items() if power}


def _text(parts: Iterable[tuple[str, int]], number: float = 1.0) -> str:
    powers = _collected((name, power) for name, power in parts if name != "1")
    above = "-".join(name for name, power in powers.items() for _ in range(power))
    # one sign for all that stands below, so that USD/GPU-hour comes out as it went in
    below = "-".join({"second": "s"}.get(name, name) for name, power in powers.items() for _ in range(-power))
    return f"{'' if number == 1 else f'{number:g} '}{above or '1'}{'/' if below else ''}{below}"


# --------------------------------------------------------------------------- converting
@cache
def factor(given: str, wanted: str) -> float:
    """Return what a number in one unit is multiplied by to be in another.

    Args:
        given: The unit it is in.
        wanted: The unit it is to be in.

    Returns:
        The factor.

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
    found = _factor(ours, theirs)
    if found is None:
        raise UnitMismatch(str(ours), str(theirs), _why(ours, theirs))
    return found


def _factor(ours: Unit, theirs: Unit) -> float | None:
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


def _why(ours: Unit, theirs: Unit) -> str:
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
            said = {"second": "a time"}.get(name, f"the number of {name}s" if name in COUNTED else name)
            if name in CURRENCIES or said == name:
                said = f"a quantity in {name}"
            return f"{'multiply' if power == 1 else 'divide'} by {said}"
    if had and wanted and (had.keys() & wanted.keys() or money[1]):
        return f"what leads from one to the other is a quantity in {_text([*theirs.parts, *_inverse(ours)])}"
    return "they measure different things"


def _exchange(held: str, wanted: str) -> str:
    names = {("USD", "CNY"): "prices.usd_cny", ("USD", "JPY"): "prices.usd_jpy"}
    if (held, wanted) in names:
        return f"convert with {names[held, wanted]} (formula convert)"
    if (wanted, held) in names:
        return f"convert with 1 over {names[wanted, held]}, a rate in {wanted}/{held} (formula convert)"
    return f"convert with a rate in {wanted}/{held} (formula convert)"


def _inverse(unit: Unit) -> list[tuple[str, int]]:
    return [(name, -power) for name, power in unit.parts]


# --------------------------------------------------------------------------- formulas
_VARIABLES = ("A", "B", "C")
NO_QUANTITY = ("bool", "name")
"""Arguments that are no quantity: true or false, and words."""


def of_call(formula: str, inputs: Mapping[str, str | None]) -> tuple[str | None, dict[str, float]]:
    """Hold the units of a formula's inputs to those it asks for, and find the unit of its result.

    Args:
        formula: Its name.
        inputs: The unit of each input; None for a bare number, which is taken to be in whatever is asked for.

    Returns:
        The unit of the result, None where the inputs do not tell it or it is no quantity; and the factors by
        which inputs must be multiplied to be in the units asked for, where that is not 1.

    Raises:
        InputError: There is no such formula or argument, or a unit is none.
        UnitMismatch: An input does not fit; the message names formula and argument.

    >>> of_call("purchase", {"gpus": "GPU", "usd_per_gpu": "USD/GPU"})
    ('USD', {})
    >>> of_call("convert", {"amount": "USD", "rate": "CNY/USD"})
    ('CNY', {})
    >>> of_call("gpus_to_hold", {"weight_bytes": "GB", "memory_bytes_per_gpu": "GiB"})
    ('GPU', {'weight_bytes': 1000000000.0, 'memory_bytes_per_gpu': 1073741824.0})
    """
    from costcheck.formulas.signatures import described

    signature = described(formula)
    asked = {argument.name: argument.unit for argument in signature.arguments}
    bound: dict[str, Unit] = {}
    factors: dict[str, float] = {}
    for name in inputs:
        if name not in asked:
            raise unknown("argument", name, asked, formula)
    given = {name: inputs[name] for name in asked if inputs.get(name) is not None}
    # those first that stand for one unit alone: they say what the letters of the others are
    for name in sorted(given, key=lambda one: len(_letters(asked[one]))):
        try:
            found = _hold(parse(str(given[name])), asked[name], bound)
        except UnitMismatch as error:
            raise UnitMismatch(error.given, error.wanted, error.why, formula, name) from None
        if found != 1:
            factors[name] = found
    return _resolved(signature.unit, bound), {name: factors[name] for name in asked if name in factors}


def _letters(unit: str) -> set[str]:
    if unit in NO_QUANTITY:
        return set()
    return {name for name, _ in split(unit, _VARIABLES)[1] if name in _VARIABLES}


def _hold(given: Unit, asked: str, bound: dict[str, Unit]) -> float:
    """Return the factor for a unit given where a unit with letters is asked for; bind letters new to us."""
    if asked in NO_QUANTITY:
        kind = "true or false" if asked == "bool" else "a name"
        raise UnitMismatch(str(given), asked, f"{kind} is asked for, not a quantity")
    number, parts = split(asked, _VARIABLES)
    free = [name for name in _letters(asked) if name not in bound]
    if free:
        _bind(given, asked, number, parts, bound)
    resolved = [one for name, power in parts for one in _substituted(name, power, bound)]
    wanted = _made(tuple(resolved), number)
    found = _factor(given, wanted)
    if found is None:
        raise UnitMismatch(str(given), str(wanted), _why(given, wanted))
    return found


def _substituted(name: str, power: int, bound: Mapping[str, Unit]) -> list[tuple[str, int]]:
    if name not in bound:
        return [(name, power)]
    return [(part, inner * power) for part, inner in bound[name].parts]


def _bind(
    given: Unit, asked: str, number: float, parts: tuple[tuple[str, int], ...], bound: dict[str, Unit]
) -> None:
    """Find what the letters of a unit stand for when another is given in its place."""
    free = [(name, power) for name, power in parts if name in _VARIABLES and name not in bound]
    letters = dict(free)
    fixed = [
        part for name, power in parts if name not in letters for part in _substituted(name, power, bound)
    ]
    if len(free) > 1:
        # such as B/A: what stands above is the one, what stands below the other
        for name, power in free:
            side = tuple((part, inner * power) for part, inner in given.parts if inner * power > 0)
            bound[name] = _made(side)
        return
    ((letter, power),) = free
    left = list(given.parts)
    like = {part: _like(part, left) for part in fixed}
    if fixed and not any(like.values()):
        shown = "/".join(_text(_substituted(name, 1, bound)) for name, _ in parts)
        why = f"{letter} may be any unit, but the rest has to be there"
        if any(_like(part, _inverse(given)) for part in fixed):
            why = f"it is the wrong way round; give it in {_text(_inverse(given))}"
        raise UnitMismatch(str(given), shown, why)
    for one in like.values():
        if one in left:
            left.remove(one)
    # what a rate says nothing about stays: USD/GPU at CNY/USD is CNY/GPU
    left += [(name, -inner) for (name, inner), one in like.items() if one is None]
    rest = tuple((name, inner * power) for name, inner in left)
    bound[letter] = _made(rest) if number == 1 else _smaller(_made(rest), number)


def _like(part: tuple[str, int], among: Iterable[tuple[str, int]]) -> tuple[str, int] | None:
    """Return the first factor that can be converted to another."""
    wanted = _made((part,)).dimensions
    return next((one for one in among if _made((one,)).dimensions == wanted), None)


def _smaller(unit: Unit, by: float) -> Unit:
    """Return the unit of which so many make this one: FLOP/s for TFLOP/s, where 1e12 is asked for."""
    for place, (_, power) in enumerate(unit.parts):
        if power != 1:
            continue
        for other in definitions():
            parts = (*unit.parts[:place], (other, 1), *unit.parts[place + 1 :])
            made = _made(parts)
            if made.dimensions == unit.dimensions and math.isclose(
                made.scale * by, unit.scale, rel_tol=1e-12
            ):
                return made
    raise UnitMismatch(
        str(unit), f"{by:g} of a unit", "an amount in trillions is asked for, such as TFLOP/s or TB/s"
    )


def _resolved(unit: str, bound: Mapping[str, Unit]) -> str | None:
    if unit in NO_QUANTITY or not _letters(unit) <= bound.keys():
        return None
    number, parts = split(unit, _VARIABLES)
    return _text([one for name, power in parts for one in _substituted(name, power, bound)], number)


# --------------------------------------------------------------------------- likely causes
_NEAR = 0.05
"""A cause is named only if it brings the recomputed value this close to the printed one.

Words such as "at least", and figures of one digit, would let almost any factor fit.
"""

_SLIPS: tuple[tuple[float, str, str], ...] = (
    (
        10,
        "ten times too large: a slip of one decimal place, or 億 (1e8) taken for a billion",
        "ten times too small: a slip of one decimal place, or a billion taken for 億 (1e8)",
    ),
    (
        1000,
        "a thousand times too large: thousand, million, billion or trillion mixed up",
        "a thousand times too small: thousand, million, billion or trillion mixed up",
    ),
    (
        100,
        "a hundred times too large: a slip of two decimal places, or 万 (1e4) taken for a million",
        "a hundred times too small: a slip of two decimal places, or a million taken for 万 (1e4)",
    ),
    (
        1e4,
        "ten thousand times too large: a 万 (1e4) too many, or 億 (1e8) taken for a trillion",
        "ten thousand times too small: a 万 (1e4) left out, or a trillion taken for 億 (1e8)",
    ),
    (1e6, "a million times too large: a million too many", "a million times too small: a million left out"),
    (1e8, "1e8 times too large: an 億 (1e8) too many", "1e8 times too small: an 億 (1e8) left out"),
)
_SWAPPED_TIMES = {
    "second": ("minute", "hour"),
    "minute": ("second", "hour"),
    "hour": ("day", "minute", "second"),
    "day": ("hour", "year"),
    "month": ("year",),
    "year": ("month", "day"),
}
"""The units of time whose ratio is 60, 3600, 24, 365 or 12."""


def likely_cause(
    printed: float,
    recomputed: float,
    unit: str | None,
    fits: Callable[[float], bool],
    rates: Mapping[str, float],
) -> str | None:
    """Name the one factor that would make a wrong figure right.

    Tried in this order, the first that fits is named: a currency instead of another; GiB and the like
    instead of GB and the like; a power of ten (10, 1000, 100, 1e4, 1e6, 1e8); 1024, then 8, within bytes;
    a unit of time instead of another (24, 60, 3600, 12, 365). Factors of currencies, bytes and times are
    tried only where the unit has one.

    Args:
        printed: The figure as printed, in ``unit``.
        recomputed: What it should be, in ``unit``.
        unit: Its unit, or None.
        fits: Whether a value agrees with the printed figure at the precision its digits show.
        rates: Exchange rates by their unit, such as ``{"CNY/USD": 7.27}``.

    Returns:
        A short phrase on what the article may have done; None if the figure holds, if nothing fits, or if
        what fits lies further than 5 % from the printed value.

    Raises:
        InputError: ``unit`` is no unit.

    >>> likely_cause(17e9, 1.72e9, "USD", lambda value: abs(value - 17e9) < 5e8, {"CNY/USD": 7.27})
    'ten times too large: a slip of one decimal place, or 億 (1e8) taken for a billion'
    >>> likely_cause(764e9, 820.16e9, "byte", lambda value: abs(value - 764e9) < 5e8, {})
    'fits in GiB instead of GB'
    """
    if fits(recomputed) or not all(0 < abs(value) < math.inf for value in (printed, recomputed)):
        return None
    parts = split(unit)[1] if unit else ()
    if parts == (("rank", 1),):  # a place is wrong by a neighbour, not by a factor
        return None
    for by, phrase in _causes(printed, parts, rates):
        value = recomputed * by
        if abs(value / printed - 1) <= _NEAR and fits(value):
            return phrase
    return None


def _causes(
    printed: float, parts: tuple[tuple[str, int], ...], rates: Mapping[str, float]
) -> Iterable[tuple[float, str]]:
    for name, power in parts:
        if name in CURRENCIES:
            yield from _in_other_money(name, power, parts, rates)
    for name, power in parts:
        yield from _in_other_bytes(name, power, abs(printed), parts)
    for by, large, small in _SLIPS:
        yield by, large
        yield 1 / by, small
    for name, power in parts:
        if name in BYTES or name in BINARY_BYTES:
            for by in (1024.0, 8.0):
                said = "bits taken for bytes" if by == 8 else "a step of 1024 between units of bytes"
                yield by**power, f"{by:g} times too {'large' if power > 0 else 'small'}: {said}"
                yield by**-power, f"{by:g} times too {'small' if power > 0 else 'large'}: {_back(said)}"
        for other in _SWAPPED_TIMES.get(name, ()):
            times = TIMES | {"month": TIMES["year"] / 12}
            by = times[name] / times[other]
            yield by**power, _fits_in(name, other, parts)
            yield by**-power, _taken_for(name, other)


def _back(said: str) -> str:
    return "bytes taken for bits" if "bits" in said else said


def _fits_in(name: str, other: str, parts: tuple[tuple[str, int], ...], note: str = "") -> str:
    swapped = [(other if one == name else one, power) for one, power in parts]
    return f"fits in {_text(swapped)} instead of {_text(parts)}{note}"


def _taken_for(really: str, taken: str) -> str:
    return f"fits if the article took an input in {really} for one in {taken}"


def _in_other_money(
    name: str, power: int, parts: tuple[tuple[str, int], ...], rates: Mapping[str, float]
) -> Iterable[tuple[float, str]]:
    for pair, rate in rates.items():
        quote, _, base = pair.partition("/")
        if name == base:
            yield rate**power, _fits_in(name, quote, parts, f" ({rate:.6g})")
        elif name == quote:
            yield (1 / rate) ** power, _fits_in(name, base, parts, f" ({rate:.6g})")


def _in_other_bytes(
    name: str, power: int, printed: float, parts: tuple[tuple[str, int], ...]
) -> Iterable[tuple[float, str]]:
    """Yield decimal units of bytes instead of binary ones, and the other way round."""
    pairs = [(decimal, f"{decimal[0].upper()}iB") for decimal in BYTES if decimal != "byte"]
    # nobody prints 764 billion bytes: the unit meant is the largest below the figure
    meant = [pair for pair in reversed(pairs) if BYTES[pair[0]] <= printed] if name == "byte" else []
    for decimal, binary in meant[:1]:
        by = BYTES[decimal] / BINARY_BYTES[binary]
        yield by**power, f"fits in {binary} instead of {decimal}"
        yield by**-power, _taken_for(decimal, binary)
    for decimal, binary in pairs:
        by = BYTES[decimal] / BINARY_BYTES[binary]
        if name == decimal:
            yield by**power, _fits_in(name, binary, parts)
            yield by**-power, _taken_for(decimal, binary)
        elif name == binary:
            yield by**-power, _fits_in(name, decimal, parts)
            yield by**power, _taken_for(binary, decimal)
