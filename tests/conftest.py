"""What all tests share."""

import contextlib
import csv
import gc
import io
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import urllib.parse
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from costcheck import cli
from costcheck.data.tables import home

# The same examples each time, however busy the machine is: whoever clones the project meets no other failure
# than its authors did. `pytest --hypothesis-profile=explore` draws new ones.
CALM = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("steady", derandomize=True, database=None, **CALM)
settings.register_profile("explore", **CALM)
# For mutation testing: a failure is all that is asked for, and the smallest example of it takes minutes.
settings.register_profile(
    "mutants", settings.get_profile("steady"), phases=[Phase.explicit, Phase.generate], print_blob=False
)
settings.load_profile("steady")

# In the background of a shell, or under nohup, these signals are ignored, also by what the tests start.
for number, handler in ((signal.SIGINT, signal.default_int_handler), (signal.SIGHUP, signal.SIG_DFL)):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, handler)

ROOT = Path(__file__).resolve().parents[1]
SITE = ROOT / "src/costcheck/apps/site"
PATIENCE = 300
"""Nothing takes that long to end, on however busy a machine [second]."""
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
HOW = "no Chromium here: install it (Debian, Ubuntu: sudo apt install chromium), or name yours in CHROMIUM"


@pytest.fixture(autouse=True, scope="session")
def _cache_of_the_tests(tmp_path_factory):
    """Keep executed notebooks away from the cache of whoever runs the tests."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("COSTCHECK_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True, scope="module")
def _leaves_to_itself_what_it_leaves(request):
    """Close what the tests of a module may leave open before another module's, which may not, comes to it."""
    yield
    if any("Unraisable" in str(mark.args) for mark in request.node.iter_markers("filterwarnings")):
        gc.collect()


@pytest.fixture
def printed(capsys):
    """Run a command and return what it prints: ``printed("check", "Z51")``."""

    def run(*words, status=cli.DONE):
        assert cli.main([str(word) for word in words]) == status
        return capsys.readouterr().out

    return run


@pytest.fixture
def rows(printed):
    """Run a command and return the rows of its CSV."""
    return lambda *words: list(csv.DictReader(io.StringIO(printed(*words, "--format", "csv"))))


@pytest.fixture
def records(printed):
    """Run a command and return its JSON."""
    return lambda *words: json.loads(printed(*words, "--format", "json"))


@pytest.fixture
def refused(capsys):
    """Run a command that prints nothing but one line of why not, and return that."""

    def run(*words, status=cli.WRONG_INPUT):
        assert cli.main([str(word) for word in words]) == status
        out, err = capsys.readouterr()
        assert (out, err.count("\n")) == ("", 1)
        return err

    return run


@pytest.fixture
def files_of():
    """Read all files of a folder: ``files_of(folder)``."""
    return lambda folder: {
        str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.fixture
def run(tmp_path):
    """A run at the articles' prices: the package's own notebooks as they are committed."""
    folder = tmp_path / "run"
    (folder / "notebooks").mkdir(parents=True)
    for path in sorted(home("notebooks").glob("0*.ipynb")):
        shutil.copy(path, folder / "notebooks")
    return folder


@pytest.fixture(scope="session")
def free_port():
    """Find a port that nobody listens on: ``free_port()``.

    It is below those that a system gives to outgoing connections: none of these takes it before it is used.
    """

    def find():
        while True:
            port = 20_000 + secrets.randbelow(12_000)
            with socket.socket() as probe, contextlib.suppress(OSError):
                probe.bind(("127.0.0.1", port))
                return port

    return find


@pytest.fixture(scope="session")
def pyodide():
    """The folder of Pyodide, Python for browsers, where npm has fetched it."""
    folder = SITE / "node_modules" / "pyodide"
    if not folder.is_dir():
        reason = f"Pyodide is missing; with Node.js: npm ci --prefix {SITE.relative_to(ROOT)}"
        (pytest.fail if os.environ.get("CI") and shutil.which("npm") else pytest.skip)(reason)
    return folder


@pytest.fixture(scope="session")
def serving(free_port):
    """Run ``costcheck app`` or ``lab`` on a free port: ``with serving("app", cwd=...) as process``.

    The process has its ``address`` and its parts, ``url``. At the end it is interrupted, and must have
    printed nothing else.
    """

    @contextlib.contextmanager
    def running(*words, cwd, env=os.environ):
        command = [sys.executable, "-m", "costcheck", *words, "--no-browser", "--port", str(free_port())]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(command, text=True, cwd=cwd, env=env, **pipes) as process:
            try:
                line = process.stdout.readline()
                assert line.startswith("Open in a browser: http://127.0.0.1:"), line + process.stderr.read()
                process.address = line.split()[-1]
                process.url = urllib.parse.urlsplit(process.address)
                yield process
                process.send_signal(signal.SIGINT)
                assert process.communicate(timeout=PATIENCE) == ("", "")
            finally:
                process.kill()
        assert process.returncode == 0

    return running


@pytest.fixture(scope="module")
def app(serving, tmp_path_factory):
    """``costcheck app``, running, started in an empty folder."""
    with serving("app", cwd=tmp_path_factory.mktemp("elsewhere")) as process:
        yield process


@pytest.fixture(scope="module")
def chromium():
    """The browser; of a module, because Playwright's event loop would stand in the way of other tests."""
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        if os.environ.get("CI"):
            pytest.fail(HOW)
        pytest.skip(HOW)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
