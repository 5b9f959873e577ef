"""What a notebook hands back in its outputs, and reading it out of an executed notebook.

A notebook writes no file. Its figures, its finding and its verdicts stand in its outputs as MIME bundles;
whoever executed it takes them from there.
"""

from __future__ import annotations

import html
import io
import re
import urllib.parse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from costcheck.claims import Verdict, articles, verdicts
from costcheck.claims.kinds import LOOKS, PREMISES
from costcheck.claims.verdict import COLUMNS
from costcheck.errors import unknown
from costcheck.prices.book import PriceBook
from costcheck.text.numbers import readable

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

SVG = "image/svg+xml"
SVG_DPI = 72
"""The points in an inch, which is what matplotlib writes SVG with whatever a figure's own resolution."""
ROWS = "application/vnd.costcheck.verdicts+json"
Bundle = tuple[dict[str, Any], dict[str, Any]]


@dataclass(frozen=True)
class Shown:
    """A figure as a notebook shows it: SVG with an alternative text."""

    name: str
    svg: str
    alt: str

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        # JupyterLab shows an image of HTML in a notebook it does not trust yet, with its alternative text;
        # the SVG as such is for everything else.
        address = "data:image/svg+xml," + _quoted(self.svg.replace("\n", " "))
        image = f'<img alt="{html.escape(self.alt)}" style="max-width:100%" src="{address}">'
        data = {SVG: self.svg, "text/html": image, "text/plain": f"{self.name}: {self.alt}"}
        return data, {"costcheck": {"figure": self.name, "alt": self.alt}}


SAFE = " /:=;,.()'-+@"
UNSAFE = sorted((c for c in map(chr, range(128)) if urllib.parse.quote(c, SAFE) != c), key="%".__ne__)
"""What is quoted in an address, the per cent sign first."""


def _quoted(text: str) -> str:
    """Quote a text in a fraction of the time that `urllib.parse.quote` takes for as long a one as a figure.

    >>> _quoted('<svg id="é">100%')
    '%3Csvg id=%22%C3%A9%22%3E100%25'
    """
    for character in UNSAFE:
        text = text.replace(character, f"%{ord(character):02X}")
    return re.sub(r"[^\0-\x7f]+", lambda found: urllib.parse.quote(found[0]), text)


def show(figure: Figure, name: str, alt: str) -> Shown:
    """Show a figure as SVG, the same byte for byte on every run: the last expression of a notebook's cell.

    ``name`` is the file it becomes, without suffix; ``alt`` what it says, for those who cannot see it.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    from costcheck.notebook.plots.style import STYLE

    written = io.StringIO()
    with mpl.rc_context():
        # ticks are made only now, and would follow the settings of whoever runs this
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE | {"svg.hashsalt": name, "svg.fonttype": "path"})
        FigureCanvasSVG(figure)
        if layout := figure.get_layout_engine():
            # savefig would draw everything once more, only to lay it out
            figure.set_dpi(SVG_DPI)
            layout.execute(figure)
            figure.set_layout_engine("none")
        figure.savefig(written, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    # Only the element itself: a prolog would stand as rubbish in a page, and repeat the same in every file.
    svg = written.getvalue()
    svg = re.sub(r"\n\s*", "\n", svg[svg.index("<svg") :])
    label = html.escape(" ".join(alt.split()), quote=True)
    head, _, rest = svg.partition(">")
    svg = f'{head} role="img" aria-label="{label}"><title>{label}</title>{rest}'
    return Shown(name, svg, " ".join(alt.split()))


@dataclass(frozen=True)
class Markdown:
    """Text for people, with numbers that come from code."""

    text: str

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        return {"text/markdown": self.text, "text/plain": self.text}, {}


def say(text: str) -> Markdown:
    """Show a sentence: Markdown whose numbers come from code.

    >>> say(f"It takes {1 + 1} hours.").text
    'It takes 2 hours.'
    """
    return Markdown(" ".join(text.split()))


@dataclass(frozen=True)
class Verdicts(Sequence[Verdict]):
    """Verdicts as a notebook shows them: a table to read, and rows to take out."""

    found: tuple[Verdict, ...]

    @overload
    def __getitem__(self, index: int | str) -> Verdict: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Verdict]: ...
    def __getitem__(self, index: int | str | slice) -> Verdict | Sequence[Verdict]:
        if not isinstance(index, str):
            return self.found[index]
        by_id = {verdict.claim.id: verdict for verdict in self.found}
        if index not in by_id:
            raise unknown("claim", index, by_id)
        return by_id[index]

    def __len__(self) -> int:
        return len(self.found)

    def frame(self) -> pd.DataFrame:
        """Return a data frame by claim id: the columns of results.csv, numbers as numbers, and kinds.

        Kind and premise are categories, and kinds are ordered from best to worst.

        >>> frame = check("01_training_time", PriceBook.article()).frame()
        >>> frame.at["Z47", "recomputed"].round(1), frame["kind"].value_counts()["holds"]
        (np.float64(3520.5), np.int64(9))
        """
        import pandas as pd

        frame = pd.DataFrame([verdict.row() for verdict in self], columns=COLUMNS).set_index("id")
        for column in ("value", "recomputed", "ratio", "at_your_prices"):
            frame[column] = pd.to_numeric(frame[column], errors="coerce")
        looks = [verdict.arithmetic.look.words for verdict in self]
        frame["kind"] = pd.Categorical(looks, [look.words for look in LOOKS], ordered=True)
        frame["premise"] = pd.Categorical(
            [verdict.premise for verdict in self], [look.words for look in PREMISES.values()]
        )
        return frame

    def __repr__(self) -> str:
        return "\n".join(
            f"{verdict.claim.id:5}{readable(verdict.recomputed, verdict.claim.unit) or '-':24}"
            f"{verdict.arithmetic!s:28}{verdict.premise or ''}".rstrip()
            for verdict in self
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        rows = [verdict.row() for verdict in self]
        return {"text/html": self._table(), "text/plain": repr(self), ROWS: rows}, {}

    def _table(self) -> str:
        lines = [
            {
                "claim": verdict.claim.id,
                "printed": verdict.claim.printed,
                "what it says": verdict.claim.about,
                "recomputed": readable(verdict.recomputed, verdict.claim.unit),
                "arithmetic": f"{verdict.arithmetic.look.mark} {verdict.arithmetic}",
                "premise": f"{PREMISES[verdict.premise].mark} {verdict.premise}".strip()
                if verdict.premise
                else "",
                "at your prices": readable(verdict.at_your_prices, verdict.claim.unit),
                "note": verdict.note,
            }
            for verdict in self
        ]
        head, body = _line("th", lines[0] if lines else ()), (_line("td", line.values()) for line in lines)
        table = ('<table class="costcheck"><thead>', head, "</thead><tbody>", *body, "</tbody></table>")
        return "\n".join(table)


def _line(cell: str, texts: Iterable[str]) -> str:
    style = 'style="text-align:left;vertical-align:top"'
    return "<tr>" + "".join(f"<{cell} {style}>{html.escape(text)}</{cell}>" for text in texts) + "</tr>"


def check(notebook: str | None, prices: PriceBook) -> Verdicts:
    """Check the claims that belong to a notebook, or all where it is ``None``: its last code cell.

    >>> [verdict.claim.id for verdict in check("01_training_time", PriceBook.article())][:3]
    ['Z45', 'Z46', 'Z47']
    """
    known = {claim.notebook for article in articles() for claim in article.claims}
    if notebook is not None and notebook not in known:
        raise unknown("notebook", notebook, known)
    return Verdicts(tuple(verdicts(prices, notebook=notebook)))
