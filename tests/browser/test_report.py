"""The report as somebody gets it: a file that is opened from disk, without a network."""

import csv
import re
import shutil
from pathlib import Path

import pytest

from costcheck.claims.kinds import Finding
from costcheck.data.tables import home
from costcheck.results.report import build
from costcheck.text.numbers import readable

ROOT = Path(__file__).resolve().parents[2]
FIGURES = 20
LOOKS = [(1280, "light"), (1280, "dark"), (390, "light"), (390, "dark")]


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """The report on the committed notebooks in each language, as files."""
    run = tmp_path_factory.mktemp("run")
    (run / "notebooks").mkdir()
    for path in home("notebooks").glob("0*.ipynb"):
        shutil.copy(path, run / "notebooks")
    for language in ("en", "zh", "ja"):
        (run / f"{language}.html").write_text(build(run, language), "utf-8")
    return run


@pytest.fixture
def opened(pages, reports):
    """Open a report: ``opened("en#Z51", 390, color_scheme="dark")``."""

    def page(address="en", width=1280, **more):
        one = pages(width, offline=True, **more)
        name, hash_, at = address.partition("#")
        one.goto((reports / f"{name}.html").as_uri() + hash_ + at)
        return one

    return page


def results():
    with (ROOT / "figures" / "results.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def kind(row):
    return Finding.read(row["arithmetic"]).look.name


def visible(page):
    return page.eval_on_selector_all(
        ".claim", "all => all.filter(one => one.checkVisibility()).map(one => one.id)"
    )


def complete(page):
    """Whether all figures of the notebooks are drawn, and each says what it shows."""
    page.wait_for_function("[...document.images].every(image => image.complete)")
    shown = page.eval_on_selector_all("img", "all => all.map(one => [one.alt.length, one.naturalWidth])")
    return len(shown) == FIGURES and all(alt > 40 and width > 200 for alt, width in shown)


@pytest.mark.parametrize("language", ["en", "zh", "ja"])
def test_opened_from_disk_without_a_network_it_is_complete(opened, language):
    page = opened(language)
    assert complete(page)
    assert page.locator("html").get_attribute("lang") == language
    assert visible(page) == [row["id"] for row in results()]


def test_the_name_of_a_scenario_runs_nothing(pages, reports, tmp_path):
    names = ['"><img src=x onerror=alert(1)>', "</title><script>alert(2)<!--"]
    for name in names:
        shutil.copytree(reports / "notebooks", tmp_path / "several" / name.replace("/", "⁄") / "notebooks")
    (tmp_path / "several.html").write_text(build(tmp_path / "several"), "utf-8")
    page = pages(offline=True)
    asked = []
    page.on("dialog", lambda dialog: asked.append(dialog.message) or dialog.dismiss())
    page.goto((tmp_path / "several.html").as_uri())
    page.get_by_text("The scenarios' prices").click()
    assert page.locator("#scenarios th[scope=row]").first.inner_text() == names[0]
    assert asked == []


@pytest.mark.parametrize(
    ("name", "column"),
    [("article", "article"), ("chapter", "notebook"), ("premise", "premise"), ("verdict", None)],
)
def test_each_filter_leaves_the_claims_that_results_csv_has_of_it(opened, name, column):
    page = opened("en#claims")
    select = page.locator(f"select[name={name}]")
    values = [
        value for value in select.locator("option").evaluate_all("all => all.map(one => one.value)") if value
    ]
    of = {row["id"]: kind(row) if column is None else row[column] for row in results()}
    assert set(values) == set(filter(None, of.values()))
    for value in values:
        left = [id_ for id_, one in of.items() if one == value]
        option = select.locator(f"option[value='{value}']")
        assert option.inner_text().endswith(f"({len(left)})")
        select.select_option(value)
        assert visible(page) == left
        assert page.locator("#shown").inner_text() == f"{len(left)} of 102 claims shown"


def test_filters_go_together_and_the_address_keeps_them(opened):
    page = opened()
    page.locator("select[name=article]").select_option("ja_right_ai")
    page.locator("select[name=verdict]").select_option("off")
    assert visible(page) == ["J22", "J37", "J38", "J39"]
    assert "#claims?article=ja_right_ai&verdict=off" in page.url
    assert visible(opened("en#" + page.url.partition("#")[2])) == visible(page)
    assert page.locator("select[name=chapter] option[value='02_entry_ticket']").inner_text().endswith("(3)")
    page.locator("select[name=chapter]").select_option("05_benchmarks")
    assert visible(page) == []
    assert page.locator("#none").is_visible()
    page.get_by_role("button", name="Show all").click()
    assert len(visible(page)) == 102
    assert not page.locator("#none").is_visible()
    assert len(visible(opened("en#claims?verdict=nonsense&article=%ZZ"))) == 102


def test_a_verdict_of_the_scoreboard_leads_to_its_claims(opened):
    page = opened()
    page.locator("#scoreboard a.v-close").click()
    assert visible(page) == [row["id"] for row in results() if kind(row) == "close"]


def test_the_numbers_are_those_of_results_csv(opened):
    page = opened()
    shown = page.eval_on_selector_all(
        ".claim", "all => all.map(one => one.querySelector('summary .figure').textContent.trim())"
    )
    for text, row in zip(shown, results(), strict=True):
        value = row["recomputed"]
        if value and not re.match(r"true|false|\d{4}-\d\d", value):
            value = readable(float(value), row["unit"])
        assert text == value, row["id"]


def test_a_link_to_a_claim_opens_it_also_where_a_filter_hides_it(opened):
    page = opened("en#Z51")
    claim = page.locator("#Z51")
    assert claim.locator("details").evaluate("one => one.open")
    assert claim.get_by_text("purchase(gpus, usd_per_gpu)").is_visible()
    page.locator("select[name=article]").select_option("ja_right_ai")
    assert not claim.is_visible()
    page.locator("#scoreboard a[href='#Z17']").click()
    assert page.locator("#Z17 .body").is_visible()
    assert page.locator("#Z17").evaluate("one => one.getBoundingClientRect().top < innerHeight")


def test_without_a_script_it_is_a_plain_list_of_all_claims(opened):
    page = opened(java_script_enabled=False)
    assert not page.locator("#filter").is_visible()
    assert page.locator(".claim").count() == 102
    page.locator("#Z51 summary").click()
    assert page.locator("#Z51 .formula").is_visible()


def test_it_can_be_used_by_keyboard_alone(opened):
    page = opened()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.locator("select[name=verdict]").focus()
    page.keyboard.type("close")
    assert visible(page) == ["Z24", "J14"]
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "open-all"
    page.keyboard.press("Enter")
    assert page.locator("#Z24 .body").is_visible()
    assert page.evaluate("document.activeElement.textContent") == "Close all"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
    page.keyboard.press("Space")
    assert not page.locator("#Z24 .body").is_visible()


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_nothing_reaches_beyond_the_page_and_axe_finds_no_serious_fault(opened, faults, width, scheme):
    page = opened("ja" if width == 390 else "en", width, color_scheme=scheme)
    for id_ in ("Z12", "Z51", "J37"):
        page.locator(f"#{id_} summary").click()
    assert faults(page) == []
    page.locator("#open-all").click()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    beyond = page.eval_on_selector_all(
        "main *",
        """all => all
            .filter(one => one.checkVisibility())
            .filter(one => !one.closest('.hidden, .wide, .card img, svg, .stack thead'))
            .filter(one => one.getBoundingClientRect().right > innerWidth + 0.5)
            .map(one => one.outerHTML.slice(0, 200))""",
    )
    assert beyond == []
    squeezed = page.eval_on_selector_all(
        "td",
        """all => all.filter(one => one.checkVisibility() && one.innerText.trim() && !one.closest('.wide'))
            .filter(one => one.clientWidth - parseFloat(getComputedStyle(one).paddingLeft) < 20)
            .map(one => one.outerHTML.slice(0, 200))""",
    )
    assert squeezed == []


def test_it_prints_with_all_claims_open_and_no_figure_cut_in_two(opened):
    page = opened()
    printed = page.pdf(prefer_css_page_size=True, print_background=True)
    assert printed.startswith(b"%PDF")
    assert 30 < len(re.findall(rb"/Type\s*/Page\b(?!s)", printed)) < 100
    page.emulate_media(media="print")
    assert not page.locator("#filter").is_visible()
    assert page.locator("figure").first.evaluate("one => getComputedStyle(one).breakInside") == "avoid"
    # as tall as it may be on a page of A4 between its margins [px]
    heights = page.eval_on_selector_all("img", "all => all.map(one => one.getBoundingClientRect().height)")
    assert max(heights) < 265 / 25.4 * 96
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0


def test_a_figure_on_a_phone_is_wide_enough_to_read_and_scrolls(opened):
    page = opened("en", 390)
    figure = page.locator("figure.card").first
    assert figure.locator("img").bounding_box()["width"] == 640
    assert figure.evaluate("one => one.scrollWidth > one.clientWidth && one.tabIndex == 0")
