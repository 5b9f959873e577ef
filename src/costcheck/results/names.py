"""Names of scenarios and figures, which become names of folders and files."""

import unicodedata

MOST_SCENARIOS = 100_000
"""Scenarios in one file."""
LONGEST_NAME, LONGEST_NAME_BYTES = 100, 200
"""File systems allow 255 bytes, of which temporary names beside a folder take some."""
PUNCTUATION = " -_.,=+()"
DEVICES = {"con", "prn", "aux", "nul"} | {f"{port}{digit}" for port in ("com", "lpt") for digit in range(10)}
OURS = {"notebooks", "figures", "report.html", "results.csv", "results.parquet", "results.xlsx", "prices.csv"}


def refusal(name: str) -> str | None:
    """Return in a clause why a scenario cannot have a name: it would not do as that of a folder everywhere.

    >>> refusal("../x")
    "'/' is not allowed in a name; allowed are letters, digits, spaces and - _ . , = + ( )"
    >>> refusal("H100 rented, 3.49 (spot)")
    """
    if not name.strip():
        return "empty name"
    if len(name) > LONGEST_NAME or len(name.encode("utf-8", "replace")) > LONGEST_NAME_BYTES:
        most = f"at most {LONGEST_NAME}, and {LONGEST_NAME_BYTES} bytes in UTF-8"
        return f"a name of {len(name):,} characters; {most}"
    for character in name:
        category = unicodedata.category(character)
        if not (character in PUNCTUATION or category[0] in "LM" or category == "Nd"):
            listed = " ".join(PUNCTUATION.strip())
            return f"{character!r} is not allowed in a name; allowed are letters, digits, spaces and {listed}"
    for end, verb in ((name[0], "begins"), (name[-1], "ends")):
        if end in ". ":
            return f"{shown(name)} {verb} with a {'dot' if end == '.' else 'space'}"
    if folded(name).partition(".")[0].rstrip() in DEVICES:
        return f"{shown(name)} is a device on Windows, not a folder"
    if folded(name) in OURS:
        return f"{shown(name)} is what costcheck itself calls something in the folder of results"
    return None


def folded(name: str) -> str:
    """Return what is equal for names that some file system takes for the same."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", name).casefold())


def shown(text: str) -> str:
    """Quote a name, cut where it is too long for a message."""
    return repr(text if len(text) <= LONGEST_NAME else f"{text[:LONGEST_NAME]}...")
