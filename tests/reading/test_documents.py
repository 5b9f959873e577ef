"""Texts of every kind, as a person reads them; what cannot be read is refused in a line."""

import io
import zipfile

import pytest
from pypdf import PdfWriter

from costcheck.errors import InputError
from costcheck.reading.documents import MOST_BYTES, read_document
from costcheck.reading.figures import quantities


def cells(document):
    return [(document.text[cell.start : cell.end], cell.row, cell.column) for cell in document.cells]


def pdf(*lines, password=""):
    """Write a PDF of one page by hand."""
    page = "BT /F1 12 Tf 14 TL 50 700 Td " + " ".join(f"({line}) Tj T*" for line in lines) + " ET"
    parts = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        " /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(page)} >>\nstream\n{page}\nendstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    data, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n{part}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"trailer << /Size 6 /Root 1 0 R >>\nstartxref\n{len(data)}\n%%EOF"
    data += f"xref\n0 6\n0000000000 65535 f \n{table}{end}".encode()
    if password:
        writer, locked = PdfWriter(clone_from=io.BytesIO(data)), io.BytesIO()
        writer.encrypt(password, algorithm="RC4-128")
        writer.write(locked)
        data = locked.getvalue()
    return data


def docx(body, name="word/document.xml", prefix="w:", charset="utf-8"):
    file, space = io.BytesIO(), "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    xml = f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>'
    xml = xml.replace("xmlns:w", f"xmlns:{prefix}".strip(":")).replace("<w:", f"<{prefix}")
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, xml.replace("</w:", f"</{prefix}").encode(charset))
    return file.getvalue()


def paragraph(text):
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def test_markdown_is_read_without_its_marks_and_line_by_line():
    text = "# Costs\n\nIt took **$48** on [8 H100s](https://a.b/c_(1)) `~$24/hr`.[^1]\n<!-- 7\n8 -->\nEnd"
    document = read_document(text)
    shown = "Costs\n\nIt took $48 on 8 H100s ~$24/hr.\n\n\nEnd"
    assert (document.text, document.title) == (shown, "Costs")
    assert [quantity.line for quantity in quantities(document)[0]] == [3, 3, 3]


def test_a_page_is_read_without_what_stands_around_its_article():
    page = (
        """<head><title>Site | Costs</title><style>p{width:5px}</style></head><nav>12 sections</nav>
    <article><h1>Costs</h1><p>It took 3&times;10<sup>25</sup> FLOP<sup>7</sup> and <b>$4</b>M.
    <p hidden>9 GPU</p><script>var x = 5;</script></article><footer>&copy; 2025</footer>"""
        + "<p>More " * 3
    )
    document = read_document(page)
    assert document.title == "Costs"
    assert document.text == "Costs\n\nIt took 3×10^25 FLOP [7] and $4M."


@pytest.mark.parametrize(
    "table",
    [
        "|Model|GPU hours|\n|:--|--:|\n|8B|1.46M|\n|405B|30.84M|",
        "Model | GPU hours\n--- | ---\n8B | 1.46M\n405B | 30.84M",
        "  Model  GPU hours\n  ----------------\n  8B     1.46M\n  405B   30.84M",
        "Model\tGPU hours\n8B\t1.46M\n405B\t30.84M",
        "<table><tr><th>Model<th>GPU hours<tr><td>8B<td>1.46M<tr><td>405B<td>30.84M</table>",
        "<table><tr><td><table><tr><td>Model</td><td>GPU hours</td></tr><tr><td>8B</td><td>1.46M</td></tr>"
        "<tr><td>405B</td><td>30.84M</td></tr></table></td></tr></table>",
        docx(
            "<w:tbl>"
            + "".join(
                f"<w:tr><w:tc>{paragraph(a)}</w:tc><w:tc>{paragraph(b)}</w:tc></w:tr>"
                for a, b in (("Model", "GPU hours"), ("8B", "1.46M"), ("405B", "30.84M"))
            )
            + "</w:tbl>"
        ),
    ],
    ids=["Markdown", "without outer bars", "by spaces", "by tabs", "HTML", "nested", "DOCX"],
)
def test_cells_have_the_headers_of_their_row_and_column(table):
    document = read_document(table)
    figures, _ = quantities(document)
    assert ("1.46M", "8B", "GPU hours") in cells(document)
    assert [(q.figure.value, q.figure.unit, q.row) for q in figures] == [
        (1.46e6, "GPU-hour", "8B"),
        (30.84e6, "GPU-hour", "405B"),
    ]


def test_words_far_apart_are_no_table():
    text = "Memo no. 5                         6 November 2024\n\nIt costs  $5.\nThat is all."
    assert cells(read_document(text)) == []


def test_a_cell_that_spans_rows_or_columns_counts_in_each():
    page = (
        "<table><tr><th>Card<th colspan=2>Price ($/hr)<tr><td rowspan=2>H100<td>2.99<td>1.99<tr><td>3.10<td>2"
    )
    found = cells(read_document(page))
    assert ("1.99", "H100", "Price ($/hr)") in found
    assert ("3.10", "H100", "Price ($/hr)") in found


def test_a_pdf_and_a_docx_are_read_across_the_ends_of_lines():
    lines = ("The whole run of the model in this paper used 54", "days on 8 H100s.")
    for data in (pdf(*lines), docx(paragraph("It used 54 days on 8 H100s."))):
        figures, _ = quantities(read_document(data))
        assert [q.figure.printed.replace("\n", " ") for q in figures] == ["54 days", "8 H100s"]


@pytest.mark.parametrize(("prefix", "charset"), [("", "utf-8"), ("", "utf-16"), ("w-1:", "utf-8")])
def test_a_docx_is_read_whatever_its_prefix_and_charset_and_as_cdata_too(prefix, charset):
    body = paragraph("8 &lt;b&gt; H100s") + paragraph("<![CDATA[5 < 6 GPUs]]>") + "<w:p><w:tabs/></w:p>"
    assert read_document(docx(body, prefix=prefix, charset=charset)).text == "8 <b> H100s\n\n5 < 6 GPUs"


CHINESE = "某公司采购了128块H800显卡，每块约20万元。"
JAPANESE = "512基のH100を60日間使い、費用は約221万ドルになる。"


@pytest.mark.parametrize(
    ("text", "charset", "name"),
    [
        (CHINESE, "gb18030", "GBK"),
        (f"# 8 H800 GPUs\r\n{CHINESE}", "gbk", "GBK"),
        (JAPANESE, "cp932", "Shift_JIS"),
        (f"① {JAPANESE}", "cp932", "Shift_JIS"),
        (JAPANESE, "euc_jp", "EUC-JP"),
    ],
)
def test_what_is_not_utf_8_is_read_in_the_charset_in_which_it_makes_sense(text, charset, name, capsys):
    document = read_document(text.encode(charset))
    assert document.text.endswith(text.splitlines()[-1])
    assert document.language == ("ja" if text.endswith(JAPANESE) else "zh")
    assert capsys.readouterr().err == f"costcheck: not UTF-8: read as {name}\n"


@pytest.mark.parametrize(
    ("data", "language"),
    [
        ("训练用了2048块H800".encode("utf-16"), "zh"),
        ('<meta charset="gb2312"><p>训练用了2048块H800</p>'.encode("gb18030"), "zh"),
        ("<html><meta charset=Shift_JIS><p>費用は約８億円です</p>".encode("cp932"), "ja"),
        ("It cost $5, says 36氪.".encode(), "en"),
        ("LLaMA 2ではA100が2,048枚".encode(), "ja"),
    ],
)
def test_charset_and_language_are_found(data, language):
    assert read_document(data).language == language


RUSSIAN = "Обучение модели обошлось компании в 5 миллионов долларов"
GERMAN = "Wir mieten 16 Karten, und das kostet 38 Dollar pro Stunde."


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (pdf("secret", password="x"), "password"),
        (pdf("It used 54 days.")[:200], "broken PDF"),
        (pdf(""), "scan"),
        (b"PK\x03\x04oops", "broken DOCX"),
        (docx(" " * (MOST_BYTES + 1)), "32 MiB"),
        (docx("", name="a.xml"), "no DOCX"),
        (b"word " * 10_000_000, "larger than 32 MiB"),
        (b"word " * 1_000_000, "allowed: up to 4,000,000"),
        (RUSSIAN.encode(), "its letters are Cyrillic; if it is, say so (--lang en, zh, ja)"),
        ("이 모델의 학습 비용은 약 500만 달러였다고 회사가 밝혔다".encode(), "Hangul"),
        (GERMAN.encode(), "article: does not look like English, Chinese or Japanese: its words are"),
        (b"Nous louons 16 H100 pour $2.40 par heure, et cela fait $38.40.", "(--lang en, zh, ja)"),
        ("训练\n".encode() + "费用".encode("gb18030") + b"\n", "line 2 has a byte that is not UTF-8"),
        (f"{CHINESE}\n".encode() + CHINESE.encode("gb18030"), "line 2 has a byte that is not UTF-8"),
        (RUSSIAN.encode("koi8-r"), "line 1 has a byte that is not UTF-8"),
        ("이 모델의 학습 비용은 약 500만 달러였다".encode("euc_kr"), "not UTF-8 (0xc0)"),
        ("It’s £5, says a naïve café".encode("cp1252"), "not UTF-8 (0x92)"),
        ("训练".encode()[:-1], "half a character"),
        (b'<meta charset="klingon"><p>x', "unknown charset, klingon"),
        (b"<html><script>var a = 5;</script><div></div>", "scripts"),
        (bytes(range(256)), "a binary file"),
        (b"", "empty"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_line(data, reason, tmp_path):
    path = tmp_path / "article"
    path.write_bytes(data)
    with pytest.raises(InputError) as refused:
        read_document(path)
    assert reason in str(refused.value)
    assert "article: " in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_language_is_one_of_three_and_taken_as_it_is_given():
    assert read_document(GERMAN, language="en").language == "en"
    with pytest.raises(InputError, match="allowed: en, ja, zh"):
        read_document("It cost $5.", language="fr")


def test_an_article_without_figures_is_a_result():
    assert quantities(read_document("Nobody knows what it costs.")) == ([], [])
