"""Units as people write them, and their conversion: ``GB``, ``USD/GPU-hour``, ``token/s``, ``kgCO2e/kWh``.

A ``-`` or a space joins factors and binds tighter than a ``/``, which divides by all that follows:
``USD/GPU-hour`` and ``USD/GPU/hour`` are a dollar for each GPU-hour. What counts as what:

- GB is 1e9 byte, GiB 2^30 byte, Gb a gigabit, mW a milliwatt; FLOPS are FLOP/s, tons are metric.
- ``PFLOP/s-day`` is compute, a day at a PFLOP/s: the time multiplies, in ``FLOP/s-TIME`` alone.
- A year is 365 days, or 12 months. A month is no number of days, and a currency none of another.
- GPUs, TPUs, tokens, words and characters are quantities of their own: a GPU-hour is no hour. An H100 is a
  GPU. Other things counted may be left out on one side: ``byte`` fits ``byte/parameter``, ``t`` fits
  ``tCO2e``, but ``layer`` does not fit ``head``.
- ``1`` is a plain number. It fits a count, and nothing else. ``times`` and ``share of ...`` are plain numbers
  that read better; ``percent`` is a hundredth.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache

from costcheck.errors import LONGEST_NAME, InputError

Parts = tuple[tuple[str, int], ...]
MOST_MISSING = 3
"""Factors of a quantity that a person might have left out."""
CURRENCIES = (
    "USD", "CNY", "JPY", "EUR", "GBP", "INR", "KRW", "TWD", "HKD", "CHF", "AUD", "SEK", "NOK",
)  # fmt: skip
COUNTED = ("GPU", "TPU", "NPU", "CPU", "token", "word", "character")
"""Things counted that make a quantity of their own: a price a GPU is not a price."""
_NOUNS = """
answer article benchmark book chip CO2e company conversation core country customer developer document
element email employee epoch event example expert file group head household image instance interruption
invoice item iteration job language layer machine model node order page parameter patient person photo query
question rack rank replica reply request run sample score seat sequence server session size step student
task ticket user vehicle video visit
"""
NOUNS = frozenset((*_NOUNS.split(), "Elo point"))
"""Things counted that a unit may leave out."""
_A_COUNT = [((name, 1),) for name in COUNTED]
TIMES: dict[str, int | Fraction] = {
    "ms": Fraction("1e-3"), "second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800,
    "year": 31_536_000,
}  # fmt: skip
PERIODS = (*TIMES, "month")
_PREFIXES = {prefix: Fraction(1000) ** power for power, prefix in enumerate("m kMGTPEZY", -1)}
_SCALED: dict[str, tuple[int | Fraction, dict[str, int], str, str]] = {
    "B": (1, {"byte": 1}, "kMGTP", "byte"), "bit": (Fraction(1, 8), {"byte": 1}, "kMGTP", "bit"),
    "FLOP": (1, {"FLOP": 1}, "kMGTPEZY", "flop"), "tok": (1, {"token": 1}, "kMGT", "token"),
    "char": (1, {"character": 1}, "kM", "character"),
    "J": (1, {"J": 1}, "mkMGT", "joule"), "W": (1, {"J": 1, "second": -1}, "mkMGT", "watt"),
}  # fmt: skip
"""What prefixes are put before: how much it is in base units, which prefixes, the word for it."""
_BASES = ("byte", "month", "J", "A", "g", "litre", "FLOP", "nat", *CURRENCIES, *COUNTED, *sorted(NOUNS))
UNITS: dict[str, tuple[int | Fraction, dict[str, int]]] = {
    **{name: (1, {name: 1}) for name in _BASES},
    **{name: (scale, {"second": 1}) for name, scale in TIMES.items()},
    **{prefix + name: (_PREFIXES[prefix] * scale, powers)
       for name, (scale, powers, prefixes, _) in _SCALED.items() for prefix in prefixes},
    **{f"{prefix}iB": (2 ** (10 * power), {"byte": 1}) for power, prefix in enumerate("KMGT", 1)},
    **{f"{name}CO2e": (scale, {"g": 1, "CO2e": 1}) for name, scale in (("g", 1), ("kg", 1000), ("t", 10**6))},
    "kg": (1000, {"g": 1}), "t": (10**6, {"g": 1}), "m3": (1000, {"litre": 1}),
    "ml": (_PREFIXES["m"], {"litre": 1}), "gallon": (Fraction("3.785411784"), {"litre": 1}),
    "V": (1, {"J": 1, "second": -1, "A": -1}), "W": _SCALED["W"][:2], "bit": _SCALED["bit"][:2],
    "percent": (Fraction("0.01"), {}), "times": (1, {}),
}  # fmt: skip
"""Every unit: how much it is in base units, and the powers of those."""
_ALIASES = {
    "second": "s sec", "minute": "min", "hour": "h hr", "month": "mo", "year": "yr", "ms": "millisecond",
    "kB": "KB", "kbit": "kb", "Mbit": "Mb", "Gbit": "Gb", "Tbit": "Tb", "Pbit": "Pb", "percent": "%",
    "t": "ton tonne", "g": "gram", "kg": "kilogram", "litre": "l L liter", "gallon": "gal",
    "V": "volt", "A": "amp ampere", "ml": "mL millilitre milliliter", "token": "tok",
    "parameter": "param", "character": "char", "person": "people", "J": "joule", "W": "watt", "USD": "dollar",
    "CNY": "yuan RMB", "JPY": "yen", "EUR": "euro", "GBP": "pound", "INR": "rupee", "KRW": "won",
    "GPU": "V100 A100 A800 B100 B200 B300 H20 H100 H200 H800 GB200 GB300 L40S MI250 MI300X",
}  # fmt: skip
SPELLINGS = {name: name for name in (*UNITS, "1")} | {"share": "1", "percentage point": "percent"}
SPELLINGS |= {alias: name for name, aliases in _ALIASES.items() for alias in aliases.split()}
_LONG = dict(zip(["kilo", "mega", "giga", "tera", "peta", "exa", "zetta", "yotta"], "kMGTPEZY", strict=True))
_WORDS = {word: name for name, (*_, word) in _SCALED.items()}
_MANY = {"k": "k", "m": "M", "b": "G", "g": "G", "t": "T"}
_REWRITTEN = (
    (r" ?(?:/|\bper\b) ?", "/"),
    (r"\b(t|g|kg)(?:ons?|onnes?|rams?)?(?: of)?[ -]?CO[2₂](?:e|-?eq)?\b", r"\1CO2e"),
    (r"\b(?:1 ?)?([kKMGBT]|million|billion) ?[tT]ok(?:en)?s?\b", lambda of: _MANY[of[1][0].lower()] + "tok"),
    (rf"\b({'|'.join(_LONG)})({'|'.join(_WORDS)})(?!(?<=flop)s\b)", lambda of: _LONG[of[1]] + _WORDS[of[2]]),
    (r"FLOPs?/s(?:ec|econd)?-(?=(?:minute|hour|hr|h|day|week|month|mo|year|yr)s?\b)", "FLOPS-"),
    (r"FLOPS\b", "FLOP-Hz"), (r"\b([kMGTP](?:b|B))ps\b", r"\1-Hz"), (r"\b([mkMGT]?W)h\b", r"\1-hour"),
)  # fmt: skip
"""What takes more than a name: dollars per hour, kg CO2-eq, 1M tokens, megabyte, PFLOP/s-day, TFLOPS, kWh."""


@dataclass(frozen=True)
class Unit:
    """A unit: its factors as written with their powers, and what it is in base units.

    >>> str(parse("GPU") * parse("USD/GPU-hour")), str(parse("request/day") / parse("request/day/server"))
    ('USD/hour', 'server')
    """

    parts: Parts
    size: Fraction = field(compare=False)
    """How much it is in base units, exactly."""
    dimensions: Parts = field(compare=False)

    def __str__(self) -> str:
        powers = [(name if abs(n) == 1 else f"{name}^{abs(n)}", n) for name, n in self.parts]
        above, below = ("-".join(name for name, n in powers if n * sign > 0) for sign in (1, -1))
        text = re.sub(r"\b([mkMGT]?W)-hour\b", r"\1h", f"{above or '1'}/{below}")
        text = re.sub(r"/second(\^\d+)?-?", r"/s\1/", text).rstrip("/")
        return re.sub(r"^(\w?FLOP)-(minute|hour|day|week|month|year)/s$", r"\1/s-\2", text)

    def __mul__(self, other: Unit) -> Unit:
        return made_of((*self.parts, *other.parts))

    def __truediv__(self, other: Unit) -> Unit:
        return self * other**-1

    def __pow__(self, power: float) -> Unit:
        if any(inner * power % 1 for _, inner in self.parts):
            raise InputError(f"{self} to the power of {power:g} is no unit")
        return made_of(tuple((name, int(inner * power)) for name, inner in self.parts))

    @property
    def scale(self) -> float:
        """How much it is in base units."""
        return float(self.size)

    @property
    def quantity(self) -> dict[str, int]:
        """Its dimensions without what it counts and might leave out."""
        return {name: power for name, power in self.dimensions if name not in NOUNS}

    def lowest(self) -> tuple[float, Unit]:
        """Cancel what can be converted; return how many of the unit that remains this is, and that unit.

        >>> by, unit = (parse("PFLOP/s-day") / parse("TFLOP/s")).lowest()
        >>> by, str(unit)
        (1000.0, 'day')
        """
        kinds: dict[Parts, dict[str, int]] = {}
        for name, power in self.parts:
            kind = made_of(((name, 1),)).dimensions
            in_months = name == "year" and "month" in dict(self.parts)
            kinds.setdefault((("month", 1),) if in_months else kind, {})[name] = power
        if len(kinds) > 1:
            kinds.pop((), {})  # percent
        unit = made_of(tuple((max(of, key=lambda n: abs(of[n])), sum(of.values())) for of in kinds.values()))
        return conversion(self, unit) or 1.0, unit


class UnitMismatch(InputError):  # noqa: N818 - says what it is, as InputError's other kinds would
    """A quantity is in a unit that cannot be converted to the one wanted; ``why`` is the likely cause."""

    def __init__(self, given: str, wanted: str, why: str, formula: str = "", argument: str = "") -> None:
        where = f"{formula}, argument {argument}: " if formula else ""
        super().__init__(f"{where}{given} does not fit {wanted}: {why}")
        self.given, self.wanted, self.why = given, wanted, why
        self.formula, self.argument = formula, argument


@cache
def parse(text: str, also: tuple[str, ...] = ()) -> Unit:
    """Read a unit, such as ``USD/GPU-hour``; ``also`` are names that stand for any unit in a formula.

    >>> str(parse("USD/GPU-hours")), parse("GB").scale, parse("token/s").quantity
    ('USD/GPU-hour', 1000000000.0, {'second': -1, 'token': 1})
    """
    cleaned, where = " ".join(text.split()), f"unit {text[:LONGEST_NAME]!r}"
    if not 0 < len(cleaned) <= LONGEST_NAME:
        raise InputError(f"a unit is empty or above {LONGEST_NAME} characters; a plain number has the unit 1")
    if cleaned.startswith("share of "):  # what of is shown as it is: in terminals, charts and Markdown
        if not re.fullmatch(r"share of [\w -]+", cleaned):
            raise InputError("say a share of what in letters, digits, spaces, _ and -", where=where)
        return made_of(((cleaned, 1),))
    for pattern, instead in _REWRITTEN:
        cleaned = re.sub(pattern, instead, cleaned)
    parts = []
    for place, side in enumerate(cleaned.split("/")):
        for words in side.split("-"):
            for word in [words] if {words, words[:-1]} & SPELLINGS.keys() else words.split(" "):
                base, _, power = word.partition("^") if re.search(r"\^\d+$", word) else (word, "", "1")
                name, sign = ("second", -1) if base == "Hz" else (_named(base, where, also), 1)
                parts.append((name, int(power) * (-sign if place else sign)))
    return made_of(tuple(parts))


def _named(name: str, where: str, also: Iterable[str]) -> str:
    """Return the unit of a name; where there is none, propose one only if that cannot change the size."""
    if name in also or re.fullmatch(r"\d+(\.\d+)?(e\d{1,2})?", name):
        return name
    for spelling in (name, name.removesuffix("s"), re.sub("ies$", "y", name)):
        if spelling in SPELLINGS:
            return SPELLINGS[spelling]
    import difflib

    known = {**SPELLINGS, **{f"{watt}h": watt for watt in UNITS if watt.endswith("W") and len(watt) < 3}}
    folded = name.casefold().removesuffix("s") if len(name) > 1 else "no single letter"
    alike = [unit for unit in known if unit.casefold().removesuffix("s") == folded]
    if not name.islower() or len({known[unit] for unit in alike}) == 1:  # mw may be a milliwatt or a megawatt
        alike = [unit for unit in alike if unit[0] in (name[0], "k") or unit[1:] not in known]
    words = [unit for unit in known if unit[0] == name[:1] and unit[3:].islower() and unit[1:] not in known]
    alike = alike or difflib.get_close_matches(name, words, 1, 0.8)
    nearest = alike[0] if len({known[unit] for unit in alike}) == 1 else None
    what = f"unknown unit {name!r}" if name else "something is missing beside a / or a -"
    if name in ("B", "b", "m") or name.endswith("flops"):
        what += " (it may be read in several ways: write byte, bit, minute, month, TFLOP or TFLOP/s)"
    elif name and not nearest:
        what += "; write it as GB, USD/GPU-hour, token/s, percent or times; a count of anything else is 1"
    raise InputError(what, where=where, nearest=nearest)


@cache
def made_of(parts: Parts) -> Unit:
    """Return the unit of these factors; a year beside a month is 12 months."""
    size, dimensions, powers = Fraction(1), list[tuple[str, int]](), collected(parts)
    words = [name for name in powers if name == "times" or name.startswith("share of ")]
    for word in words if len(powers) > 1 else []:  # a plain number beside another unit
        del powers[word]
    for name, power in powers.items():
        scale, bases = UNITS.get(name, (1, {} if name in words else {name: 1}))
        if name[0].isdecimal():  # 1000, 2.5, 1e6
            scale, bases = Fraction(name), {}
        elif name == "year" and "month" in powers:
            scale, bases = 12, {"month": 1}
        size *= Fraction(scale) ** power if scale and abs(power) <= 100 else 0
        dimensions += [(base, inner * power) for base, inner in bases.items()]
    if not 1e-100 <= size <= 1e100:  # every factor is a number
        raise InputError("too large or too small a unit", where=f"unit {'-'.join(powers)[:60]!r}")

    def order(name: str) -> tuple[bool, int, str]:
        """Sort times last, but seconds first below: USD/GPU-hour, token/s/GPU."""
        is_below = powers[name] < 0
        return is_below, -1 if is_below and name == "second" else name in PERIODS, name

    ordered = tuple((name, powers[name]) for name in sorted(powers, key=order))
    return Unit(ordered, size, tuple(sorted(collected(dimensions).items())))


def collected(parts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Add up the powers of each factor; what cancels is gone."""
    powers: dict[str, int] = {}
    for name, power in parts:
        powers[name] = powers.get(name, 0) + power
    return {name: power for name, power in powers.items() if power and name != "1"}


@cache
def factor(given: str, wanted: str) -> float:
    """Return what a number in one unit is multiplied by to be in another.

    >>> factor("GB", "byte"), factor("percent", "1"), factor("1", "language"), factor("JPY/month", "JPY/year")
    (1000000000.0, 0.01, 1.0, 12.0)
    """
    ours, theirs = parse(given), parse(wanted)
    if (by := conversion(ours, theirs)) is None:
        raise UnitMismatch(str(ours), str(theirs), missing_between(ours, theirs))
    return by


@cache
def conversion(ours: Unit, theirs: Unit) -> float | None:
    """Return the factor from one unit to another; None where they measure different things."""
    scales, had = float(ours.size / theirs.size), ours.quantity
    without_nouns = had == theirs.quantity and len(had) in (len(ours.dimensions), len(theirs.dimensions))
    # a count or a ratio says nothing about what was counted
    counted = not ours.dimensions and ours.size == 1 and theirs.dimensions in _A_COUNT
    if ours.dimensions == theirs.dimensions or counted or (without_nouns and (had or scales == 1)):
        return scales
    if {"month", "year"} <= dict((*ours.parts, *theirs.parts)).keys():
        year, months = parse("year"), parse("12 month")
        years = [dict(unit.parts).get("year", 0) for unit in (ours, theirs)]
        return conversion(*(u / year**n * months**n for u, n in zip((ours, theirs), years, strict=True)))
    return None


def missing_between(ours: Unit, theirs: Unit) -> str:
    """Say what is probably missing between two units."""
    if ours.quantity == theirs.quantity:
        return "they count different things"
    if not ours.dimensions:
        return f"a plain number has no unit; give a quantity in {theirs}"
    way, gap = "multiply", (theirs / ours).lowest()[1]
    if re.match("1/|month/|USD/(CNY|JPY)$", str(gap)):
        way, gap = "divide", gap**-1
    if gap.quantity.keys() == {"month", "second"}:
        return f"a month has no fixed length; {way} by {gap}, such as 30 day/month or prices.days_in_month"
    if str(gap) in ("CNY/USD", "JPY/USD"):
        return f"{way} by prices.usd_{str(gap)[:3].lower()}, in {gap}"
    if str(gap) in COUNTED:
        return f"{way} by a number of {gap}s, unless a number in the sum includes it"
    if sum(abs(power) for _, power in gap.parts) > MOST_MISSING:
        return "they measure different things"
    return f"{way} by a quantity in {gap}"
