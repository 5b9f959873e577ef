"""What stands in the page, read as a browser reads it."""

import csv
import hashlib
import json
import re
import time
from base64 import b64encode
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costcheck.claims import articles, verdicts
from costcheck.claims.kinds import LOOKS, Finding
from costcheck.claims.loading import example
from costcheck.errors import InputError
from costcheck.notebook.chapter import chapter
from costcheck.notebook.show import SVG
from costcheck.results.report import LANGUAGES, build, refresh
from costcheck.results.report.inputs import parts
from costcheck.results.report.page import image
from costcheck.results.report.reading import Picture
from costcheck.results.report.words import Words
from costcheck.text.numbers import readable

VOID = {"meta", "link", "img", "line", "circle", "path", "br"}
EVIL = """\
article: evil
title: "</script><script>alert(1)</script> ' onload=alert(2) {{ 7*7 }}"
language: en
publisher: "<img src=x onerror=alert(3)>"
date: 2024-07-23
address: "javascript:alert(4)"
inputs:
  gpu_hours: {value: 1.2e6, unit: GPU-hour, source: "javascript:alert(5), see https://example.org/a\\"onload=b"}
prices:
  a100: {value: 1.5, unit: USD/GPU-hour, as_of: 2024-07, source: "<b>s</b>", verification: unverified}
claims:
  - id: Z51
    where: "<i>third</i>"
    printed: "$1.8 million <script>alert(7)</script>"
    value: 1.8e6
    unit: USD
    about: "cost \\" onload=\\"alert(8) ' onload='alert(9)"
    formula: rental
    inputs: {gpu_hours: inputs.gpu_hours, usd_per_gpu_hour: prices.a100}
  - {id: B, printed: "</details></li>", about: "![x](http://a.example)", not_computable: "<script>alert(10)"}
"""


class Page(HTMLParser):
    """Elements with their attributes and the text in them; what is not closed or not open is an error."""

    def __init__(self, text):
        super().__init__()
        self.elements, self._open = [], []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names)), (tag, names)
        element = {"tag": tag, **dict(attributes), "text": "", "within": [one["tag"] for one in self._open]}
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self._open.pop()["tag"] == tag

    def handle_data(self, data):
        for one in self._open:
            one["text"] += data

    def all(self, tag=None, cls=None):
        return [
            one
            for one in self.elements
            if tag in (None, one["tag"]) and (cls is None or cls in (one.get("class") or "").split())
        ]

    def by_id(self, id_):
        (found,) = [one for one in self.elements if one.get("id") == id_]
        return found


@pytest.fixture(scope="module")
def committed(tmp_path_factory):
    """The page on the committed notebooks, by language."""
    import shutil

    from costcheck.data.tables import home

    folder = tmp_path_factory.mktemp("committed")
    (folder / "notebooks").mkdir()
    for path in home("notebooks").glob("0*.ipynb"):
        shutil.copy(path, folder / "notebooks")
    return {language: build(folder, language) for language in LANGUAGES}


@pytest.fixture(scope="module")
def page(committed):
    return Page(committed["en"])


def results():
    path = Path(__file__).resolve().parents[3] / "figures" / "results.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def number(text):
    return text if text in ("true", "false") or re.match(r"\d{4}-\d\d", text) else float(text)


def test_every_claim_stands_there_once_with_the_figures_of_results_csv(page):
    claims = page.all("li", "claim")
    rows = results()
    assert [claim["id"] for claim in claims] == [row["id"] for row in rows]
    for claim, row in zip(claims, rows, strict=True):
        assert claim["data-article"] == row["article"]
        assert claim["data-chapter"] == row["notebook"]
        assert claim["data-premise"] == row["premise"]
        assert row["arithmetic"] in claim["text"]
        assert row["printed"] in claim["text"]
        if row["recomputed"]:
            assert readable(number(row["recomputed"]), row["unit"]) in claim["text"]
        if row["at_your_prices"]:
            assert readable(number(row["at_your_prices"]), row["unit"]) in claim["text"]
        for remark in re.split(r"; ", row["note"]):
            said = re.sub("^(likely cause|read as|from verified data alone): ", "", remark)
            assert said in claim["text"]


def test_every_figure_of_the_notebooks_stands_there_once_with_its_alternative_text(page):
    from costcheck.claims.checks import figures

    shown = page.all("img")
    drawn = [unquote(image["src"].partition(",")[2]) for image in shown]
    kept = sorted((Path(__file__).resolve().parents[3] / "figures").glob("*.svg"))
    own = {path.stem for path in kept} & set(figures())
    assert len(own) == len(shown) == 20
    assert sorted(drawn) == sorted(
        path.read_text("utf-8").replace("\n", " ") for path in kept if path.stem in own
    )
    assert all(len(image["alt"]) > 40 for image in shown)


def test_the_scoreboard_counts_what_results_csv_says(page):
    kinds = [Finding.read(row["arithmetic"]).look.name for row in results()]
    board = page.by_id("scoreboard")["text"]
    words = Words("en")
    for kind in [look.name for look in LOOKS]:
        assert f"{words(f'verdict_{kind}')} {kinds.count(kind)}" in " ".join(board.split())
    assert [" ".join(one["text"].split()) for one in page.all("p", "total")] == [
        f"{kinds.count('holds')} + {kinds.count('holds_unverified')} on unverified data, of 102 claims",
        f"{kinds.count('off') + kinds.count('wrong')} + {kinds.count('close')} close, of 102 claims",
        f"{kinds.count('not_computable')} of 102 claims",
    ]


def test_what_rests_on_unverified_data_alone_is_not_in_the_largest_type(tmp_path, executed):
    folder = tmp_path / "evil" / "notebooks"
    folder.mkdir(parents=True)
    (folder / "evil.ipynb").write_text(executed.own(EVIL), "utf-8")
    page = Page(build(tmp_path / "evil"))
    assert [one["text"] for one in page.all(cls="big")] == ["0", "0", "1"]
    assert "0 + 1 on unverified data, of 2 claims" in " ".join(page.by_id("scoreboard")["text"].split())


def test_each_chapter_has_its_question_its_finding_and_its_claims(page):
    text = " ".join(page.by_id("chapter.02_entry_ticket")["text"].split())
    assert "What does the fleet cost" in text
    assert "43,000 H100s at 40,000 USD each are 1.72 billion USD." in text
    for row in results():
        if row["notebook"] == "02_entry_ticket":
            assert f"{row['id']}" in text
            assert row["printed"] in text


def test_a_claim_has_its_formula_its_inputs_with_source_and_date_and_what_it_rests_on(page):
    text = " ".join(page.by_id("Z51")["text"].split())
    assert "purchase(gpus, usd_per_gpu) [USD]" in text
    assert "usd_per_gpu Price of one, or an eighth of the price of a server of eight" in text
    assert "40,000USD/GPU2024-07-22stated in the article" in text
    unverified = " ".join(page.by_id("Z12")["text"].split())
    assert "13 values, " in unverified
    assert "unverified" in unverified
    wrong = " ".join(page.by_id("Z53")["text"].split())
    assert "a training figure (from gpus) offered as a serving figure" in wrong


def test_both_articles_stand_side_by_side_where_both_state_a_fact(page):
    assert len(page.all("table", "side")) == 1
    text = " ".join(page.by_id("side-by-side")["text"].split())
    assert "35 are the same, 7 differ" in text
    assert "J37 prints 17 billion USD, 10× this" in text
    translated = {claim.translates for claim in articles()[1].claims if claim.translates}
    for id_ in translated:
        assert f"{id_} " in text


def test_every_link_within_the_page_leads_somewhere_and_every_id_stands_there_once(committed):
    for text in committed.values():
        page = Page(text)
        ids = [one["id"] for one in page.elements if one.get("id")]
        assert len(ids) == len(set(ids))
        for link in page.all("a"):
            if link["href"].startswith("#"):
                assert link["href"][1:] in ids
            else:
                assert link["href"].startswith("https://") or link["href"].startswith("http://")


def test_the_page_asks_for_nothing_outside_and_runs_nothing_but_its_own_script(committed):
    for text in committed.values():
        assert len(text.encode()) < 3_000_000
        page = Page(text)
        assert all(one["src"].startswith("data:image/svg+xml,") for one in page.elements if "src" in one)
        assert [one["href"] for one in page.all("link")] == ["data:,"]
        assert not [one for one in page.elements for name in one if name.startswith("on") or name == "style"]
        policy = page.all("meta")[1]["content"]
        for tag in ("style", "script"):
            (one,) = page.all(tag)
            assert "sha256-" + b64encode(hashlib.sha256(one["text"].encode()).digest()).decode() in policy
        assert "default-src 'none'" in policy


@pytest.mark.parametrize("language", ["zh", "ja"])
def test_headings_verdicts_and_paraphrases_are_in_the_language_asked_for(committed, language):
    page = Page(committed[language])
    words = Words(language)
    assert page.all("html")[0]["lang"] == language
    assert [one["text"] for one in page.all("h2")][1] == words("scoreboard")
    claims = {claim["id"]: claim["text"] for claim in page.all("li", "claim")}
    with (Path(__file__).resolve().parents[3] / "data/articles/about.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        about = {row["id"]: row[language] for row in csv.DictReader(file)}
    for article in articles():
        for claim in article.claims:
            assert about.get(claim.id, about.get(claim.translates)) in claims[claim.id]
    for one in verdicts():
        assert words.verdict(one.arithmetic) in claims[one.claim.id]


@pytest.mark.parametrize("language", ["zh", "ja"])
def test_what_stays_english_is_marked_as_english(committed, language):
    page = Page(committed[language])
    assert all(one["lang"] == "en" for one in page.all("img"))
    assert all(one["lang"] == "en" for one in page.all("div", "finding"))
    printed = [one for one in page.all(cls="printed") if one["tag"] != "th" and "lang" in one]
    assert {one["lang"] for one in printed} == {"zh", "ja"}


def test_all_words_are_there_in_all_languages():
    english = Words("en")._words
    for language in LANGUAGES:
        words = Words(language)._words
        for key, text in words.items():
            assert text.strip() or (key, language) == ("english_parts", "en"), (key, language)
            assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", english[key])), key


def test_another_run_of_the_same_gives_the_same_bytes(run, tmp_path):
    first = refresh(run).read_bytes()
    copy = tmp_path / "elsewhere" / "again"
    copy.parent.mkdir()
    run.rename(copy)
    assert refresh(copy, out=tmp_path / "other.html").read_bytes() == first
    assert str(tmp_path).encode() not in first


def test_a_report_is_written_anew_when_notebooks_or_language_have_changed_and_not_otherwise(
    run, executed, monkeypatch
):
    path = refresh(run)
    with monkeypatch.context() as patched:
        patched.setattr("costcheck.results.report.page.written", None)
        assert refresh(run, kept=True) == path
    english = path.read_bytes()
    refresh(run, "ja")
    assert path.read_bytes() != english
    refresh(run)
    assert path.read_bytes() == english
    (run / "notebooks" / "08_verdicts.ipynb").unlink()
    (run / "notebooks" / "02_entry_ticket.ipynb").write_text(
        executed("02_entry_ticket", h100_usd=25_000), "utf-8"
    )
    refresh(run)
    page = Page(path.read_text("utf-8"))
    assert "25,000" in page.by_id("prices")["text"]
    assert "1.075 billion USD" in page.by_id("Z51")["text"]


@pytest.mark.parametrize("harm", [lambda page: page[:30_000], lambda page: page.replace("1.72 b", "9.99 b")])
def test_a_report_that_was_cut_or_changed_is_written_anew(harm, run):
    path = refresh(run)
    page = path.read_text("utf-8")
    path.write_text(harm(page), "utf-8")
    assert path.read_text("utf-8") != page
    assert refresh(run).read_text("utf-8") == page


def test_what_an_article_holds_is_text_and_no_more(tmp_path, executed):
    folder = tmp_path / "evil" / "notebooks"
    folder.mkdir(parents=True)
    (folder / "evil.ipynb").write_text(executed.own(EVIL, "a100=2"), "utf-8")
    text = build(tmp_path / "evil")
    page = Page(text)
    assert len(page.all("script")) == 1
    assert len(page.all("img")) == 1
    assert not page.all("i")
    assert not [one for one in page.elements for name in one if name.startswith("on")]
    assert {link["href"] for link in page.all("a") if not link["href"].startswith("#")} == {
        "https://example.org/a"
    }
    claim = page.by_id("evil.Z51")
    assert "$1.8 million <script>alert(7)</script>" in claim["text"]
    assert "javascript:alert(5), see" in claim["text"]
    assert "{{ 7*7 }}" in page.all("main")[0]["text"]
    assert "<script>alert(10)" in page.by_id("evil.B")["text"]
    assert "2.4 million USD" in claim["text"]


def test_a_finding_is_prose_without_html_images_or_addresses_that_run_something(run):
    path = run / "notebooks" / "07_timeline.ipynb"
    notebook = json.loads(path.read_bytes())
    said = "*Of 6* <b>dates</b> ![y](http://a.example/z) [l](javascript:alert(1)) [m](https://a.example)"
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            if "text/markdown" in output.get("data", {}):
                output["data"]["text/markdown"] = [said]
    path.write_text(json.dumps(notebook))
    page = Page(build(run))
    (finding,) = [one for one in page.all("div", "finding") if "Of 6" in one["text"]]
    assert "<b>dates</b> !y [l](javascript:alert(1)) m" in finding["text"]
    assert [one["text"] for one in page.all("em")] == ["Of 6"]
    assert len(page.all("img")) == 20


def test_ids_of_an_own_article_do_not_meet_those_of_the_package(run, executed):
    (run / "notebooks" / "evil.ipynb").write_text(executed.own(EVIL), "utf-8")
    page = Page(build(run))
    ids = [one["id"] for one in page.all("li", "claim")]
    assert len(ids) == len(set(ids)) == 104
    assert {"Z51", "evil.Z51"} <= set(ids)
    assert page.by_id("evil.Z51")["data-chapter"] == "evil"


def test_an_example_of_the_package_can_be_reported(tmp_path, executed):
    folder = tmp_path / "out" / "notebooks"
    folder.mkdir(parents=True)
    (folder / "deepseek_v3.ipynb").write_text(
        executed.own(example("deepseek_v3").read_text("utf-8"), "h800_usd_per_gpu_hour=3"), "utf-8"
    )
    page = Page(build(tmp_path / "out", "ja"))
    made = {one.claim.id: one for one in chapter("deepseek_v3", "h800_usd_per_gpu_hour=3").found}
    for claim in page.all("li", "claim"):
        verdict = made[claim["id"].partition(".")[2]]
        assert readable(verdict.at_your_prices, verdict.claim.unit) in claim["text"]
    assert "8.364 million USD" in page.by_id("deepseek_v3.D6")["text"]


def test_an_article_that_lies_in_a_file_is_refused(tmp_path, executed):
    folder = tmp_path / "out" / "notebooks"
    folder.mkdir(parents=True)
    text = executed.own(EVIL)
    (folder / "evil.ipynb").write_text(
        text.replace(
            json.dumps(f"article = {EVIL!r}", ensure_ascii=False)[1:-1], "article = 'secrets/mine.yaml'"
        ),
        "utf-8",
    )
    with pytest.raises(InputError, match=r"evil\.ipynb: its article is in a file \('secrets/mine.yaml'\)"):
        build(tmp_path / "out")


def test_each_claim_that_moves_across_scenarios_has_its_lowest_and_highest(scenarios):
    page = Page(build(scenarios))
    section = page.by_id("scenarios")
    text = " ".join(section["text"].split())
    assert "3 scenarios. Of 8 claims 8 move" in text
    assert "Z51 the entry ticket 1.72 billion USD 1.075 billion USDb10 2× 2.15 billion USDb9" in text
    spread = next(one for one in page.all("svg") if "Z51" in one.get("aria-label", ""))
    assert spread["aria-label"] == "Z51: from 1.075 billion USD in b10 to 2.15 billion USD in b9"
    assert "those of the scenario “a”" in page.by_id("chapters")["text"]
    assert "In scenario “a”" in page.by_id("Z51")["text"]


def test_a_claim_that_scenarios_lack_neither_moves_for_it_nor_vanishes(scenarios, executed):
    dates = executed("07_timeline")
    training = executed("01_training_time")
    for name in ("b9", "b10"):
        (scenarios / name / "notebooks" / "07_timeline.ipynb").write_text(dates, "utf-8")
    (scenarios / "b10" / "notebooks" / "01_training_time.ipynb").write_text(training, "utf-8")
    page = Page(build(scenarios))
    text = " ".join(page.by_id("scenarios")["text"].split())
    claims = [one for article in articles() for one in article.claims]
    some = [one for one in claims if one.notebook[:2] in ("01", "02", "07")]
    assert f"Of {len(some)} claims 8 move" in text
    assert "missing below: a (07_timeline, 01_training_time), b9 (01_training_time)" in text
    assert {one.id for one in some} == {one["id"] for one in page.all("li", "claim")}
    assert "In scenario" not in page.by_id("Z45")["text"]


def test_a_scenario_without_a_notebook_is_named_on_the_page(scenarios):
    page = Page(build(scenarios, scenarios={"a": None, "b9": None, "gone": None}))
    text = " ".join(page.by_id("scenarios")["text"].split())
    assert "2 scenarios." in text
    assert "Left out because they have no executed notebook: gone" in text


def test_the_name_of_a_scenario_is_text(tmp_path, executed):
    for name, price in (("<script>alert(1)<!--", 30_000), ('" onload="x', 20_000)):
        folder = tmp_path / "several" / name / "notebooks"
        folder.mkdir(parents=True)
        (folder / "02_entry_ticket.ipynb").write_text(executed("02_entry_ticket", h100_usd=price), "utf-8")
    page = Page(build(tmp_path / "several"))
    assert len(page.all("script")) == 1
    assert not [one for one in page.elements for attribute in one if attribute.startswith("on")]
    assert "<script>alert(1)<!--" in page.by_id("scenarios")["text"]


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        (
            '"recomputed": "1720000000"',
            '"recomputed": "1720000001"',
            "Z51, recomputed: then '1720000001', now '1720000000'",
        ),
        ('"id": "Z51"', '"id": "Z99"', "Z99, unknown now"),
    ],
)
def test_a_run_of_another_version_is_refused(tmp_path, executed, was, becomes, said):
    folder = tmp_path / "old" / "notebooks"
    folder.mkdir(parents=True)
    text = executed("02_entry_ticket")
    assert was in text
    (folder / "02_entry_ticket.ipynb").write_text(text.replace(was, becomes), "utf-8")
    with pytest.raises(
        InputError, match="executed with another version of costcheck or of its data"
    ) as caught:
        build(tmp_path / "old")
    assert said in str(caught.value)


def test_a_notebook_that_failed_says_so(run):
    path = run / "notebooks" / "07_timeline.ipynb"
    notebook = json.loads(path.read_bytes())
    error = {"output_type": "error", "ename": "KeyError", "evalue": "'<b>'", "traceback": []}
    notebook["cells"][-2]["outputs"] = [error]
    path.write_text(json.dumps(notebook))
    assert "stopped with an error" in Page(build(run)).by_id("chapter.07_timeline")["text"]
    assert "KeyError: '<b>'" in Page(build(run)).by_id("chapter.07_timeline")["text"]


def test_only_addresses_of_web_pages_become_links():
    assert [part.address for part in parts("https://a.example/b; ftp://x, data:text/html,1")] == [
        "https://a.example/b",
        "",
    ]
    (one,) = parts("https://" + "a.example/" + "x" * 100)
    assert len(one.text) < 60
    assert one.address.endswith("x" * 100)


@given(st.text())
def test_a_source_is_shown_whole_whatever_it_is(text):
    assert "".join(part.address or part.text for part in parts(text)) == text


@given(st.text(st.characters(codec="utf-8")))
def test_an_address_gives_the_figure_back_and_ends_no_attribute(svg):
    address = image(Picture("a", svg, "")).address
    assert not {"'", "&", "#"} & set(address)
    assert unquote(address.partition(",")[2]) == svg.replace("\n", " ")


@pytest.mark.parametrize(
    ("size", "pixels"),
    [
        ('width="72pt" height="36.5pt"', (96, 49)),
        ('width="1.2.3pt" height="4pt"', (0, 0)),
        ('width=".pt" height="4pt"', (0, 0)),
        (f'width="{"9" * 400}pt" height="4pt"', (0, 0)),
    ],
)
def test_a_figure_has_the_size_that_it_states_as_a_number(size, pixels):
    drawn = image(Picture("a", f'<svg xmlns="x" {size} viewBox="0">', ""))
    assert (drawn.width, drawn.height) == pixels


def test_a_figure_made_to_take_long_takes_no_time():
    began = time.monotonic()
    image(Picture("a", "<svg " * 60_000, ""))
    assert time.monotonic() - began < 1


def test_what_turns_text_around_or_is_half_a_character_is_written_out(run):
    path = run / "notebooks" / "02_entry_ticket.ipynb"
    notebook = json.loads(path.read_bytes())
    notebook["cells"][0]["source"] = "# T\u202e \ud800\n\n**Q \x1b?**"
    for cell in notebook["cells"]:
        for output in cell.get("outputs", ()):
            data = output.get("data", {})
            if SVG in data:
                data[SVG] = '<svg width="3pt" height="4pt">\ud800</svg>'
                output["metadata"]["costcheck"]["alt"] = "an \u202ealt"
            if "text/markdown" in data:
                data["text/markdown"] = "It \u2066costs &#x202e;9 USD"
    error = {"output_type": "error", "ename": "X\u202e", "evalue": "y\x9b", "traceback": []}
    notebook["cells"].append({"cell_type": "code", "metadata": {}, "source": "", "outputs": [error]})
    path.rename(run / "notebooks" / "zz \"'.ipynb").write_text(json.dumps(notebook))
    page = refresh(run).read_text("utf-8")
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f-\x9f]", page)
    for said in (r"T\u202e \ud800", r"Q \u001b?", r"It \u2066costs \u202e9 USD", r"X\u202e: y\u009b"):
        assert said in page
    assert r"an \u202ealt" in [one["alt"] for one in Page(page).all("img")]


def test_the_name_of_a_file_is_no_id(run):
    (run / "notebooks" / "07_timeline.ipynb").rename(run / "notebooks" / "my 'dates' \".ipynb")
    page = Page(build(run))
    ids = [one["id"] for one in page.all("section", "chapter")]
    assert "chapter.01_training_time" in ids
    assert ids[-1] == "chapter.8"
    assert all(re.fullmatch(r"[\w.-]+", id_) for id_ in ids)


def test_a_price_of_the_run_does_not_borrow_the_source_of_the_articles(scenarios):
    rows = [" ".join(one["text"].split()) for one in Page(build(scenarios / "b10")).all("tr")]
    place = next(at for at, text in enumerate(rows) if "40,000USD/GPU2024-07-22stated in the article" in text)
    assert rows[place + 1] == "this run25,000USD/GPUnot the articles' price: given for this run"
    assert "25,000" not in rows[place]


def test_an_input_that_is_computed_is_computed_at_the_prices_of_the_run_too(scenarios):
    text = " ".join(Page(build(scenarios / "b10")).by_id("Z52")["text"].split())
    assert "purchase(gpus, usd_per_gpu)1,720,000,000USDcomputed this run1,075,000,000USDcomputed" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_on_an_own_article_alone_does_not_speak_of_the_two(tmp_path, executed, language, committed):
    words = Words(language)
    folder = tmp_path / "own" / "notebooks"
    folder.mkdir(parents=True)
    (folder / "evil.ipynb").write_text(executed.own(EVIL.replace("evil", "zh_36kr", 1)), "utf-8")
    page = Page(build(tmp_path / "own", language))
    assert page.all("h1")[0]["text"] == words("title_of_others")
    assert "2024 年 7 月" not in page.by_id("prices")["text"]
    assert words("prices_own") in page.by_id("prices")["text"]
    both = Page(committed[language])
    assert both.all("h1")[0]["text"] == words("title_of_both")
    assert words("prices_articles") in both.by_id("prices")["text"]


def test_an_own_article_with_the_id_of_another_takes_over_neither_its_name_nor_its_words(tmp_path, executed):
    folder = tmp_path / "own" / "notebooks"
    folder.mkdir(parents=True)
    (folder / "mine.ipynb").write_text(executed.own(EVIL.replace("evil", "zh_36kr", 1)), "utf-8")
    page = Page(build(tmp_path / "own", "ja"))
    claim = page.by_id("zh_36kr.Z51")
    assert 'cost " onload=' in claim["text"]
    assert Words("ja")("name_zh_36kr") not in page.all("main")[0]["text"]


def test_names_in_descriptions_are_set_as_code(page):
    (said, *_) = [one["text"] for one in page.all("tr") if "at most n_heads" in one["text"]]
    assert "``" not in said
    assert not [one for one in page.all("span") if "``" in one["text"]]
    assert "n_heads" in [one["text"] for one in page.all("code")]


def test_a_figure_without_a_hedge_is_not_called_exact(page):
    text = " ".join(page.by_id("Z51")["text"].split())
    assert "exact" not in text
    hedged = next(claim for one in articles() for claim in one.claims if claim.hedge == "about")
    assert ", about" in page.by_id(hedged.id)["text"]


def test_the_foot_says_what_was_recomputed_and_what_was_not(page):
    (foot,) = page.all("footer")
    assert "verdicts were recomputed for this page; findings and figures are as the" in foot["text"]


def test_a_figure_can_be_scrolled_by_keyboard_and_has_a_name(page):
    shown = page.all("figure")
    assert len(shown) == 20
    assert len({one["aria-label"] for one in shown}) == 20
    assert all(one["tabindex"] == "0" for one in shown)
