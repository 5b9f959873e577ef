"""The calculator in a browser, as a person uses it: mouse, keyboard, typing, links, files."""

import re

import pytest
from playwright.sync_api import expect

from costcheck.apps.calculator.model import articles_verdicts
from costcheck.cli import main


def opened(pages, app, link="", width=1280, **more):
    page = pages(width, 900, **more)
    page.goto(app.address + link)
    drawn(page)
    return page


def drawn(page):
    """Wait until every figure is there, drawn for the width that it has."""
    page.wait_for_function(
        """names => names.every((name) => {
            const svg = document.querySelector(`[data-figure=${name}] svg`);
            const width = svg?.closest(".figures").clientWidth;
            return svg && Math.abs(svg.getAttribute("width") - width) < 1 && svg.clientHeight > 150
                && svg.querySelectorAll("rect, circle, polyline").length >= 5;
        })""",
        arg=["sums", "offers", "deadline"],
    )


def control(page, key):
    return page.locator(f"[data-key={key}]")


def number(page, key):
    return control(page, key).locator("input[type=text]")


def type_in(page, key, text):
    number(page, key).fill(text)
    number(page, key).press("Enter")


def ticket(page):
    return page.locator(".tiles > div").nth(1).locator("dd").first


def test_it_opens_at_the_articles_prices_and_the_keyboard_moves_a_price(pages, app):
    page = opened(pages, app)
    assert page.title() == "What does Llama 3.1 405B cost? The costcheck calculator"
    expect(ticket(page)).to_have_text("1.72 billion USD")
    expect(page.locator(".chain tbody tr")).to_have_count(7)
    expect(page.locator("[data-claim]:visible")).to_have_count(
        sum(verdict.yours is not None for verdict in articles_verdicts().values())
    )
    before = page.locator("[data-figure=sums] svg").inner_html()
    control(page, "h100_usd").locator("input[type=range]").focus()
    page.keyboard.press("Home")
    expect(number(page, "h100_usd")).to_have_value("23000")
    expect(ticket(page)).to_have_text("989 million USD")  # 43,000 * 23,000, the lowest quote
    assert page.locator("[data-figure=sums] svg").inner_html() != before
    page.keyboard.press("Tab")
    expect(number(page, "h100_usd")).to_be_focused()
    page.keyboard.press("Control+A")
    page.keyboard.type("10000")  # beyond the slider
    page.keyboard.press("Tab")
    expect(ticket(page)).to_have_text("430 million USD")
    claim = page.locator("[data-claim=Z51]")
    expect(claim.locator("td[data-head='At your prices']")).to_have_text("430 million USD")
    expect(claim.locator("td").last).to_have_text("does not hold")
    expect(page.locator(".command")).to_have_text("costcheck check --set h100_usd=10000")


def test_a_price_typed_wrong_is_explained_beside_its_field_and_the_last_good_result_stays(pages, app):
    page, text = opened(pages, app), "<img src=x onerror=alert(1)>"
    type_in(page, "h100_usd", "25000")
    expect(ticket(page)).to_have_text("1.075 billion USD")
    type_in(page, "h100_usd", text)
    why, field = control(page, "h100_usd").locator(".wrong"), number(page, "h100_usd")
    expect(why).to_have_text(re.compile(r"but this price is in USD/GPU\. 25,000 USD/GPU stays in use\."))
    assert why.get_attribute("role") == "alert"
    assert why.get_attribute("id") in field.get_attribute("aria-describedby").split()
    assert field.get_attribute("aria-invalid") == "true"
    assert field.input_value() == text
    expect(ticket(page)).to_have_text("1.075 billion USD")
    type_in(page, "usd_cny", "7")  # the others go on
    expect(page.locator(".tiles .beside").nth(1)).to_have_text("7.525 billion CNY (75.25亿)")
    expect(why).not_to_be_empty()
    number(page, "h100_usd").press("Escape")
    expect(field).to_have_value("25000")
    expect(why).to_be_empty()
    assert field.get_attribute("aria-invalid") is None


def test_a_price_that_comes_while_the_field_is_marked_is_replaced_by_what_is_typed(pages, app):
    page = opened(pages, app)
    page.get_by_label("Set of prices").evaluate(
        "(set, field) => { set.value = '2024-07-31'; set.dispatchEvent(new Event('change'));"
        " field.select(); }",
        number(page, "h100_usd").element_handle(),
    )
    expect(ticket(page)).to_have_text("1.5488 billion USD")
    page.keyboard.type("25000")
    page.keyboard.press("Enter")
    expect(ticket(page)).to_have_text("1.075 billion USD")


def test_a_link_gives_somebody_else_the_same_page_and_survives_a_reload(pages, app, capsys):
    page = opened(pages, app, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_label("Set of prices").select_option("2024-07-31")
    type_in(page, "h100_usd", "25000")
    expect(ticket(page)).to_have_text("1.075 billion USD")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == f"http://127.0.0.1:{app.url.port}/#as-of=2024-07-31&h100_usd=25000"
    page.wait_for_url(link)
    page.reload()
    other = opened(pages, app, link[link.index("#") :])
    for view in (page, other):
        expect(ticket(view)).to_have_text("1.075 billion USD")
        expect(view.get_by_label("Set of prices")).to_have_value("2024-07-31")
        expect(number(view, "h100_usd")).to_have_value("25000")
    assert main([*other.locator(".command").inner_text().split()[1:], "--format", "csv"]) == 0
    with other.expect_download() as given:
        other.get_by_role("button", name="Download CSV").click()
    assert given.value.suggested_filename == "results.csv"
    assert given.value.path().read_text("utf-8") == capsys.readouterr().out
    other.get_by_role("button", name="Reset").click()
    expect(ticket(other)).to_have_text("1.72 billion USD")
    expect(other.get_by_label("Set of prices")).to_have_value("")


def test_of_a_wrong_link_nothing_is_taken_and_the_page_says_why(pages, app):
    page = opened(pages, app, "#h100_usd=25000&%3Cimg%20src%3Dx%3E=1")
    expect(page.locator(".notice:visible")).to_have_text(
        "The link is wrong, and nothing of it was taken: unknown price '<img src=x>'; costcheck prices lists "
        "them."
    )
    expect(page.locator(".notice:visible")).to_be_in_viewport(ratio=1)
    assert page.locator(".notice img").count() == 0
    expect(ticket(page)).to_have_text("1.72 billion USD")
    page.wait_for_url(f"http://127.0.0.1:{app.url.port}/")
    type_in(page, "h100_usd", "25000")
    expect(ticket(page)).to_have_text("1.075 billion USD")
    expect(page.locator(".notice:visible")).to_have_count(0)


OVERLAPPING = """all => all.flatMap((svg) => {
    const texts = [...svg.querySelectorAll("text")];
    const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
        && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 5;
    return texts.flatMap((one, place) => texts.slice(place + 1).filter((other) =>
        meet(one.getBoundingClientRect(), other.getBoundingClientRect())).map(
        (other) => [one.textContent, other.textContent]));
})"""
OUTSIDE = """all => all.filter(each => {
    const box = each.getBoundingClientRect(), frame = each.ownerSVGElement.getBoundingClientRect();
    return box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1;
}).map(each => each.textContent)"""
CLIPPED = "all => all.filter(each => each.scrollWidth > each.clientWidth).map(each => each.value)"


@pytest.mark.parametrize(
    ("width", "scheme", "link"), [(1280, "light", ""), (390, "dark", "#as-of=2026-09-20")]
)
def test_everything_fits_the_page_and_axe_finds_no_serious_fault(width, scheme, link, pages, faults, app):
    page = opened(pages, app, link, width, color_scheme=scheme)
    assert page.locator("svg").evaluate_all(OVERLAPPING) == []
    page.locator("details").evaluate_all("all => all.forEach(each => { each.open = true; })")
    type_in(page, "usd_cny", "7.273236612345678")
    expect(page.locator(".command")).to_contain_text("7.273236612345678")
    type_in(page, "h100_usd", "abc")
    expect(control(page, "h100_usd").locator(".wrong")).not_to_be_empty()
    claims = len(articles_verdicts())
    page.get_by_label(f"Show all {claims} claims").check()
    expect(page.locator("[data-claim]:visible")).to_have_count(claims)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".control input[type=text]").evaluate_all(CLIPPED) == []
    assert page.locator("svg text").evaluate_all(OUTSIDE) == []
    assert faults(page) == []


def test_where_the_server_has_ended_the_page_says_so_and_the_last_results_stay(pages, serving, tmp_path):
    with serving("app", cwd=tmp_path) as own:
        page = opened(pages, own)
    type_in(page, "h100_usd", "25000")
    expect(page.locator(".notice:visible")).to_have_text(
        "The calculator's server has ended; the last results stay. Start costcheck app again, and open the "
        "address that it prints."
    )
    expect(ticket(page)).to_have_text("1.72 billion USD")
    page.complaints.clear()  # the browser's own, of a refused connection
