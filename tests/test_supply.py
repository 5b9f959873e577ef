"""What is installed: under which licence, and nothing that is not needed."""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")

ALLOWED = re.compile(
    r"0BSD|Apache|(3-Clause )?BSD|ISC|MIT|CC0-1\.0|PSF-2\.0|Python Software Foundation|Zlib|Unlicense|"
    r"Public Domain|MPL-2\.0|Mozilla Public License 2\.0"
)
"""How licences begin that ask for no more than their own text; and MPL-2.0, which asks for changes to its own
files: of those there are none here."""
READ_BY_HAND = {
    "axe-playwright-python": "MIT, in its file LICENSE; the axe-core in it is MPL-2.0. For tests alone.",
    "resvg-py": "MIT, in its file LICENSE; resvg was MPL-2.0 up to 0.44, is Apache-2.0 or MIT since.",
    "text-unidecode": "Artistic or GPL, as we choose: Artistic. Comes with frictionless, for tests alone.",
}
"""Those whose metadata name none, or one that is not allowed as a matter of course, and why they may stay."""


def name_of(requirement):
    return re.sub(r"[-_.]+", "-", re.match(r"[A-Za-z0-9._-]+", requirement)[0]).lower()


NAMES = {name_of(line) for line in LOCK.splitlines() if "==" in line}


def licences(distribution):
    """What a package says of its licence: alternatives, of each of which all must be allowed."""
    metadata = distribution.metadata
    if expression := metadata.get("License-Expression"):
        return [re.findall(r"[\w.-]+", each.replace(" AND ", " ")) for each in expression.split(" OR ")]
    classifiers = [line for line in metadata.get_all("Classifier", []) if "License ::" in line]
    stated = [line.split(" :: ")[-1] for line in classifiers] or [
        (metadata.get("License") or "none").splitlines()[0]
    ]
    return [[word for each in stated for word in each.split(" AND ")]]


def test_every_licence_is_one_that_may_stay_and_what_was_read_by_hand_is_still_needed_and_the_same():
    # others are for another platform or Python
    installed = {name_of(each.metadata["Name"]): each for each in importlib.metadata.distributions()}
    stated = {name: licences(installed[name]) for name in NAMES & installed.keys()}
    doubtful = {
        name for name, ways in stated.items() if not any(all(map(ALLOWED.match, way)) for way in ways)
    }
    assert doubtful == READ_BY_HAND.keys()
    assert len(stated) > 100
    for name in ("axe-playwright-python", "resvg-py"):
        files = installed[name].files
        (path,) = [file for file in files if re.search(r"licenses?/LICEN[CS]E", str(file))]
        text = installed[name].locate_file(path).read_text("utf-8")
        assert "Permission is hereby granted, free of charge" in text
