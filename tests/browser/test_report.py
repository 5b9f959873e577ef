"""The report as somebody gets it: a file that is opened from disk, without a network."""

import csv
import shutil
from pathlib import Path

import pytest

import costcheck as cc
from costcheck.claims.kinds_and_colours import Finding
from costcheck.data.tables import home
from costcheck.results.report import build
from costcheck.results.report.article_page import marked_page


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The report on the committed notebooks, in two languages."""
    run = tmp_path_factory.mktemp("run")
    (run / "notebooks").mkdir()
    for path in home("notebooks").glob("0*.ipynb"):
        shutil.copy(path, run / "notebooks")
    for language in ("en", "ja"):
        (run / f"{language}.html").write_text(build(run, language), "utf-8")
    article = Path(__file__).parents[1] / "reading" / "texts" / "01_serving_course.html"
    (run / "article.html").write_text(marked_page(cc.read(article)), "utf-8")
    return run


@pytest.fixture
def opened(pages, run):
    def open_page(address="en", width=1280, height=900, **more):
        page = pages(width, height, offline=True, **more)
        name, hash_, at = address.partition("#")
        page.goto((run / f"{name}.html").as_uri() + hash_ + at)
        return page

    return open_page


@pytest.fixture(scope="module")
def results():
    path = Path(__file__).resolve().parents[2] / "figures" / "results.csv"
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    return [row | {"verdict": Finding.read(row["arithmetic"]).look.name} for row in rows]


def visible(page):
    return page.eval_on_selector_all(
        ".claim", "all => all.filter(claim => claim.checkVisibility()).map(claim => claim.id)"
    )


def test_each_filter_leaves_the_claims_that_results_csv_has_of_it(opened, results):
    page = opened("en#claims")
    assert visible(page) == [row["id"] for row in results]
    for name in ("article", "chapter", "premise", "verdict"):
        select = page.locator(f"select[name={name}]")
        of = {row["id"]: row["notebook" if name == "chapter" else name] for row in results}
        for value in sorted(set(filter(None, of.values()))):
            left = [id_ for id_, other in of.items() if other == value]
            assert select.locator(f"option[value='{value}']").inner_text().endswith(f"({len(left)})")
            select.select_option(value)
            assert visible(page) == left
            assert page.locator("#shown").inner_text() == f"{len(left)} of {len(results)} claims shown"
        page.get_by_role("button", name="Show all").click()
    page.locator("#scoreboard a.v-wrong").click()
    wrong = [row["id"] for row in results if row["verdict"] == "wrong"]
    page.get_by_text(
        f"{len(wrong)} of {len(results)} claims shown"
    ).wait_for()  # a link is followed a moment later
    assert visible(page) == wrong


@pytest.mark.parametrize(("width", "height"), [(1280, 800), (390, 844)])
@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_first_screen_holds_the_whole_story_and_its_figure(opened, language, width, height):
    page = opened(language, width, height=height)
    assert page.locator(".story p").count() == 4
    for part in (page.locator(".story"), page.locator(".opening img")):
        box = part.bounding_box()
        assert box["y"] + box["height"] <= height


def test_filters_and_words_go_together_and_the_address_keeps_them(opened, results):
    page = opened()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("select[name=article]").select_option("ja_right_ai")
    page.locator("select[name=verdict]").select_option("off")
    of_both = [row["id"] for row in results if (row["article"], row["verdict"]) == ("ja_right_ai", "off")]
    assert visible(page) == of_both != []
    page.wait_for_url("**#claims?article=ja_right_ai&verdict=off")
    assert visible(opened("en#" + page.url.partition("#")[2])) == visible(page)
    page.get_by_role("searchbox").fill("TEN  times 170億")
    page.wait_for_url("**text=TEN*")
    assert visible(opened("en#" + page.url.partition("#")[2])) == visible(page) == ["J37"]
    page.locator("select[name=chapter]").select_option("05_benchmarks")
    assert visible(page) == []
    assert page.locator("#none").is_visible()
    assert len(visible(opened("en#claims?verdict=nonsense&article=%ZZ"))) == len(results)


def test_without_a_script_all_claims_are_there_and_with_it_a_link_to_one_opens_it(opened, results):
    plain = opened(java_script_enabled=False)
    assert (plain.locator("#filter").is_visible(), plain.locator(".claim").count()) == (False, len(results))
    page = opened("en#Z51")
    assert page.locator("#Z51").get_by_text("43,000 GPU × 40,000 USD/GPU = 1.72 billion USD").is_visible()
    page.locator("select[name=article]").select_option("ja_right_ai")
    assert not page.locator("#Z51").is_visible()
    page.locator("#scoreboard a[href='#Z17']").click()
    page.locator("#Z17 .body").wait_for()


@pytest.mark.parametrize(("language", "width", "scheme"), [("en", 1280, "light"), ("ja", 390, "dark")])
def test_nothing_reaches_beyond_the_page_and_axe_finds_no_serious_fault(
    opened, faults, language, width, scheme
):
    page = opened(language, width, color_scheme=scheme)
    page.wait_for_function("[...document.images].every(image => image.complete && image.naturalWidth > 200)")
    for id_ in ("Z12", "Z51", "J37"):
        page.locator(f"#{id_} summary").click()
    assert faults(page) == []
    page.locator("#open-all").click()
    assert_nothing_reaches_beyond(page, width)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_an_articles_page_fits_too_and_its_sums_lead_to_their_figures(opened, faults, width, scheme):
    page = opened("article", width, color_scheme=scheme)
    assert faults(page) == []
    assert_nothing_reaches_beyond(page, width)
    link = page.locator(".sums a[id^=sum]").first
    link.click()
    assert page.locator("mark:target").inner_text().startswith(link.locator("xpath=../../td[1]").inner_text())


def assert_nothing_reaches_beyond(page, width):
    assert page.evaluate("document.documentElement.scrollWidth") == width
    beyond = page.eval_on_selector_all(
        "main *",
        """all => all
            .filter(part => part.checkVisibility())
            .filter(part => !part.closest('.hidden, svg, .stack thead'))
            .filter(part => part.getBoundingClientRect().right > innerWidth + 0.5
                || part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).overflowX != 'visible')
            .map(part => part.outerHTML.slice(0, 200))""",
    )
    assert beyond == []


def test_it_prints_with_all_claims_open_and_no_figure_cut_in_two(opened):
    page = opened()
    page.emulate_media(media="print")
    assert not page.locator("#filter").is_visible()
    assert page.locator("figure").first.evaluate("card => getComputedStyle(card).breakInside") == "avoid"
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
