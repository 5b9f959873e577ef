"""Recompute what news articles print about the cost of a language model, and say which figures hold.

>>> import costcheck as cc
>>> cc.check(cc.prices(h100_usd=25_000))["Z51"].at_your_prices
1075000000.0
"""

TYPE_CHECKING = False  # typing takes longer to load than all else here
if TYPE_CHECKING:
    from costcheck import formulas as formulas
    from costcheck.notebook.checked import check as check
    from costcheck.prices import readers_prices
    from costcheck.reading import read as read

    prices = readers_prices

__version__ = "0.1.0"
_FACE = ("check", "formulas", "prices", "read")


def __getattr__(name: str) -> object:
    # only what is used is loaded: this package alone takes no time
    if name == "check":
        from costcheck.notebook.checked import check

        return check
    if name == "read":
        from costcheck.reading import read

        return read
    if name in _FACE:
        import importlib

        return importlib.import_module(
            f"costcheck.{name}"
        )  # calling the package of prices makes a price book
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_FACE})
