"""The calculator in a browser, as a person uses it: mouse, keyboard, typing, links, files."""

import csv
import io
import re
import shutil
import subprocess
import sys
import time

import psutil
import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect

from costcheck.apps.calculator.settings import Settings
from costcheck.claims import verdicts
from costcheck.claims.verdict import results_csv
from costcheck.data.tables import home
from costcheck.text.numbers import readable

FIGURES = ["sums", "offers", "deadline"]
NEVER = "jupyterlab.handlers.announcements.NeverCheckForUpdate"


def opened(pages, app, link="", width=1280, height=900, **more):
    page = pages(width, height, **more)
    page.goto(f"http://127.0.0.1:{app.port}/?token={app.token}{link}")
    expect(page.locator("[data-figure=deadline] svg")).to_be_visible(timeout=20_000)
    return page


def control(page, key):
    return page.locator(f"[data-key={key}]")


def slider(page, key):
    return control(page, key).locator("input[type=range]")


def number(page, key):
    return control(page, key).locator("input[type=text]")


def type_in(page, key, text):
    number(page, key).fill(text)
    number(page, key).press("Enter")


def tile(page, place):
    return page.locator(".tiles > div").nth(place).locator("dd").first


def ticket(page):
    return tile(page, 1)


def at_your_prices(page, claim):
    return page.locator(f"[data-claim={claim}] td[data-head='At your prices']")


def downloaded(page):
    with page.expect_download() as given:
        page.get_by_role("button", name="Download CSV").click()
    assert given.value.suggested_filename == "results.csv"
    return given.value.path().read_text("utf-8")


def checked(date=None, **given):
    """What `costcheck check --as-of --set --format csv` prints."""
    return results_csv([verdict.row() for verdict in verdicts(Settings(date, given).book())])


def assert_every_figure_is_drawn(page):
    names = page.locator("[data-figure]").evaluate_all("all => all.map(one => one.dataset.figure)")
    assert names == FIGURES
    for name in FIGURES:
        marks = page.locator(f"[data-figure={name}] svg :is(rect, circle, polyline)")
        assert marks.count() >= 5
        box = page.locator(f"[data-figure={name}] svg").bounding_box()
        assert box["width"] > 250
        assert box["height"] > 150


def test_it_opens_at_the_articles_prices_with_every_figure_drawn(pages, app):
    page = opened(pages, app)
    assert page.title() == "What does Llama 3.1 405B cost? The costcheck calculator"
    expect(ticket(page)).to_have_text("1.72 billion USD")
    assert_every_figure_is_drawn(page)
    expect(page.locator(".chain tbody tr")).to_have_count(7)
    expect(page.locator("[data-claim]:visible")).to_have_count(22)
    page.get_by_label("Show all 102 claims").check()
    expect(page.locator("[data-claim]:visible")).to_have_count(102)


def test_a_page_without_one_of_its_figures_is_noticed(pages, app):
    page = opened(pages, app)
    page.locator("[data-figure=offers]").evaluate("figure => figure.remove()")
    with pytest.raises(AssertionError):
        assert_every_figure_is_drawn(page)


def test_the_mouse_moves_a_price_and_all_that_follows_from_it(pages, app):
    page = opened(pages, app)
    before = page.locator("[data-figure=sums] svg").inner_html()
    box = slider(page, "h100_usd").bounding_box()
    at = box["y"] + box["height"] / 2
    mark = control(page, "h100_usd").locator(".mark").bounding_box()
    page.mouse.move(mark["x"] + 1, at)
    page.mouse.down()
    for step in range(1, 12):
        page.mouse.move(mark["x"] - 8 * step, at)
    page.mouse.up()
    expect(ticket(page)).not_to_have_text("1.72 billion USD")
    value = float(number(page, "h100_usd").input_value())
    assert 23_000 <= value < 40_000
    expected = {verdict.claim.id: verdict for verdict in verdicts(Settings(None, {"h100_usd": value}).book())}
    usd = readable(expected["Z51"].at_your_prices)
    expect(ticket(page)).to_have_text(f"{usd} USD")  # once the page has come to the last of the moves
    assert page.locator("[data-figure=sums] svg").inner_html() != before
    assert_every_figure_is_drawn(page)
    assert downloaded(page) == checked(h100_usd=value)


def test_the_mark_of_the_articles_value_stands_where_the_slider_does(pages, app):
    page = opened(pages, app)
    mark = control(page, "h100_usd").locator(".mark").bounding_box()
    slider(page, "h100_usd").click(position={"x": 2, "y": 10})
    expect(ticket(page)).to_have_text("989 million USD")  # 43,000 * 23,000, the lowest quote
    track = slider(page, "h100_usd").bounding_box()
    page.mouse.click(mark["x"] + mark["width"] / 2, track["y"] + track["height"] / 2)
    expect(number(page, "h100_usd")).to_have_value("40000")


def test_the_keyboard_reaches_every_control_and_moves_a_price(pages, app):
    page = opened(pages, app)
    slider(page, "h100_usd").focus()
    page.keyboard.press("Home")
    expect(number(page, "h100_usd")).to_have_value("23000")
    expect(ticket(page)).to_have_text("989 million USD")
    page.keyboard.press("ArrowRight")
    expect(number(page, "h100_usd")).to_have_value("23200")
    expect(ticket(page)).to_have_text("997.6 million USD")
    page.keyboard.press("Tab")
    expect(number(page, "h100_usd")).to_be_focused()
    outline = number(page, "h100_usd").evaluate("field => getComputedStyle(field).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Control+A")
    page.keyboard.type("30000")
    page.keyboard.press("Tab")
    expect(ticket(page)).to_have_text("1.29 billion USD")


def test_a_price_typed_counts_everywhere_and_beyond_the_slider_too(pages, app):
    page = opened(pages, app)
    type_in(page, "h100_usd", "25000")
    expect(ticket(page)).to_have_text("1.075 billion USD")
    expect(at_your_prices(page, "Z51")).to_have_text("1.075 billion USD")
    expect(page.locator("[data-claim=Z51] td").last).to_have_text("does not hold")
    expect(page.locator(".command")).to_have_text("costcheck check --set h100_usd=25000")
    type_in(page, "h100_usd", "10000")
    expect(ticket(page)).to_have_text("430 million USD")
    expect(number(page, "h100_usd")).to_have_value("10000")


@pytest.mark.parametrize("text", ["abc", "-1", "1e999", "", "１２", "<img src=x onerror=alert(1)>"])
def test_a_price_typed_wrong_is_told_beside_its_field_and_the_last_good_result_stays(text, pages, app):
    page = opened(pages, app)
    type_in(page, "h100_usd", "25000")
    expect(ticket(page)).to_have_text("1.075 billion USD")
    type_in(page, "h100_usd", text)
    told = control(page, "h100_usd").locator(".wrong")
    expect(told).to_have_text(
        re.compile(
            r"(is not a|out of bounds|more than a computer|but this price).* 25,000 USD/GPU stays in use\."
        )
    )
    field = number(page, "h100_usd")
    assert told.get_attribute("role") == "alert"
    assert told.get_attribute("id") in field.get_attribute("aria-describedby").split()
    assert field.get_attribute("aria-invalid") == "true"
    assert field.input_value() == text
    expect(ticket(page)).to_have_text("1.075 billion USD")
    type_in(page, "usd_cny", "7")  # the others go on
    expect(page.locator(".tiles .beside").nth(1)).to_have_text("7.525 billion CNY (75.25亿)")
    expect(told).not_to_be_empty()
    type_in(page, "h100_usd", "30000")
    expect(told).to_be_empty()
    assert field.get_attribute("aria-invalid") is None
    expect(ticket(page)).to_have_text("1.29 billion USD")


def test_reset_takes_everything_back_to_the_articles(pages, app):
    page = opened(pages, app)
    type_in(page, "h100_usd", "25000")
    type_in(page, "usd_cny", "abc")
    page.get_by_label("Set of prices").select_option("2024-07-31")
    type_in(page, "gpus", "20000")
    expect(ticket(page)).to_have_text("500 million USD")  # 20,000 * 25,000: one's own price stays
    page.get_by_role("button", name="Reset").click()
    expect(ticket(page)).to_have_text("1.72 billion USD")
    expect(page.get_by_label("Set of prices")).to_have_value("")
    expect(number(page, "usd_cny")).to_have_value("7.2732366")
    expect(page.locator(".wrong:visible")).to_have_count(0)
    assert downloaded(page) == checked()


def test_a_dated_set_takes_the_quotes_of_its_day(pages, app):
    page = opened(pages, app)
    page.get_by_label("Set of prices").select_option("2025-03-03")
    expect(ticket(page)).to_have_text("1.3438 billion USD")  # 43,000 * 31,250
    expect(control(page, "h100_usd").locator(".hint")).to_contain_text("quote of 2025-03-03")
    assert downloaded(page) == checked("2025-03-03")


def test_a_dated_set_leaves_the_readers_own_prices_as_they_are(pages, app):
    page = opened(pages, app)
    type_in(page, "h100_usd", "25000")
    page.get_by_label("Set of prices").select_option("2025-03-03")
    expect(page.locator(".command")).to_have_text("costcheck check --as-of 2025-03-03 --set h100_usd=25000")
    expect(ticket(page)).to_have_text("1.075 billion USD")
    assert downloaded(page) == checked("2025-03-03", h100_usd=25_000.0)


@pytest.mark.parametrize("text", ["30", "abc"])
def test_escape_gives_a_field_its_last_good_value_back(text, pages, app):
    page = opened(pages, app)
    type_in(page, "h100_usd", "25000")
    expect(ticket(page)).to_have_text("1.075 billion USD")
    number(page, "h100_usd").fill(text)
    if text == "abc":
        number(page, "h100_usd").press("Enter")
        expect(control(page, "h100_usd").locator(".wrong")).not_to_be_empty()
    number(page, "h100_usd").press("Escape")
    expect(number(page, "h100_usd")).to_have_value("25000")
    expect(control(page, "h100_usd").locator(".wrong")).to_be_empty()
    expect(ticket(page)).to_have_text("1.075 billion USD")


@pytest.mark.parametrize("text", ["36017.751234", "7.273236612345678"])
def test_a_long_value_is_seen_whole_in_its_field(text, pages, app):
    page = opened(pages, app)
    key = "h100_usd" if text.startswith("3") else "usd_cny"
    type_in(page, key, text)
    expect(page.locator(".command")).to_contain_text(text)
    assert number(page, key).evaluate("field => field.scrollWidth <= field.clientWidth")


def test_on_a_telephone_held_sideways_nothing_stays_on_top_and_nothing_overlaps(pages, app):
    page = opened(pages, app, width=800, height=400)
    assert page.locator(".tiles").evaluate("tiles => getComputedStyle(tiles).position") == "static"
    prices, results = (page.locator(each).bounding_box() for each in (".prices", ".results"))
    assert page.locator(".prices").evaluate("one => one.scrollHeight <= one.clientHeight + 1")
    assert prices["y"] + prices["height"] <= results["y"]


def test_what_is_said_shows_wherever_the_page_is_scrolled_to_and_moves_nothing(pages, app):
    page = opened(pages, app)
    page.locator(".command").scroll_into_view_if_needed()
    page.mouse.wheel(0, -900)
    page.wait_for_timeout(300)
    before = page.evaluate("[scrollY, document.querySelector('.serving').getBoundingClientRect().top]")
    page.evaluate("location.hash = '#hl00_usd=1'")
    expect(page.locator(".notice:visible")).to_be_in_viewport(ratio=1)
    assert (
        page.evaluate("[scrollY, document.querySelector('.serving').getBoundingClientRect().top]") == before
    )


def test_a_page_that_is_looked_at_for_longer_than_half_a_minute_still_answers(pages, app):
    page = opened(pages, app)
    page.wait_for_timeout(35_000)
    expect(page.locator("#lost")).to_be_hidden()
    type_in(page, "h100_usd", "25000")
    expect(ticket(page)).to_have_text("1.075 billion USD")


def test_a_page_whose_kernel_was_killed_says_so(pages, costcheck_app, tmp_path):
    with costcheck_app("--no-browser", cwd=tmp_path) as app:
        page = opened(pages, app)
        (server,) = psutil.Process(app.pid).children()
        for kernel in server.children():
            kernel.kill()
        expect(page.locator("#lost")).to_have_text(
            "The calculator's kernel has ended; the last results stay. Reload this page.", timeout=10_000
        )
        expect(page.locator("#lost")).to_be_in_viewport(ratio=1)
        page.reload()
        expect(ticket(page)).to_have_text("1.72 billion USD", timeout=20_000)


def test_a_link_gives_somebody_else_the_same_page(pages, app):
    page = opened(pages, app, permissions=["clipboard-read", "clipboard-write"])
    page.get_by_label("Set of prices").select_option("2024-07-31")
    type_in(page, "h100_usd", "25000")
    expect(ticket(page)).to_have_text("1.075 billion USD")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == f"http://127.0.0.1:{app.port}/#as-of=2024-07-31&h100_usd=25000"
    other = opened(pages, app, link[link.index("#") :])
    expect(ticket(other)).to_have_text("1.075 billion USD")
    expect(other.get_by_label("Set of prices")).to_have_value("2024-07-31")
    expect(number(other, "h100_usd")).to_have_value("25000")
    assert downloaded(other) == checked("2024-07-31", h100_usd=25_000.0) == downloaded(page)


def test_the_address_keeps_the_settings_through_a_reload(pages, app):
    page = opened(pages, app)
    type_in(page, "h100_usd", "25000")
    page.wait_for_url("**/#h100_usd=25000")
    page.reload()
    expect(ticket(page)).to_have_text("1.075 billion USD")


def test_of_a_wrong_link_nothing_is_taken_and_the_page_says_why(pages, app):
    page = opened(pages, app, "#h100_usd=25000&hl00_usd=1")
    expect(page.locator(".notice:visible")).to_have_text(
        "The link is wrong, and nothing of it was taken: unknown price 'hl00_usd': did you mean 'h100_usd'? "
        "Ask for the link again, or set the prices here."
    )
    expect(ticket(page)).to_have_text("1.72 billion USD")
    page.wait_for_url(f"http://127.0.0.1:{app.port}/")
    type_in(page, "h100_usd", "25000")
    expect(ticket(page)).to_have_text("1.075 billion USD")
    expect(page.locator(".notice:visible")).to_have_count(0)


def test_text_in_a_link_is_shown_as_text(pages, app):
    page = opened(pages, app, "#%3Cimg%20src%3Dx%3E=1")
    expect(page.locator(".notice:visible")).to_contain_text("<img src=x>")
    assert page.locator(".notice img").count() == 0


def test_the_csv_is_the_one_of_the_command_that_is_shown(pages, app, capsys):
    from costcheck.cli import main

    page = opened(pages, app, "#as-of=2024-09-06&h100_usd=25000&usd_cny=7.1")
    command = page.locator(".command").inner_text().split()
    assert main([*command[1:], "--format", "csv"]) == 0
    text = downloaded(page)
    assert text == capsys.readouterr().out
    assert len(list(csv.DictReader(io.StringIO(text)))) == 102


def test_while_a_slider_is_dragged_nothing_queues_up_and_the_last_value_counts(pages, app):
    page = opened(pages, app)
    page.evaluate("""() => {
        window.redrawn = 0;
        document.addEventListener("costcheck:redrawn", () => { window.redrawn += 1; });
        const range = document.querySelector("[data-key=h100_usd] input[type=range]");
        for (let step = 0; step < 300; step += 1) {
            range.value = step % 100;
            range.dispatchEvent(new Event("input"));
        }
        range.value = 0;
        range.dispatchEvent(new Event("input"));
    }""")
    expect(ticket(page)).to_have_text("989 million USD")
    time.sleep(0.5)
    expect(ticket(page)).to_have_text("989 million USD")
    assert page.evaluate("window.redrawn") <= 3


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_page_and_axe_finds_no_serious_fault(width, scheme, pages, faults, app):
    page = opened(pages, app, width=width, color_scheme=scheme)
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    type_in(page, "h100_usd", "abc")
    expect(control(page, "h100_usd").locator(".wrong")).not_to_be_empty()
    page.get_by_label("Show all 102 claims").check()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    clipped = page.locator(".control input[type=text]").evaluate_all(
        "all => all.filter(one => one.scrollWidth > one.clientWidth).map(one => one.value)"
    )
    assert clipped == []
    texts = page.locator("svg text").evaluate_all("""all => all.filter(one => {
        const box = one.getBoundingClientRect(), frame = one.ownerSVGElement.getBoundingClientRect();
        return box.left < frame.left - 1 || box.right > frame.right + 1 || box.bottom > frame.bottom + 1;
    }).map(one => one.textContent)""")
    assert texts == []
    assert faults(page) == []


@pytest.mark.parametrize("width", [1280, 390])
def test_no_two_labels_of_a_figure_overlap(width, pages, app):
    page = opened(pages, app, width=width)
    for link in ("", "#as-of=2026-09-20", "#days_in_month=14&gpu_hours=90000000"):
        page.evaluate("link => { location.hash = link; }", link or "#")
        page.wait_for_timeout(400)
        overlapping = page.locator("svg").evaluate_all("""all => all.flatMap((svg) => {
            const boxes = [...svg.querySelectorAll("text")].map((one) => one.getBoundingClientRect());
            const texts = [...svg.querySelectorAll("text")].map((one) => one.textContent);
            const meet = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1
                && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 5;
            return boxes.flatMap((one, place) => boxes.flatMap((other, later) =>
                later > place && meet(one, other) ? [[texts[place], texts[later]]] : []));
        })""")
        assert overlapping == []


def test_where_the_server_has_gone_the_page_says_so_and_the_last_results_stay(
    pages, costcheck_app, free_port, tmp_path
):
    with costcheck_app("--no-browser", "--port", str(free_port()), cwd=tmp_path) as own:
        page = opened(pages, own)
        type_in(page, "h100_usd", "25000")
        expect(ticket(page)).to_have_text("1.075 billion USD")
    expect(page.locator("#lost")).to_contain_text(
        "The calculator has lost its server; the last results stay."
    )
    expect(ticket(page)).to_have_text("1.075 billion USD")
    page.complaints.clear()


def test_the_page_says_when_its_first_controls_were_there(pages, app):
    """How soon that is, `benchmarks/redraw.py` measures."""
    page = opened(pages, app)
    (came,) = page.evaluate("performance.getEntriesByName('costcheck:controls').map(one => one.startTime)")
    assert came > 0


def test_in_jupyterlab_the_notebook_gives_the_same_calculator(pages, free_port, tmp_path):
    shutil.copy(home("notebooks") / "calculator.ipynb", tmp_path)
    port = free_port()
    address = f"http://127.0.0.1:{port}/lab/tree/calculator.ipynb"
    settings = {"IdentityProvider.token": "", "LabApp.news_url": "", "LabApp.check_for_updates_class": NEVER}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}"]
    command += [f"--{name}={value}" for name, value in settings.items()]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as lab:
        try:
            page = pages(1280, 1600)
            until = time.monotonic() + 60
            while time.monotonic() < until:
                try:
                    page.goto(address)
                    break
                except PlaywrightError:  # it does not listen yet
                    time.sleep(0.5)
            # asked for earlier than the kernel is there, a run may be lost
            expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=60_000)
            page.get_by_role("menuitem", name="Run", exact=True).click()
            page.get_by_text("Run All Cells", exact=True).click()
            expect(page.locator("[data-figure=deadline] svg")).to_be_visible(timeout=60_000)
            expect(ticket(page)).to_have_text("1.72 billion USD")
            type_in(page, "h100_usd", "25000")
            expect(ticket(page)).to_have_text("1.075 billion USD")
            slider(page, "h100_usd").focus()
            page.keyboard.press("Home")
            expect(ticket(page)).to_have_text("989 million USD")
            assert downloaded(page) == checked(h100_usd=23_000.0)
            assert_every_figure_is_drawn(page)
            page.get_by_role("menuitem", name="Kernel", exact=True).click()
            page.get_by_role("menuitem", name="Restart Kernel").first.click()
            page.get_by_role("button", name="Confirm Kernel Restart").click()
            expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=60_000)
            type_in(page, "h100_usd", "30000")
            expect(page.locator(".notice:visible")).to_have_text(
                "The kernel was restarted: run this cell again."
            )
            page.close()
            page.complaints.clear()  # JupyterLab's own, where there are any
        finally:
            lab.terminate()
