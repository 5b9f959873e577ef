"""CSV that a spreadsheet may open: text from somebody else's file is never taken for a formula.

A spreadsheet computes a cell that begins with ``=``, ``+``, ``-`` or ``@``. Such a text gets an apostrophe in
front, which is how spreadsheets themselves mark text; `unguarded` takes it away again.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from types import SimpleNamespace

BLANK = " \u00a0\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff"
FORMULA = re.compile(rf"'*[{BLANK}]*[=+\-@＝＋－＠\t\r\n]")
"""How a text begins that a spreadsheet would compute, guarded or not, perhaps after blanks."""
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def guarded(text: str) -> str:
    r"""Mark a text as text where a spreadsheet would compute it.

    >>> guarded('=HYPERLINK("x")'), guarded("+20% or more"), guarded("-1.5"), guarded("17亿美金")
    ('\'=HYPERLINK("x")', "'+20% or more", '-1.5', '17亿美金')
    """
    return f"'{text}" if FORMULA.match(text) and not NUMBER.fullmatch(text) else text


def unguarded(text: str) -> str:
    """Return a text as it was before `guarded`."""
    return text[1:] if text.startswith("'") and FORMULA.match(text) else text


def csv_text(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> str:
    r"""Write rows as CSV with a header, texts guarded.

    >>> csv_text(["id", "printed"], [{"id": 1, "printed": "=1+1"}])
    "id,printed\n1,'=1+1\n"
    """
    lines: list[str] = []
    # Python quotes the characters that end a line, and a carriage return ends one for those who read
    writer = csv.DictWriter(SimpleNamespace(write=lines.append), columns, lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        cells = row.items()
        writer.writerow({name: guarded(cell) if isinstance(cell, str) else cell for name, cell in cells})
    return "".join(line.removesuffix("\r\n") + "\n" for line in lines)
