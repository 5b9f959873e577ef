"""Texts to read: plain text, Markdown, HTML, PDF, DOCX, from a file, an address or as they are."""

from __future__ import annotations

import contextlib
import heapq
import html
import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from costcheck.data.tables import file_bytes, is_date, today
from costcheck.data.yaml_nodes import CONTROLS
from costcheck.errors import InputError, unknown
from costcheck.reading.pages import read_page
from costcheck.text import log

LANGUAGES = {"en": "English", "zh": "Chinese", "ja": "Japanese"}
MOST_BYTES = 32 * 2**20
"""A PDF with pictures has that; a page of words far less."""
MOST_CHARACTERS = 4_000_000
"""Several novels."""
MOST_PAGES = 2000
_KINDS = "allowed: text, Markdown, HTML, PDF, DOCX"
_OTHER_SCRIPT = re.compile("[\u0370-\u1fff가-힣]")  # Greek to Ethiopic, and Korean
_ENGLISH = re.compile(
    r"\b(?:the|of|and|to|in|is|that|with|it|for|this|are|we|a|at|on|per|our|which|was|be|by|as|or|from|you|an"
    r"|its|each|than|not|have|has|if|but)\b", re.IGNORECASE
)  # fmt: skip
_NOT_ENGLISH = re.compile(
    r"\b(?:le|la|les|des|du|une|est|que|dans|nous|pour|avec|qui|sont|ce|cela|cette|coûte|der|das|und|ist|nicht"
    r"|ein|eine|mit|wir|für|auf|von|zu|den|sind|kostet|wie|auch|wird|los|las|por|una|para|como|más|di|che|il"
    r"|sono|della|het|een|van|voor|não|uma|dos)\b", re.IGNORECASE
)  # fmt: skip
"""The smallest words of English; and of French, German, Spanish, Italian, Dutch and Portuguese."""
_CHARSETS = {"gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "iso-8859-1": "cp1252"}
"""What browsers take the names of charsets for."""
_EAST_ASIAN = (
    ("Shift_JIS", "euc_jp", 0xCF, "[ぁ-んァ-ヶ]"),
    ("EUC-JP", "euc_jp", 0xCF, "[ぁ-んァ-ヶ]"),
    ("GBK", "gb2312", 0xD7, "[的年每元块，。、：]"),
)
"""Charsets; the code whose rows up to one hold the common characters; what every text has some of."""


@dataclass(frozen=True)
class Cell:
    """A cell of a table in a text: where it stands, the headers of its row and column, and the caption."""

    start: int
    end: int
    row: str
    column: str
    caption: str = ""


@dataclass(frozen=True)
class Document:
    """The text of an article as a person sees it, its language (en, zh, ja), and the cells of its tables."""

    text: str
    language: str
    name: str = "text"
    title: str = ""
    cells: tuple[Cell, ...] = ()
    has_own_lines: bool = False
    """Whether its lines are not those of a file, as of a page, a PDF or a DOCX."""


def read_document(source: Path | str | bytes, language: str | None = None, name: str = "") -> Document:
    r"""Read an article. The lines of plain text and Markdown stay those of the file.

    Args:
        source: A file (as a path), an address (https://...), or the article itself, as text or as what a
            file holds: plain text, Markdown, HTML, DOCX, or PDF, which takes the extra *reading*.
        language: en, zh or ja; by default it is found by the script of the text.
        name: What messages call it.

    Raises:
        InputError: It cannot be read, is too large, or is in a language that costcheck does not read.

    >>> document = read_document("# 费用\n训练用了**2048**块H800。")
    >>> document.language, document.title, document.text
    ('zh', '费用', '费用\n训练用了2048块H800。')
    """
    if language not in (None, *LANGUAGES):
        raise unknown("language", language or "", LANGUAGES)
    if isinstance(source, Path):
        name, data = name or source.name, file_bytes(source, MOST_BYTES)
    elif isinstance(source, str) and re.match(r"https?://\S+$", source):
        from costcheck.prices.feeds.fetch import download

        data, name = download(source, pages=True)
    else:
        data = source if isinstance(source, bytes) else source.encode("utf-8", "replace")
    name = name or "text"
    try:
        if len(data) > MOST_BYTES:
            raise InputError(f"larger than {MOST_BYTES // 2**20} MiB; allowed: up to that")
        text, title, has_own_lines = _text(data)
        if not re.search(r"\w", text):
            raise InputError("has no text: it is empty, or all scripts, menus or pictures")
        if len(text) > MOST_CHARACTERS:
            raise InputError(f"has {len(text):,} characters; allowed: up to {MOST_CHARACTERS:,}")
        language = language or _language(text)
    except InputError as error:
        raise error.placed(name) from None
    first = next(line for line in text.split("\n") if line.strip()).strip()
    title = title or first * (len(first) <= 200)
    return Document(text, language, name, title, tuple(_cells(text)), has_own_lines)


def _text(data: bytes) -> tuple[str, str, bool]:
    """Return the text of what a file holds, its title if it is marked as such, and whether it has own lines.

    Tables are as in Markdown.
    """
    if b"%PDF-" in data[:1024]:
        return _pdf(data), "", True
    if data.startswith(b"PK\x03\x04"):
        return *read_page(_docx(data)), True
    text = CONTROLS.sub(" ", re.sub("\r\n?", "\n", _decoded(data)))
    if re.search(r"<(?:!doctype html|html|head|body|article|table|div|p|h1)\b[^<]*>", text[:5000], re.I):
        return *read_page(text), True
    heading = re.search("^ {0,3}# +([^\n]*?)[ #]*$", text, re.M)
    for pattern, instead in _MARKS:
        text = re.sub(pattern, instead, text, flags=re.M | re.S)
    return text.rstrip(), heading[1] if heading else "", False


_MARKS = (
    (r"<!--.{,5000}?-->", lambda comment: "\n" * comment[0].count("\n")),
    (r"\[\^[^\]\n]{1,20}\]", ""),  # a footnote
    (r"!?\[([^\]\n]{,300})\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)?(?: \"[^\"\n]*\")?\)", r"\1"),
    (r"^ {0,3}#{1,6} +([^\n]*?)[ #]*$", r"\1"),
    (r"^ {0,3}(?:```|~~~)[^\n]*$", ""),
    (r"`([^`\n]+)`", r"\1"),
    (r"(\*\*|__)(?=\S)([^\n]*?\S)\1", r"\2"),
    (r"(?<![\w*])\*(?=[^\s*])([^*\n]*[^\s*])\*(?![\w*])", r"\1"),
    (r"(?<!\w)_(?=[^\s_])([^_\n]*[^\s_])_(?!\w)", r"\1"),
    (r"(?<=10)<sup>([-+−]?\d+)</sup>", r"^\1"),
    (r"<sup>\[?(\d{1,2})\]?</sup>", r" [\1]"),
    (r"</?(?:a|b|i|em|strong|sub|sup|span|u|br|kbd|code|p|div)\b[^>\n]*>", ""),
    (r"\\([*_$~#\[\]])", r"\1"),
    (r"\$([^$\n]*?)\\times ?([^$\n]*?)\$", r"\1×\2"),
)  # fmt: skip
"""The marks of Markdown, and what a reader sees in their place."""


def _decoded(data: bytes) -> str:
    """Return the text of bytes: UTF-8, UTF-16 with a byte-order mark, as the page declares, or East Asian."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        charset = "utf-16"
    else:
        declared = re.search(rb"(?i)<meta[^>]{0,200}charset=[\"' ]?([\w-]{2,30})", data[:4096])
        charset = declared[1].decode("ascii").lower() if declared else "utf-8"
    begun = data[:10_000]
    if charset != "utf-16" and (b"\0" in begun or sum(b < 32 and b not in b"\t\n\r\f" for b in begun) > 20):
        raise InputError(f"a binary file; {_KINDS}")
    try:
        return data.decode(_CHARSETS.get(charset, charset)).removeprefix("\ufeff")
    except LookupError:
        raise InputError(f"declares an unknown charset, {charset}; save it as UTF-8") from None
    except UnicodeDecodeError as error:
        if error.end >= len(data) and "end" in error.reason:
            raise InputError("ends in half a character: it is cut off; give the whole file") from None
        if text := _east_asian(data):
            return text
        line = data.count(b"\n", 0, error.start) + 1
        wrong = f"line {line} has a byte that is not {charset.upper()} (0x{data[error.start]:02x})"
        raise InputError(f"{wrong}; save it as UTF-8, or declare its charset as HTML does") from None


def _east_asian(data: bytes) -> str:
    """Return the text in the East Asian charset that makes it common characters, if one does."""
    for charset, code, last, often in _EAST_ASIAN:
        with contextlib.suppress(UnicodeDecodeError):
            text = data.decode(_CHARSETS.get(charset.lower(), charset))
            characters = re.sub("[\0-\x7f]+", "", text)[:10_000]
            rows = [each.encode(code, "replace")[0] for each in characters]
            common = sum(0xA1 <= row <= 0xA5 or 0xB0 <= row <= last for row in rows)
            if common > 0.9 * len(characters) and len(re.findall(often, characters)) > 0.02 * len(characters):
                log.note(f"not UTF-8: read as {charset}")
                return text
    return ""


def _language(text: str) -> str:
    """Return the language of a text, by its script and its smallest words."""
    kana, han = len(re.findall("[ぁ-ゖァ-ヺ]", text)), len(re.findall("[一-鿿]", text))
    words, other = len(re.findall("[A-Za-zÀ-ÿ]+", text)), _OTHER_SCRIPT.findall(text)
    what = ""
    if len(other) > max(20, kana + han + words):
        what = f"its letters are {unicodedata.name(other[0], 'of another script').split()[0].title()}"
    elif kana + han > 0.5 * words:
        return "ja" if kana > 0.05 * (kana + han) else "zh"
    elif len(_NOT_ENGLISH.findall(text)) > max(2, len(_ENGLISH.findall(text))):
        what = "its words are of another language"
    if what:
        raise InputError(
            f"does not look like English, Chinese or Japanese: {what}; if it is, say so (--lang en, zh, ja)"
        )
    return "en"


DELIMITER = re.compile(r"[ \t]*+\|?(?:[ \t]*:?-{2,}:?[ \t]*\|)+(?:[ \t]*:?-{2,}:?[ \t]*)?")
"""The line below the headers of a table."""


_ALIGNED = re.compile(r"\S+(?: \S+)*")
"""A cell of a table whose columns are set by spaces."""
_RULE = re.compile(r"[ \t]*[-=_─]{3,}(?:[ \t]+[-=_─]{3,})*[ \t]*")


def _cells(text: str) -> list[Cell]:
    """Return the cells of the tables of a text: lines with | in front, below |---|---|, or aligned."""
    cells, names, position, caption = list[Cell](), list[str](), 0, ""
    lines, is_table = text.split("\n"), False
    aligned = _aligned(lines)
    for number, (line, below) in enumerate(zip(lines, [*lines[1:], ""], strict=True)):
        is_head = ("|" in line and bool(DELIMITER.fullmatch(below))) or aligned.get(number) == "head"
        if number in aligned:
            places = [part.span() for part in _ALIGNED.finditer(line)]
        else:
            found = re.finditer(r"[ \t]*([^|\n]*?)[ \t]*(?:\||$)", line) if "|" in line else ()
            places = [(part.start(1), part.end(1)) for part in found]
            places = places[1:] if line.lstrip()[:1] == "|" else places
        row = [line[start:end] for start, end in places]
        is_table = is_head or number in aligned or (is_table and "|" in line) or line.startswith("| ")
        if is_head:
            names, caption = row, row[0] if row and re.search("\\bper\\b|每|あたり", row[0]) else caption
        elif is_table and not DELIMITER.fullmatch(line) and aligned.get(number) != "rule":
            for column, (start, end) in enumerate(places):
                # a number in front is no name of the row
                of = next((cell for cell in row[:column] if re.search(r"[^\W\d_]", cell)), "")
                name = names[column] if column < len(names) else ""
                if end > start:
                    cells.append(Cell(position + start, position + end, of, name, caption))
        elif not is_table:
            caption = (line.strip() or caption * (not names)) * (len(line) < 100)
            names = []
        position += len(line) + 1
    return cells


def _aligned(lines: Sequence[str]) -> dict[int, str]:
    """Return which lines are the heads, the rows and the rules of tables whose columns are set by spaces."""
    kinds, block, rules = dict[int, str](), list[int](), list[int]()
    for number, line in enumerate([*lines, ""]):
        count = len(_ALIGNED.findall(line)) if "|" not in line else 0
        if block and _RULE.fullmatch(line):
            rules.append(number)
        elif count > 1 and (not block or count == len(_ALIGNED.findall(lines[block[0]]))):
            block.append(number)
        else:
            ends = [bool(re.search(r"\d\S*$", lines[i].rstrip())) for i in block]
            if sum(ends) > 1 and all(ends[1:]):
                kinds |= dict.fromkeys(rules, "rule") | dict.fromkeys(block, "row")
                kinds |= {} if ends[0] else {block[0]: "head"}
            block, rules = [number] * (count > 1), []
    return kinds


def _pdf(data: bytes) -> str:
    import logging

    import pypdf
    import pypdf.errors

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise InputError("a PDF with a password; save it without one")
        if len(reader.pages) > MOST_PAGES:
            raise InputError(f"a PDF of {len(reader.pages):,} pages; allowed: up to {MOST_PAGES:,}")
        text = "\n\n".join(page.extract_text() for page in reader.pages)
    except InputError:
        raise
    except pypdf.errors.DependencyError:
        raise InputError("a PDF that is encrypted; save it without a password") from None
    except Exception as error:  # pypdf lets through whatever a broken file provokes
        log.detail(f"pypdf: {error!r}")
        raise InputError("a broken PDF; print the article to a new one") from None
    if len(re.findall(r"\w", text)) < 20:
        raise InputError("a PDF without text, perhaps a scan; recognise its text (OCR) first")
    return CONTROLS.sub(" ", re.sub("(?<=[a-z])-\n(?=[a-z])", "", text)).rstrip()


_TAGS = {"tbl": "table", "tr": "tr", "tc": "td", "p": "p"}
"""What a document of Word calls tables, rows, cells and paragraphs."""


def _docx(data: bytes) -> str:
    """Return a document of Word as a page."""
    from xml.parsers import expat

    parts, within = list[str](), [""]

    def begin(name: str, _: object) -> None:
        within.append(name.rpartition(":")[2])
        tag = _TAGS.get(within[-1])
        parts.append(f"<{tag}>" if tag else " " * (within[-1] in ("tab", "br")))

    def end(_: str) -> None:
        if tag := _TAGS.get(within.pop()):
            parts.append(f"</{tag}>")

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.CharacterDataHandler = lambda text: parts.append(html.escape(text) * (within[-1] == "t"))
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open("word/document.xml") as file:
            if len(xml := file.read(MOST_BYTES + 1)) <= MOST_BYTES:
                parser.Parse(xml, True)
    except KeyError:
        raise InputError(f"a ZIP file that is no DOCX; {_KINDS}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, ValueError, RuntimeError, expat.ExpatError) as error:
        raise InputError(f"a broken DOCX ({error})") from None
    if len(xml) > MOST_BYTES:
        raise InputError(f"a DOCX of more than {MOST_BYTES // 2**20} MiB")
    return "".join(parts)


def date_of(text: str) -> str | None:
    """Return the first day up to today that a text names, as an ISO date.

    >>> date_of("posted 23 July 2020"), date_of("至2099年1月1日，更新于 2023年9月6日"), date_of("no day")
    ('2020-07-23', '2023-09-06', None)
    """
    names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    month = rf"(?P<m>(?i:{'|'.join(names)})[a-z]*\.?)"
    patterns = (
        r"(?P<y>20\d\d) ?[-./年] ?(?P<m>\d{1,2}) ?[-./月] ?(?P<d>\d{1,2})(?!\d)",
        rf"(?P<d>\d{{1,2}}) {month},? (?P<y>20\d\d)",
        rf"{month} (?P<d>\d{{1,2}}),? (?P<y>20\d\d)",
    )
    named = (re.finditer(pattern, text) for pattern in patterns)
    for first in heapq.merge(*named, key=lambda match: match.start()):
        number = first["m"] if first["m"].isdecimal() else names.index(first["m"][:3].lower()) + 1
        day = f"{first['y']}-{int(number):02}-{int(first['d']):02}"
        if is_date(day) and day <= today():
            return day
    return None
