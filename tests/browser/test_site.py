"""The site as a visitor sees it: from a plain file server, under some path, Python in the browser itself."""

import functools
import http.server
import json
import re
import threading

import pytest
from playwright.sync_api import expect

from costcheck.apps.site import folder
from costcheck.claims.loading import example
from costcheck.cli import main

LARGEST = 20_000_000
PATIENCE = 180_000  # for Python to load, on however busy a machine [ms]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site(pyodide, tmp_path_factory):
    """The address of a site, and its folder."""
    root = tmp_path_factory.mktemp("host")
    folder.write(root / "of" / "somebody", pyodide)
    with http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=root)
    ) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/of/somebody", root / "of" / "somebody"
        server.shutdown()


@pytest.fixture
def opened(pages, site):
    def open_page(name, width=1280, **more):
        page = pages(width, **more)
        page.goto(f"{site[0]}/{name}")
        return page

    return open_page


def drop(page, name, content):
    made = page.evaluate_handle(
        """([name, bytes]) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(bytes)], name));
            return data;
        }""",
        [name, list(content)],
    )
    page.dispatch_event("main", "drop", {"dataTransfer": made})


def verdicts(page):
    """Return id, figure and verdict of each claim on the page."""
    return page.locator("#rows tr").evaluate_all(
        """rows => rows.map(({ cells: [id, printed, , , verdict] }) =>
            [id, printed, verdict.firstChild].map(part => part.textContent))"""
    )


def command(capsys, *words):
    main(list(words))
    return capsys.readouterr()


def test_the_first_numbers_are_there_before_python_is_and_then_a_links_prices_and_the_sliders(
    pages, site, capsys
):
    page, held = pages(), []
    page.route("**/*.wasm.*", lambda asked: held.append(asked))
    page.clock.install()
    with page.expect_request("**/*.wasm.*"):
        page.goto(f"{site[0]}/calculator.html#h100_usd=25000")
    ticket = page.locator(".tiles > div").nth(1).locator("dd").first
    expect(ticket).to_have_text("1.72 billion USD")
    expect(page.locator("[data-figure=sums] svg")).to_be_visible()
    expect(page.locator("#engine")).to_contain_text("Python is loading")
    page.clock.fast_forward(11_000)
    expect(page.locator(".notice")).to_be_hidden()  # the reader has changed nothing
    page.locator("[data-key=days_in_month] input[type=range]").press("Home")
    page.clock.fast_forward(11_000)
    expect(page.locator(".notice")).to_contain_text("Python is still loading")
    held[0].continue_()
    expect(ticket).to_have_text("1.075 billion USD", timeout=PATIENCE)
    page.locator("[data-key=h100_usd] input[type=range]").focus()
    page.keyboard.press("Home")
    expect(ticket).to_have_text("989 million USD")  # 43,000 * 23,000, the lowest quote
    expect(page.locator(".command")).to_have_text("costcheck check --set h100_usd=23000")
    with page.expect_download() as given:
        page.get_by_role("button", name="Download CSV").click()
    csv = command(capsys, "check", "--set", "h100_usd=23000", "--format", "csv").out
    assert given.value.path().read_text("utf-8") == csv
    page.wait_for_url("**/calculator.html#h100_usd=23000")


def test_a_dropped_file_of_claims_gets_the_verdicts_of_the_command_line(opened, capsys):
    page, path = opened("check.html"), example("deepseek_v3")
    drop(page, "mine.yaml", path.read_bytes())
    expect(page.locator("#counts")).to_have_text("mine.yaml: 11 hold, 2 not checked", timeout=PATIENCE)
    rows = json.loads(command(capsys, "check", str(path), "--format", "json").out)
    assert verdicts(page) == [[row["id"], row["printed"], row["arithmetic"]] for row in rows]
    claims = page.locator("#draft")
    claims.fill(claims.input_value().replace("printed: $5.576M", "printed: $55.76M"))
    page.get_by_role("button", name="Check again").click()
    expect(page.locator("#counts")).to_have_text(re.compile(r"10 hold, 1 off by a factor, 2 not checked"))
    with page.expect_download() as given:
        page.get_by_role("button", name="Save as a file").click()
    assert given.value.suggested_filename == "mine.yaml"
    assert "$55.76M" in given.value.path().read_text("utf-8")


TEXT = """# Serving a model

Renting 64 H100s at $2.50 per GPU-hour costs $160 an hour.
That is $38,400 a day.
"""


def test_a_dropped_text_is_read_and_gets_the_verdicts_of_the_command_line(
    opened, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "serving.md").write_text(TEXT, "utf-8")
    read = command(capsys, "read", "serving.md", "--out", "serving.yaml", "--quiet").out
    rows = json.loads(command(capsys, "check", "serving.yaml", "--format", "json").out)
    page = opened("check.html")
    drop(page, "serving.md", TEXT.encode())
    expect(page.locator("#rows tr")).to_have_count(len(rows), timeout=PATIENCE)
    rows.sort(key=lambda row: not row["arithmetic"].startswith("off by"))  # mistakes first
    assert verdicts(page) == [[row["id"], row["printed"], row["arithmetic"]] for row in rows]
    expect(page.locator("#counts")).to_contain_text("serving.md: ")
    assert page.locator("#printed").text_content() == read
    assert "off by" in read
    assert page.locator("#draft").input_value() in (tmp_path / "serving.yaml").read_text("utf-8")


NO_ARTICLES = {
    "half.txt": b"caf\xe9 costs $5",
    "photo.png": b"\x89PNG\r\n\x1a\n",
    "notes.yaml": b"Hello world",
    "mistakes.yaml": b"article: x\ntitle: y\nclaims:\n  - printed: 3 kg\n    sum: 1 GPU * nil\n  - sum: 2\n",
    "--help": b"",
}


def test_a_file_that_is_no_article_gets_the_message_of_the_command_line(
    opened, capsys, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    page = opened("check.html")
    assert page.locator("#log").get_attribute("role") == "alert"
    for name, content in NO_ARTICLES.items():
        (tmp_path / name).write_bytes(content)
        words = ["check" if name.endswith(".yaml") else "read", f"./{name}" if name.startswith("-") else name]
        messages = command(capsys, *words).err.strip()
        drop(page, name, content)
        expect(page.locator("#log")).to_have_text(messages.replace("costcheck: ", ""), timeout=PATIENCE)
        expect(page.locator("#verdicts")).to_be_hidden()


def test_an_engine_that_fails_to_load_says_what_to_do_and_the_first_numbers_stay(pages, site):
    for name in ("calculator.html", "check.html"):
        page = pages()
        page.route("**/*.wasm.*", lambda asked: asked.fulfill(status=404))
        page.goto(f"{site[0]}/{name}")
        message = page.locator(".notice:visible")
        expect(message).to_contain_text("Python could not be loaded", timeout=PATIENCE)
        expect(message).to_contain_text("Reload the page")
        page.complaints.clear()
    page = pages()
    page.route("**/pyodide.mjs", lambda asked: asked.abort())
    page.goto(f"{site[0]}/calculator.html")
    expect(page.locator(".notice:visible")).to_contain_text("a file of it is missing", timeout=PATIENCE)
    expect(page.locator(".tiles")).to_contain_text("1.72 billion USD")
    page.complaints.clear()


def test_neither_page_nor_python_can_send_anything_to_another_server(opened, site):
    page = opened("check.html")
    (worker,) = page.workers or [page.wait_for_event("worker")]
    another = site[0].replace("127.0.0.1", "localhost")  # the same, but for the browser
    for place in (page, worker):
        sent = "another => fetch(another, {mode: 'no-cors'}).then(() => 'sent', () => 'refused')"
        assert place.evaluate(sent, another) == "refused"
    page.complaints.clear()  # of what was refused


def test_without_javascript_there_are_the_report_the_notebooks_and_the_first_numbers(opened):
    page = opened("", java_script_enabled=False)
    expect(page.locator(".headlines")).to_contain_text("1.72 billion USD")
    page.get_by_role("link", name="Calculator", exact=True).click()
    expect(page.locator("#calculator")).to_contain_text("1.72 billion USD")
    page.get_by_role("link", name="Check an article").click()
    expect(page.locator("main")).to_contain_text("This needs JavaScript")
    page.get_by_role("link", name="Notebooks").click()
    page.get_by_role("link", name="What does the fleet cost?").click()
    expect(page.locator("h1")).to_have_text("2. The entry ticket")
    assert page.locator("img").count() >= 2
    page.get_by_role("link", name="Report").click()
    expect(page.locator(".claim").first).to_be_visible()
    page.get_by_role("link", name="All pages of this site").click()
    expect(page.locator("h1")).to_be_visible()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (390, "dark")])
def test_no_page_is_wider_than_its_window_and_axe_finds_no_serious_fault(opened, faults, width, scheme):
    for name in (
        "index.html",
        "calculator.html",
        "check.html",
        "notebooks/index.html",
        "notebooks/08_verdicts.html",
    ):
        page = opened(name, width, color_scheme=scheme)
        if name == "check.html":
            page.get_by_role("button", name="Show an example").click()
            expect(page.locator("#rows tr")).to_have_count(13, timeout=PATIENCE)
        assert page.evaluate("document.documentElement.scrollWidth") == width, name
        assert faults(page) == [], name


def test_the_whole_site_is_under_20_mb(site):
    assert sum(path.stat().st_size for path in site[1].rglob("*.*")) < LARGEST
