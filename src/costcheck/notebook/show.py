"""What a notebook, which writes no file, hands back in its outputs: figures, sentences and verdicts."""

from __future__ import annotations

import html
import io
import re
import urllib.parse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

from costcheck.claims import Verdict, articles, verdicts
from costcheck.claims.kinds_and_colours import LOOKS, PREMISES, Kind, Premise
from costcheck.claims.verdict import COLUMNS, shown
from costcheck.errors import unknown
from costcheck.prices.book import PriceBook

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

SVG = "image/svg+xml"
HEADINGS = (
    *("claim", "printed", "what it says", "recomputed", "arithmetic", "premise", "at your prices", "note"),
)
ROWS = "application/vnd.costcheck.verdicts+json"
Bundle = tuple[dict[str, Any], dict[str, Any]]


@dataclass(frozen=True, eq=False)
class Shown:
    """A figure as a notebook shows it: SVG with an alternative text."""

    name: str
    figure: Figure
    alt: str

    @property
    def ax(self) -> Any:
        """Its axes, or a list of them, to go on with in matplotlib: what is added is drawn as well."""
        self.__dict__.pop("svg", None)
        axes = self.figure.axes
        return axes[0] if len(axes) == 1 else axes

    @cached_property
    def svg(self) -> str:
        """The figure, the same byte for byte on every run."""
        return _svg(self.figure, self.name, self.alt)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        # JupyterLab shows an image of HTML in a notebook it does not trust yet, with its alternative text;
        # the SVG as such is for everything else.
        address = "data:image/svg+xml," + _quoted(self.svg.replace("\n", " "))
        image = f'<img alt="{html.escape(self.alt)}" style="max-width:100%" src="{address}">'
        data = {SVG: self.svg, "text/html": image, "text/plain": f"{self.name}: {self.alt}"}
        return data, {"costcheck": {"figure": self.name, "alt": self.alt}}


SAFE = " /:=;,.()'-+@"
QUOTED = str.maketrans({sign: urllib.parse.quote(sign, SAFE) for sign in map(chr, range(128))})


def _quoted(text: str) -> str:
    """Quote a text faster than `urllib.parse.quote` does one as long as a figure."""
    return re.sub(r"[^\0-\x7f]+", lambda signs: urllib.parse.quote(signs[0]), text.translate(QUOTED))


def show(figure: Figure, name: str, alt: str) -> Shown:
    """Show a figure as SVG, the same byte for byte on every run: the last expression of a notebook's cell.

    ``name`` is the file it becomes, without suffix; ``alt`` what it says, for those who cannot see it.
    """
    shown = Shown(name, figure, " ".join(alt.split()))
    _ = shown.svg  # a mistake in drawing stops the cell, while one in showing would only be logged
    return shown


def _svg(figure: Figure, name: str, alt: str) -> str:
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
            # with a layout engine, savefig would draw everything once more
            figure.set_dpi(72)  # the points in an inch, as in every SVG of matplotlib
            layout.execute(figure)
            figure.set_layout_engine(None)
        figure.savefig(written, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))
    # Only the element itself: a prolog would stand as rubbish in a page, and repeat the same in every file.
    svg = written.getvalue()
    svg = re.sub(r"\n\s*", "\n", svg[svg.index("<svg") :])
    label = html.escape(alt, quote=True)
    head, _, rest = svg.partition(">")
    return f'{head} role="img" aria-label="{label}"><title>{label}</title>{rest}'


@dataclass(frozen=True)
class Markdown:
    """Text for people, with numbers that come from code."""

    text: str

    def __str__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        return {"text/markdown": self.text, "text/plain": self.text}, {}


def say(text: str) -> Markdown:
    """Show a sentence: Markdown whose numbers come from code."""
    return Markdown(" ".join(text.split()))


def literal(text: str) -> str:
    r"""Write a text so that Markdown shows it as it is.

    >>> literal("a *bold* claim of $5 &amp; more")
    'a \\*bold\\* claim of \\$5 \\&amp; more'
    """
    return re.sub(r"([\\`*_{}\[\]<>#|$~&])", r"\\\1", text)


@dataclass(frozen=True)
class Verdicts(Sequence[Verdict]):
    """Verdicts as a notebook shows them: a table to read, and rows to take out."""

    verdicts: tuple[Verdict, ...]

    @overload
    def __getitem__(self, index: int | str) -> Verdict: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Verdict]: ...
    def __getitem__(self, index: int | str | slice) -> Verdict | Sequence[Verdict]:
        if not isinstance(index, str):
            return self.verdicts[index]
        by_id = {verdict.claim.id: verdict for verdict in self}
        if index not in by_id:
            raise unknown("claim", index, by_id)
        return by_id[index]

    def __len__(self) -> int:
        return len(self.verdicts)

    def sentence(self, *ids: str) -> Markdown:
        """Say what becomes of some printed figures, in a sentence for those of which the same can be said.

        >>> print(check("03_model_size", PriceBook.article()).sentence("Z17", "J08", "Z11"))
        Each of 约有820GB and 約820GB holds (Z17, J08). “70B is called the smallest size” is wrong (Z11).
        """
        alike: dict[str, list[Verdict]] = {}
        for id_ in ids:
            alike.setdefault(_predicate(self[id_]), []).append(self[id_])
        sentences = []
        for predicate, same in alike.items():
            printed = list(dict.fromkeys(map(_subject, same)))
            subject = f"Each of {' and '.join(printed)}" if len(printed) > 1 else printed[0]
            named = ", ".join(verdict.claim.id for verdict in same)
            sentences.append(literal(f"{subject} {predicate} ({named})."))
        return say(" ".join(sentences))

    def sums(self, *ids: str) -> Markdown:
        r"""Show sums step by step, each with what becomes of the figures printed for it.

        >>> print(check("04_context_and_data", PriceBook.article()).sums("J21"))
        - **English words the window holds**\
          128,000 token × 0.75 word/token = 96,000 words\
          約96,000語 holds (J21).
        """
        by_steps: dict[tuple[str, str, str], list[str]] = {}
        for id_ in ids:
            verdict = self[id_]
            about = literal(verdict.claim.about or verdict.claim.id)
            key = (
                f"{about[0].upper()}{about[1:]}",
                literal(verdict.steps),
                literal(verdict.steps_at_your_prices),
            )
            by_steps.setdefault(key, []).append(id_)
        lines = []
        for (about, steps, yours), same in by_steps.items():
            line = [
                f"- **{about}**",
                steps,
                f"at your prices: {yours}" * bool(yours),
                str(self.sentence(*same)),
            ]
            lines.append("\\\n  ".join(filter(None, line)))
        return Markdown("\n".join(lines))

    def frame(self) -> pd.DataFrame:
        """Return a data frame by claim id: the columns of results.csv, and kinds from best to worst.

        >>> frame = check("01_training_time", PriceBook.article()).frame()
        >>> frame.at["Z47", "recomputed"].round(1), frame.at["Z47", "kind"]
        (np.float64(3520.5), 'holds')
        """
        import pandas as pd

        frame = pd.DataFrame([verdict.record() for verdict in self], columns=COLUMNS).set_index("id")
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
            f"{verdict.claim.id:5}{shown(verdict.recomputed, verdict.unit) or '-':24}"
            f"{verdict.arithmetic!s:27} {verdict.premise or ''}".rstrip()
            for verdict in self
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> Bundle:
        rows = [verdict.row() for verdict in self]
        return {"text/html": self._table(), "text/plain": repr(self), ROWS: rows}, {}

    def _table(self) -> str:
        lines = ['<table class="costcheck"><thead>', _line("th", HEADINGS), "</thead><tbody>"]
        for verdict in self:
            claim, premise = verdict.claim, verdict.premise
            yours = verdict.at_your_prices_marked
            if verdict.changed:
                yours += f": {verdict.verdict_at_your_prices}"
            cells = (
                *(claim.id, claim.printed, claim.about, shown(verdict.recomputed, verdict.unit)),
                f"{verdict.arithmetic.look.mark} {verdict.arithmetic}",
                f"{PREMISES[premise].mark} {premise}".strip() if premise else "",
                *(yours, verdict.note),
            )
            lines.append(_line("td", cells))
        return "\n".join([*lines, "</tbody></table>"])


def _subject(verdict: Verdict) -> str:
    """Name a figure as printed, or what is said where words were read as one."""
    claim = verdict.claim
    return f"“{claim.about}”" if claim.reading or claim.printed.startswith("(") else claim.printed


def _predicate(verdict: Verdict) -> str:
    finding = verdict.arithmetic
    said = f"is {finding}" if finding.kind.is_mistake else str(finding)
    if verdict.kind in (Kind.ASSUMED, Kind.NOT_CHECKED):
        said = f"is {finding}"
    if verdict.premise is Premise.WRONG_CATEGORY:
        because = verdict.because.split(": ")[0].replace(", but", " and")
        said += " as a sum. But it" if verdict.kind.is_right else ", and it"
        said += f" {'is ' * because.startswith('offered')}{because}"
    if verdict.cause:
        said += f"; likely cause: {verdict.cause}"
    if verdict.changed:
        said += f"; at your prices it {verdict.verdict_at_your_prices}"
    return said


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
