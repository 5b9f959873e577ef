"""Web pages as the text a person reads: without menus and scripts, tables as in Markdown."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import zip_longest

_NEVER = {"script", "style", "noscript", "template", "svg", "iframe", "annotation", "title", "select"}
_AROUND = _NEVER | {"button", "nav", "form", "footer", "aside"}
"""What is left out: never words, and what stands around an article."""
_VOID = {"br", "img", "hr", "input", "meta", "link", "wbr", "col", "source", "area", "embed", "track"}
_INLINE = {
    "a", "abbr", "b", "bdi", "cite", "code", "em", "font", "i", "kbd", "mark", "math", "q", "s", "small",
    "span", "strong", "sub", "sup", "time", "u", "var", "wbr", "mi", "mn", "mo", "mrow", "msup", "img",
}  # fmt: skip


def read_page(html: str) -> tuple[str, str]:
    r"""Return the text and the title of a page; of its article alone where it marks one.

    >>> read_page("<nav>Menu</nav><h1>Costs</h1><p>10<sup>25</sup> FLOP<table><tr><td>H100<td>$2</table>")
    ('Costs\n\n10^25 FLOP\n\n| H100 | $2 |', 'Costs')
    """
    page = _Page(_AROUND)
    text, title = page.read(html)
    if len(text) < 500:  # a form around everything, a menu that never ends
        whole = _Page(_NEVER).read(html)
        text, title = whole if len(whole[0]) > 2 * len(text) else (text, title)
    return text, title


class _Page(HTMLParser):
    """Collects ``parts`` of text; what a cell or a raised number holds is taken out again when it ends."""

    def __init__(self, skipped: set[str]) -> None:
        super().__init__()
        self.skipped, self.skipping = skipped, list[str]()
        self.parts, self.title, self.heading = list[str](), "", ""
        self.articles, self.begun = list[tuple[int, int]](), list[int]()
        self.rows: list[list[str]] | None = None
        self.heads = list[bool]()
        """Of each row, whether it has header cells alone."""
        self.below: dict[int, tuple[int, str]] = {}
        """Cells that reach into the rows below: by column, how many, and what they say."""
        self.cell = self.raised = self.began_heading = -1
        self.spans = [1, 1]

    def read(self, html: str) -> tuple[str, str]:
        """Return the text and the title of a page."""
        self.feed(re.sub(r"<!\[[^>]*>", "", html))  # <![if IE]>, which the parser refuses
        self.close()
        self.handle_endtag("table")
        whole = "".join(self.parts)
        article = "\n\n".join("".join(self.parts[start:end]) for start, end in self.articles)
        text = article if len(article) > 0.2 * len(whole) else whole
        text = re.sub("\n{3,}", "\n\n", re.sub(" *\n *", "\n", text.replace("\u200b", "")))
        return re.sub("\n\n(?=- )", "\n", text.strip()), " ".join((self.heading or self.title).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        given = {name: value or "" for name, value in attrs}
        is_hidden = "hidden" in given or "display:none" in given.get("style", "").replace(" ", "").lower()
        if self.skipping or tag in self.skipped or is_hidden:
            if tag not in _VOID and self.skipping[-1:] in ([], [tag]):
                self.skipping.append(tag)
            return
        self._block(tag)
        if tag in ("article", "main"):
            self.begun.append(len(self.parts))
        elif tag == "li":
            self.parts.append("- " * (self.cell < 0))
        elif tag == "sup":
            self.raised = len(self.parts)
        elif tag == "h1":
            self.began_heading = len(self.parts)
        elif tag == "table":
            if self.rows is not None:  # a table that lays out the page
                self._end_cell()
                self.parts += [cell + "\n\n" for row in self.rows for cell in row]
            self.rows, self.heads, self.below = [], [], {}
        elif tag in ("tr", "td", "th") and self.rows is not None:
            self._end_cell()
            if tag == "tr" or not self.rows:
                self.rows.append([])
                self.heads.append(True)
            if tag != "tr":
                self.heads[-1] &= tag == "th"
                self.cell = len(self.parts)
                spans = (given.get(f"{way}span", "") for way in ("col", "row"))
                self.spans = [int(span) if re.fullmatch("[1-9][0-9]?", span) else 1 for span in spans]

    def handle_endtag(self, tag: str) -> None:
        """End an element."""
        if self.skipping:
            if tag == self.skipping[-1]:
                self.skipping.pop()
            return
        if tag == "sup" and self.raised >= 0:
            self._lower()
        elif tag == "h1" and self.began_heading >= 0:
            self.heading = self.heading or "".join(self.parts[self.began_heading :])
        elif tag in ("td", "th"):
            self._end_cell()
        elif tag == "table" and self.rows is not None:
            self._end_cell()
            self._end_table()
        elif tag in ("article", "main") and self.begun:
            start = self.begun.pop()
            self.articles += [(start, len(self.parts))] * (not self.begun)
        self._block(tag)

    def handle_data(self, data: str) -> None:
        """Take in text."""
        if self.skipping == ["title"]:
            self.title += data
        elif not self.skipping:
            self.parts.append(re.sub(r"[ \t\n\r\f]+", " ", data))

    def _block(self, tag: str) -> None:
        if tag not in _INLINE:
            lines = "\n" if tag in ("br", "li", "tr") else "\n\n"
            self.parts.append(" " if self.cell >= 0 or self.rows else lines)

    def _taken(self, start: int) -> str:
        text = " ".join("".join(self.parts[start:]).split())
        del self.parts[start:]
        return text

    def _lower(self) -> None:
        """Write what is raised as in a plain text: an exponent as 10^25, a footnote as [1]."""
        text, before = self._taken(self.raised), "".join(self.parts[-3:])
        self.raised = -1
        if re.search(r"(?<![\d.,])10$", before) and re.fullmatch(r"[-+−]?\d+", text):
            text = f"^{text}"
        elif re.fullmatch(r"\[?[\d, ]+\]?|[*†‡]+", text):
            text = f" [{text.strip('[]')}]"
        self.parts.append(text)

    def _end_cell(self) -> None:
        if self.cell < 0 or not self.rows:
            return
        row, text = self.rows[-1], self._taken(self.cell).replace("|", "/")
        self._fill(row)
        columns, rows = self.spans
        for number in range(columns):
            self.below |= {len(row): (rows - 1, text)} if rows > 1 else {}
            row.append(text if number == 0 or self.heads[-1] else "")
        self.cell = -1

    def _fill(self, row: list[str]) -> None:
        """Repeat the cells that reach down from the rows above."""
        while len(row) in self.below:
            left, text = self.below.pop(len(row))
            self.below |= {len(row): (left - 1, text)} if left > 1 else {}
            row.append(text)

    def _end_table(self) -> None:
        rows, heads, self.rows = self.rows or [], self.heads, None
        names = list[str]()
        while rows and heads and len(rows[0]) > 1 and (heads[0] or (not names and _is_head(rows))):
            row, heads = rows.pop(0), heads[1:]
            names = [f"{above} {name}".strip() for above, name in zip_longest(names, row, fillvalue="")]
        lines = [names, ["---"] * len(names), *rows] if names else rows
        self.parts += ["\n\n", *(f"| {' | '.join(row)} |\n" for row in lines if any(row))]


def _is_head(rows: list[list[str]]) -> bool:
    """Say whether a first row without marks is the headers: words above figures."""
    digits = [any(re.search(r"\d", cell) for cell in row) for row in rows]
    return not digits[0] and any(digits) and all(rows[0])
