"""What the page holds, read as a browser reads it."""

import csv
import hashlib
import json
import re
from base64 import b64encode
from dataclasses import replace
from html.parser import HTMLParser
from types import SimpleNamespace
from urllib.parse import unquote

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from costcheck.claims import articles, disagreements, verdicts
from costcheck.claims.kinds_and_colours import LOOKS, PREMISES
from costcheck.claims.loading import example
from costcheck.claims.printed import Hedge
from costcheck.claims.sums import parse
from costcheck.claims.translations import pairs
from costcheck.claims.verdict import distinct, shown
from costcheck.data.tables import home
from costcheck.errors import InputError
from costcheck.notebook.show import SVG, check
from costcheck.prices.book import PriceBook
from costcheck.results.report import LANGUAGES, build, write
from costcheck.results.report.chapters import image
from costcheck.results.report.inputs import Inputs, parts
from costcheck.results.report.story import Story
from costcheck.results.report.words import Words
from costcheck.text.numbers import readable

FIGURES = home("data").parent / "figures"
CHEAP = PriceBook.article().override({"h100_usd": 25_000})
VOID = {"input", "meta", "link", "img", "line", "circle", "path", "br"}
EVIL = """\
article: evil
title: "</script><script>alert(1)</script> ' onload=alert(2) {{ 7*7 }}"
language: en
publisher: "<img src=x onerror=alert(3)>"
date: 2024-07-23
address: "javascript:alert(4)"
given:
  gpu_hours: {is: 1.2M GPU-hours, source: "javascript:alert(5), see https://example.org/a\\"onload=b"}
prices:
  a100: {is: $1.50/GPU-hour, as_of: 2024-07, source: "<b>s</b>", verification: unverified}
claims:
  - id: Z51
    where: "<i>third</i>"
    printed: "$1.8 million <script>alert()</script>"
    about: "cost \\" onload=\\"alert(8) ' onload='alert(9)"
    sum: gpu_hours * prices.a100
  - {id: B, printed: "</details></li>", about: "![x](http://a.example)", not_checked: "<script>alert(10)"}
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
        assert len(attributes) == len(dict(attributes)), (tag, attributes)
        self.elements.append({"tag": tag, **dict(attributes), "text": ""})
        if tag not in VOID:
            self._open.append(self.elements[-1])

    def handle_endtag(self, tag):
        if tag not in VOID:
            assert self._open.pop()["tag"] == tag

    def handle_data(self, data):
        for element in self._open:
            element["text"] += data

    def all(self, tag=None, cls=""):
        return [
            element
            for element in self.elements
            if tag in (None, element["tag"]) and {*cls.split()} <= {*(element.get("class") or "").split()}
        ]

    def text_of(self, id_):
        (element,) = [element for element in self.elements if element.get("id") == id_]
        return " ".join(element["text"].split())

    def rows(self):
        return [" ".join(row["text"].split()) for row in self.all("tr")]

    def handlers(self):
        return [name for element in self.elements for name in element if re.match("on|style$", name)]


@pytest.fixture(scope="module")
def committed(tmp_path_factory):
    """The page on the committed notebooks, by language."""
    folder = tmp_path_factory.mktemp("committed")
    (folder / "notebooks").mkdir()
    for path in home("notebooks").glob("0*.ipynb"):
        (folder / "notebooks" / path.name).write_bytes(path.read_bytes())
    return {language: build(folder, language) for language in LANGUAGES}


@pytest.fixture(scope="module")
def page(committed):
    return Page(committed["en"])


@pytest.fixture
def own(put, chapter_of):
    """Make the page of the chapter on an article of a reader's."""

    def make(text=EVIL, prices="", language="en", name="evil"):
        return Page(build(put("own", name, chapter_of(text, prices)), language))

    return make


@pytest.fixture(scope="module")
def results():
    with (FIGURES / "results.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_claim_is_there_once_with_the_figures_of_results_csv(page, results):
    claims, words = page.all("li", "claim"), Words("en")
    assert [claim["id"] for claim in claims] == [row["id"] for row in results]
    for claim, row, verdict in zip(claims, results, verdicts(), strict=True):
        attributes = [claim[f"data-{name}"] for name in ("article", "chapter", "premise")]
        assert attributes == [row["article"], row["notebook"], row["premise"]]
        numbers = [readable(verdict.at_your_prices, verdict.unit)]
        if not isinstance(verdict.recomputed, bool):  # which the verdict tells
            numbers.append(shown(verdict.recomputed, verdict.unit))
        remarks = [
            remark for kind, remark in verdict.notes if kind not in ("reading of", "otherwise", "quote")
        ]
        readings = [
            text
            for check in verdict.readings
            for text in (check.label, words.at_other_prices(check.arithmetic))
        ]
        readings += [check.label for check in verdict.variants]
        texts = [
            row[name].replace("(none)", "no figure")
            for name in ("arithmetic", "printed", "about", "holds_for", "verdict_at_your_prices")
        ]
        for text in (*texts, *numbers, *remarks, *readings, verdict.steps if verdict.claim.sum else ""):
            assert text in claim["text"], row["id"]


def test_every_figure_of_the_notebooks_is_there_once_with_its_alternative_text(page):
    images = page.all("img")
    drawn = sorted(unquote(image["src"].partition(",")[2]) for image in images)
    notebooks = "".join(path.read_text("utf-8") for path in home("notebooks").glob("0*.ipynb"))
    names = re.findall(r'"figure": "(\w+)"', notebooks)
    paths = [path for path in FIGURES.glob("*.svg") if path.stem in names]
    assert drawn == sorted(path.read_text("utf-8").replace("\n", " ") for path in paths)
    assert len(drawn) == len({figure["aria-label"] for figure in page.all("figure")}) > 10
    assert all(len(image["alt"]) > 40 for image in images)


def test_the_scoreboard_counts_what_results_csv_has_and_what_measures_the_wrong_thing_apart(page, results):
    board, every = page.text_of("scoreboard"), distinct(verdicts(), articles())
    assert f"{len(results)} claims make {len(every)} different statements" in board
    # good, good but of the wrong category, bad, fair, unknown
    assert [" ".join(total["text"].split()) for total in page.all("p", "total")] == [
        "36 + 3 on unverified data of 109 claims, 24 different statements",
        "11 of 109 claims, 7 different statements",
        "13 of 109 claims, 9 different statements",
        "18 of 109 claims, 8 different statements",
        "26 + 2 assumed of 109 claims, 20 different statements",
    ]
    for group in ("off by a factor 3 J37 J38 J39", "holds 11 Z19", "holds (unverified data) 3 Z33b Z34 J24"):
        assert group in board
    unsupported = [row["id"] for row in results if row["premise"] == "unsupported"]
    assert f"unsupported {len(unsupported)} {' '.join(unsupported)}" in board


FIRST_SCREEN = [
    "30.84 million GPU-hours are 3,500 years on one GPU, or a month on 43,000 GPUs",
    "16 GPUs suffice in bf16: 640,000 dollars at the same price, 2,688 times less",  # 43,000 / 16
    "prints both amounts ten times too high on top of that, as 17 billion dollars and 125 billion yuan",
    "The Chinese article also gets six facts wrong, four of which the Japanese repeats; among them: ",
]


def story(page):
    ((opening,),) = [page.all("div", "story")]
    return [" ".join(line.split()) for line in opening["text"].strip().split("\n") if line.strip()]


def test_the_page_opens_with_the_story_in_four_sentences_whose_names_lead_to_their_claims(page, committed):
    for sentence, words in zip(story(page), FIRST_SCREEN, strict=True):
        assert words in sentence
    opening = committed["en"].partition('<div class="story">')[2].partition("</div>")[0]
    links = re.findall('href="#([^"]+)"', opening)
    assert links == ["Z46", "Z47", "Z49", "Z50", "Z51", "Z52", "Z53", "J37", "J38", "Z01", "Z05", "Z37"]
    assert [len(story(Page(committed[language]))) for language in LANGUAGES] == [4, 4, 4]
    assert "170億ドル、1250億元" in story(Page(committed["ja"]))[2]


def test_a_story_that_the_verdicts_do_not_bear_out_is_not_told(put):
    sentences = story(Page(build(put("part", "02_entry_ticket"))))
    assert sentences[0].startswith(
        "Of seven statements six could be checked; in three of them the figure follows"
    )
    assert sentences[1].startswith("As printed, the figure is wrong in three of seven statements")
    assert sentences[3] == "The rest: one assumed by the article."
    claims = {one.claim.id: SimpleNamespace(verdict=one, anchor=one.claim.id) for one in verdicts()}
    assert len(Story(Words("en"), claims, list(claims.values())).of_the_two()) == 4
    claims["J37"].verdict = replace(claims["J37"].verdict, arithmetic=claims["Z51"].verdict.arithmetic)
    assert not Story(Words("en"), claims, list(claims.values())).of_the_two()


def test_what_is_wrong_is_listed_once_with_what_is_right_and_why(page):
    text = page.text_of("mistakes")
    wrong = [verdict for verdict in distinct(verdicts(), articles()) if verdict.kind.is_mistake]
    for verdict in wrong:
        assert f", {verdict.claim.id}" in text
        assert verdict.claim.about in text
        right = Words("en").phrase(f"right_{verdict.claim.id}")
        assert (right.text if right else readable(verdict.recomputed, verdict.unit)) in text
        assert verdict.cause in text
    assert "J04" not in text  # which says what Z11 says
    assert "17亿美金 1.7 billion USD" in text.partition("Holds, but measures the wrong thing")[2]


def test_the_articles_are_linked_and_how_to_cite_is_what_citation_cff_says(page):
    links = {link["href"] for link in page.all("a")}
    assert {f"https://{article.address}" for article in articles()} <= links
    citation = page.text_of("about")
    cff = yaml.safe_load((home("data").parent / "CITATION.cff").read_text("utf-8"))
    names = [author["name"] for author in cff["authors"]]
    for text in (*names, cff["title"], cff["version"], str(cff["date-released"]), cff["license"]):
        assert text in citation


def test_a_chapter_has_its_question_and_its_finding_and_a_claim_its_inputs(page):
    text = page.text_of("chapter.02_entry_ticket")
    assert "What does the fleet cost" in text
    assert "43,000 H100s at 40,000 USD each cost 1.72 billion USD." in text
    text = page.text_of("Z51")
    assert "43,000 GPU × 40,000 USD/GPU = 1.72 billion USD" in text
    assert "prices.gpus * prices.h100_usd" in text
    assert "40,000USD/GPU2024-07-22stated in the article" in text
    figures = {claim.id: claim.figure for article in articles() for claim in article.claims}
    hedged = next(id_ for id_, figure in figures.items() if figure and figure.hedge == "about")
    assert "about " in page.text_of(hedged)


def test_unverified_inputs_and_prices_are_marked_and_no_others(page, own):
    from_tables = [row for row in page.rows() if "13 values, " in row]
    assert {row.endswith(" unverified") for row in from_tables} == {True, False}
    assert not [row for row in page.rows() if "stated in the article" in row and "unverified" in row]
    page = own()
    (as_input,) = [row for row in page.rows() if row.startswith("prices.a100")]
    (as_price,) = [row for row in page.rows() if row.startswith("a100")]
    assert as_input.endswith("1.5USD/GPU-hour2024-07<b>s</b> unverified")
    assert as_price.endswith("1.5USD/GPU-hour2024-07<b>s</b> unverified")
    # what rests on unverified data alone is not in the largest type
    assert [number["text"] for number in page.all(cls="big")] == ["0", "0", "1"]
    assert "0 + 1 on unverified data of 2 claims" in page.text_of("scoreboard")


def test_both_articles_are_side_by_side_where_both_state_a_fact(page):
    text = page.text_of("side-by-side")
    same, differ = map(int, re.search(r"(\d+) agree, (\d+) differ", text).groups())
    claims = [(here, there) for _, here, _, there in pairs(articles())]
    assert same + differ == sum(all(pair) for pair in claims)
    assert differ == len({here for here, there, _ in disagreements() if here and there})
    assert "J37 prints 17 billion USD, 10× this" in text
    for claim in articles()[1].claims:
        assert not claim.translates or f"{claim.translates} " in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_asks_for_nothing_outside_and_its_links_lead_somewhere(committed, language):
    page = Page(committed[language])
    ids = [element["id"] for element in page.elements if element.get("id")]
    assert len(ids) == len(set(ids))
    for link in page.all("a"):
        target = link["href"]
        assert target[1:] in ids if target[0] == "#" else target.startswith(("https://", "http://"))
    assert len(committed[language].encode()) < 3_000_000
    assert all(element.get("src", "data:").startswith("data:") for element in page.elements)
    assert [link["href"] for link in page.all("link")] == ["data:,"]
    assert page.handlers() == []
    policy = page.all("meta")[1]["content"]
    for tag in ("style", "script"):
        (element,) = page.all(tag)
        assert "sha256-" + b64encode(hashlib.sha256(element["text"].encode()).digest()).decode() in policy
    assert policy.startswith("default-src 'none'")


@pytest.mark.parametrize("language", ["zh", "ja"])
def test_headings_verdicts_and_paraphrases_are_in_the_language_asked_for(committed, language):
    page, words = Page(committed[language]), Words(language)
    assert page.all("html")[0]["lang"] == language
    assert [heading["text"] for heading in page.all("h2")][1] == words("scoreboard")
    claims = {claim["id"]: claim["text"] for claim in page.all("li", "claim")}
    with (home("data") / "articles" / "about.csv").open(encoding="utf-8", newline="") as file:
        about = {row["id"]: row[language] for row in csv.DictReader(file)}
    for verdict in verdicts():
        assert words.verdict(verdict.arithmetic) in claims[verdict.claim.id]
        assert about.get(verdict.claim.id, about.get(verdict.claim.translates)) in claims[verdict.claim.id]
    assert all(element["lang"] == "en" for element in [*page.all("img"), *page.all("div", "finding")])
    printed = [element for element in page.all(cls="printed") if element["tag"] != "th" and "lang" in element]
    assert {element["lang"] for element in printed} == {"zh", "ja"}


def test_all_words_are_there_in_all_languages():
    english = Words("en")._words
    for language in LANGUAGES:
        for key, text in Words(language)._words.items():
            assert text.strip() or (key, language) == ("english_parts", "en"), (key, language)
            assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", english[key])), key


def test_every_kind_of_verdict_premise_remark_and_hedge_has_words():
    keys = [f"verdict_{look.name}" for look in LOOKS] + [f"premise_{look.name}" for look in PREMISES.values()]
    keys += [f"group_{look.tone}" for look in LOOKS]
    keys += [f"hedge_{hedge}" for hedge in Hedge if hedge is not Hedge.EXACT]
    remarks = {kind for verdict in verdicts() for kind, _ in verdict.notes} | {"rounding"}
    keys += [f"remark_{kind}" for kind in remarks if kind not in ("reading of", "quote")]
    assert {key.replace(" ", "_") for key in keys} <= Words("en")._words.keys()


def test_the_same_notebooks_give_the_same_bytes_wherever_they_are_and_others_another_page(run, put):
    first = write(run).read_bytes()
    (copy := run.parent / "elsewhere").mkdir()
    (run / "notebooks").rename(copy / "notebooks")
    assert write(copy, out=run.parent / "other.html").read_bytes() == first
    assert str(run.parent).encode() not in first
    (copy / "notebooks" / "08_verdicts.ipynb").unlink()
    page = Page(build(put("elsewhere", "02_entry_ticket", h100_usd=25_000)))
    assert "25,000" in page.text_of("prices")
    assert "1.075 billion USD" in page.text_of("Z51")


def test_a_run_of_another_version_is_refused(put):
    path = put("out", "02_entry_ticket") / "notebooks" / "02_entry_ticket.ipynb"
    path.write_text(
        path.read_text("utf-8").replace('"recomputed": "1720000000"', '"recomputed": "1"'), "utf-8"
    )
    message = "another version of costcheck or of its data.*Z51, recomputed: then '1', now '1720000000'"
    with pytest.raises(InputError, match=message):
        build(path.parents[1])


def test_what_an_article_holds_is_text_and_no_more(own):
    page = own(prices="a100=2")
    assert (len(page.all("script")), len(page.all("img")), page.all("i")) == (1, 1, [])
    assert page.handlers() == []
    outside = {link["href"] for link in page.all("a") if not link["href"].startswith("#")}
    assert outside == {"https://example.org/a"}
    claim = page.text_of("evil.Z51")
    for text in ("$1.8 million <script>alert()</script>", "javascript:alert(5), see", "2.4 million USD"):
        assert text in claim
    assert "{{ 7*7 }}" in page.all("main")[0]["text"]
    assert "<script>alert(10)" in page.text_of("evil.B")


def test_a_notebooks_prose_and_figures_are_text_and_images_and_it_says_where_it_stopped(run, edit):
    prose = (
        "*Of 6* <b>dates</b> ![y](http://a.example) [l](javascript:alert(1)) [m](https://b.example) &#x202e;"
    )

    def change(cells):
        cells[0]["source"] = "# T\u202e \ud800\n\n**Q \x1b?**"
        for output in (output for cell in cells for output in cell.get("outputs", ())):
            if SVG in output.get("data", {}):
                output["data"][SVG] = "<svg>\ud800</svg>"
                output["metadata"]["costcheck"]["alt"] = "an \u202ealt"
            if "text/markdown" in output.get("data", {}):
                output["data"]["text/markdown"] = [prose]
        error = {"output_type": "error", "ename": "KeyError", "evalue": "'<b>'", "traceback": []}
        cells[-2]["outputs"] = [error]

    (run / "notebooks" / "07_timeline.ipynb").rename(path := run / "notebooks" / "my_dates.ipynb")
    edit(path, change)
    page = Page(text := build(run))
    assert not re.search("[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f\x7f-\x9f]", text)
    shown = page.text_of("chapter.my_dates")
    for part in (r"T\u202e \ud800", r"Q \u001b?", "Of 6 <b>dates</b> !y [l](javascript:alert(1)) m \\u202e"):
        assert part in shown
    assert "stopped with an error; below is what it had found by then. KeyError: '<b>'" in shown
    assert [element["text"] for element in page.all("em")] == ["Of 6"]
    assert "an \\u202ealt" in [image["alt"] for image in page.all("img")]
    assert "Some notebooks of this run did not finish (my_dates)" in page.all("main")[0]["text"]


def test_names_of_files_and_scenarios_are_text_and_no_ids(run, put):
    (run / "notebooks" / "07_timeline.ipynb").rename(run / "notebooks" / "my 'dates' \".ipynb")
    ids = [chapter["id"] for chapter in Page(build(run)).all("section", "chapter")]
    assert (ids[0], ids[-1]) == ("chapter.01_training_time", "chapter.8")
    names = ("<script>alert(1)<!--", '" onload="x')
    for name, price in zip(names, (30_000, 20_000), strict=True):
        folder = put(f"several/{name}", "02_entry_ticket", h100_usd=price).parent
    page = Page(build(folder))
    assert (len(page.all("script")), page.handlers()) == (1, [])
    assert all(name in page.text_of("scenarios") for name in names)


def test_an_own_article_with_the_ids_of_the_packages_takes_over_neither_names_nor_words(
    own, run, put, chapter_of
):
    page = own(EVIL.replace("evil", "zh_36kr", 1), language="ja", name="mine")
    words = Words("ja")
    assert 'cost " onload=' in page.text_of("zh_36kr.Z51")
    assert words("name_zh_36kr") not in page.all("main")[0]["text"]
    assert page.all("h1")[0]["text"].startswith("検算：</script><script>alert(1)")
    assert words("prices_own") in page.text_of("prices")
    put("run", "evil", chapter_of(EVIL))
    ids = [claim["id"] for claim in Page(build(run)).all("li", "claim")]
    assert len(ids) == len(set(ids)) == sum(len(article.claims) for article in articles()) + 2
    assert {"Z51", "evil.Z51"} <= set(ids)


def test_an_example_of_the_package_can_be_reported_and_an_article_in_a_file_is_refused(own, put, chapter_of):
    page = own(example("deepseek_v3").read_text("utf-8"), "h800_usd_per_gpu_hour=3", "ja", "deepseek_v3")
    assert "8.364 million USD" in page.text_of("deepseek_v3.D6")  # 2.788e6 GPU-hours * 3
    given = json.dumps(f"article = {EVIL!r}", ensure_ascii=False)[1:-1]
    folder = put("file", "evil", chapter_of(EVIL).replace(given, "article = 'secrets/mine.yaml'"))
    with pytest.raises(InputError, match=r"evil\.ipynb: unknown example 'secrets/mine.yaml'"):
        build(folder)


def test_each_claim_that_moves_across_scenarios_has_its_lowest_and_highest(scenarios):
    page = Page(build(scenarios))
    text = page.text_of("scenarios")
    moving = [verdict for verdict in check("02_entry_ticket", CHEAP) if verdict.changed]
    assert story(page)[1:3] == [
        "The widest range is that of “price of one H100”: from 25,000 USD/GPU in “b10” to 50,000 USD/GPU in "
        "“b9”.",
        "The printed figure would hold in every scenario for none of these, in some scenarios for five, "
        "and in none for three.",
    ]
    assert f"3 scenarios. Of {len(page.all('li', 'claim'))} claims {len(moving)} move" in text
    ticket = next(verdict for verdict in moving if verdict.claim.id == "Z51")
    about = f"Z51 {ticket.claim.about}holds in 1 of 3 scenarios"
    assert f"{about} 1.72 billion USD 1.075 billion USDb10 2× 2.15 billion USDb9" in text
    labels = [element.get("aria-label") for element in page.all("svg")]
    assert "Z51: from 1.075 billion USD in b10 to 2.15 billion USD in b9" in labels
    marks = {path["d"] for path in page.all("path")}
    assert "M119.9 1v16" in marks  # the articles' 40,000 on 168 px: 6 + 168 * log(40 / 25) / log(50 / 25)
    assert "those of the scenario “a”" in page.text_of("chapters")
    assert "In scenario “a”" in page.text_of("Z51")


def test_a_claim_that_scenarios_lack_neither_moves_for_it_nor_vanishes(scenarios, put):
    for name, notebook in (("b9", "07_timeline"), ("b10", "07_timeline"), ("b10", "01_training_time")):
        put(f"several/{name}", notebook)
    page = Page(build(scenarios, wanted={"a": None, "b9": None, "b10": None, "gone": None}))
    text = page.text_of("scenarios")
    claims = [claim for article in articles() for claim in article.claims]
    expected = {claim.id for claim in claims if claim.notebook[:2] in ("01", "02", "07")}
    moving = [verdict for verdict in check("02_entry_ticket", CHEAP) if verdict.changed]
    assert f"Of {len(expected)} claims {len(moving)} move" in text
    lacking = "a (07_timeline, 01_training_time), b9 (01_training_time), gone (02_entry_ticket, "
    assert f"missing below: {lacking}" in text
    assert {claim["id"] for claim in page.all("li", "claim")} == expected
    assert "In scenario" not in page.text_of("Z45")


def test_inputs_show_the_price_of_the_run_and_what_is_computed_from_it(scenarios):
    page = Page(build(scenarios / "b10"))
    rows = page.rows()
    place = next(at for at, text in enumerate(rows) if "40,000USD/GPU2024-07-22stated in the article" in text)
    assert rows[place + 1] == "this run25,000USD/GPUset for this run instead of the articles' price"
    assert "At the prices of this run1.075 billion USD ✗does not hold" in page.text_of("Z51")
    assert "✗At the prices of this run: does not hold" in page.text_of("Z51")
    assert "At the prices of this run:" not in page.text_of("J37")  # it holds at neither


def test_a_column_of_prices_is_dated_from_its_first_day_to_its_last():
    inputs = Inputs(articles()[0], PriceBook.article(), PriceBook.article(), {}, Words("en"))
    (line,) = inputs.lines(parse("api_prices[provider=OpenAI].input_usd_per_mtok[*]"))
    assert line.as_of == "2024-07-18 – 2024-09-06"


@given(st.text())
def test_a_source_is_shown_whole_whatever_it_is(text):
    assert "".join(part.address or part.text for part in parts(text)) == text


@given(st.text(st.characters(codec="utf-8")))
def test_an_address_gives_the_figure_back_and_ends_no_attribute(svg):
    address = image("a", svg, "").address
    assert not {"'", "&", "#"} & set(address)
    assert unquote(address.partition(",")[2]) == svg.replace("\n", " ")
