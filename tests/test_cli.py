"""The command line: what it prints, what it refuses, and how it ends."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from costcheck import __version__, cli
from costcheck.claims.loading import example
from costcheck.cli.options import COMMANDS, FIRST
from costcheck.text.numbers import number_text

DEEPSEEK = example("deepseek_v3")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("--set hl00_usd=25000", "did you mean 'h100_usd'?"),
        ("--set h100_usd=cheap", "'cheap' is not a number [USD/GPU]"),
        ("--set h100_usd=0", "out of bounds"),
        ("--set h100_usd", "write KEY=VALUE"),
        ("h100_usd=cheap", "'cheap' is not a number [USD/GPU]"),
        ("--set pue=1.2 --set pue=1.3", "set twice"),
        ("--book ''", "is empty"),
        ("--as-of ''", "--as-of '' is not a date YYYY-MM-DD"),
    ],
)
@pytest.mark.parametrize("command", ["check", "run"])
def test_a_wrong_price_is_refused_with_one_line_before_anything_runs(
    command, given, message, refused, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    assert message in refused(command, *shlex.split(given))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("--set h100_usd=1000 chekc", "unknown command 'chekc': did you mean 'check'?"),
        ("--verison", "without a command: unknown option '--verison': did you mean '--version'?"),
        ("report", "out: no such folder"),
        ("new", "the following arguments are required: FILE.yaml; see costcheck new --help"),
        ("check https://example.org/a.html", "no article file (.yaml); costcheck read drafts one"),
        ("run Z51", "Z51 is a claim: costcheck check Z51 has its verdict"),
        (
            "run 2 h100_usd",
            "h100_usd is a price: costcheck prices h100_usd has its quotes, h100_usd=... sets it",
        ),
        ("check 02_entry_ticket", "02_entry_ticket is a notebook: costcheck run 02_entry_ticket executes it"),
        ("check s.csv", "s.csv: no article file (.yaml); costcheck read drafts one from a text"),
        ("check --set h100_usd 25000", "h100_usd: write KEY=VALUE, as in h100_usd=25000"),
        ("run 02_entry_tickets", "did you mean '02_entry_ticket'?"),
        ("run 1 --set h100_usd=1000", "--set h100_usd: none of the notebooks to run takes such a price (01_"),
        ("run --scenarios s.csv", "did you mean 'h100_usd'?"),
        ("run --quiet --log-json", "--quiet and --log-json do not go together"),
        ("check folder", "folder: a folder; name a file"),
        ("check --folder x", "unknown option '--folder'"),
        ("help chekc", "did you mean 'check'?"),
        ("run 2 --out s.csv", "s.csv: this is a file; name a folder"),
        ("run --scenarios ./", "this is a folder; name a file of scenarios"),
        (f"check {DEEPSEEK} --set h80_usd_per_gpu_hour=3", "did you mean 'h800_usd_per_gpu_hour'?"),
        ("cache prune x", "unexpected argument 'x'; see costcheck cache"),
        ("prices --as-of 2019-12-31", "the first is of 2022-09-29"),
        ("prices --plot", "costcheck prices KEY --plot"),
        ("prices pue usd_cny --plot", "one price at a time"),
        ("prices pue --plot x.pdf", "must end in .svg or .png"),
        ("prices usd_cny --as-of 2023-01-01", "its first is of 2023-07-18"),
        ("sensitivity Z511", "unknown claim 'Z511': did you mean 'Z51'?"),
        ("sensitivity pue", "pue is a price: costcheck prices pue has its quotes, pue=... sets it"),
        ("sensitivity Z45", "claim Z45 rests on no price: nothing here moves it; prices move Z22, Z31, "),
        ("sensitivity --range pue=1:2", "pue moves nothing here"),
        ("sensitivity Z51 --samples 0", "'0' is not a whole number from 1"),
        ("sensitivity --plot a.svg", "a tornado is drawn of one claim"),
        ("sensitivity Z46 --plot a.svg", "no price in it has a range to draw"),
        ("report .", "no executed notebook in it; costcheck run --out"),
        ("report . --out report.pdf", "the file's name must end in .html or .htm"),
        ("report ''", "the name of a file or folder is empty"),
        ("app --no-browser --set h100_usd=-1", "h100_usd: -1 is out of bounds; allowed: 100 to 1,000,000"),
        ("app --no-browser --as-of 2000-01-01", "no quote on or before 2000-01-01"),
        *(
            (f"lab --port={port}", f"'{port}' is not a port from 1 to 65,535")
            for port in ("0", "65536", "８８８８")
        ),
        *(
            (f"run --jobs={jobs}", f"'{jobs}' is not a whole number from 1")
            for jobs in ("0", "1.5", "٣", "100000")
        ),
        *(
            (f"run --time-limit={limit}", f"'{limit}' is not a number of seconds from 1 to")
            for limit in ("0", "nan", "1e99")
        ),
        ("run --dask tcp://127.0.0.1:8786 --jobs 2", "--jobs: not allowed with argument --dask"),
        *(
            (f"run 7 --dask={address}", f"costcheck: --dask {address}: not an address (")
            for address in ("nonsense", "foo://somewhere:1", "tls://127.0.0.1:1")
        ),
        ("cache --all", "--all goes with cache prune"),
        ("cache prune --older-than -1", "'-1' is not a number of days"),
    ],
)
def test_a_wrong_command_line_exits_2_and_says_in_one_line_what_is_allowed(
    command, message, refused, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "s.csv").write_text("name,hl00_usd\ncheap,20000\n")
    (tmp_path / "folder").mkdir()
    assert message in refused(*shlex.split(command))
    assert {path.name for path in tmp_path.iterdir()} == {"s.csv", "folder"}


def test_a_price_set_beside_scenarios_with_their_own_is_refused_or_noted(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # of by_year, two of three scenarios have a usd_cny, and all an h100_usd
    words = "run 2 --scenarios by_year --set pue=1.5 --set usd_cny=7 --set h100_usd=3000"
    assert cli.main(words.split()) == cli.WRONG_INPUT
    assert capsys.readouterr().err.splitlines() == [
        "costcheck: --set usd_cny: not in 2 of 3 scenarios, which have their own price",
        "costcheck: --set h100_usd: every scenario of by_year has its own price, which goes first; "
        "leave out either",
    ]
    assert list(tmp_path.iterdir()) == []


def test_every_mistake_of_an_article_has_a_line_that_names_file_line_claim_and_key(capsys, tmp_path):
    article = tmp_path / "mine.yaml"
    article.write_text(
        "article: mine\ntitle: t\nlanguage: en\nclaims:\n"
        "  - printed: 3500年\n    sum: gpu_yaers(30.84M GPU-hour)\n    hegde: about\n"
    )
    assert cli.main(["check", str(article)]) == cli.WRONG_INPUT
    assert capsys.readouterr().err.splitlines() == [
        "costcheck: 2 problems",
        f"costcheck: {article}, line 6, claim A1, key sum: unknown formula 'gpu_yaers': "
        "did you mean 'gpu_years'?; write sum: gpu_years(30.84M GPU-hour)",
        f"costcheck: {article}, line 7, claim A1, key hegde: unknown key 'hegde': did you mean 'hedge'?",
    ]


def test_check_counts_all_claims_and_names_likely_causes(printed):
    out = printed("check")
    assert re.search(r"\d+ claims, \d+ different statements: \d+ hold", out)
    assert "J37, J38, J39, likely cause: ten times too high" in out


def test_check_of_an_id_tells_all_of_that_claim_and_changed_leaves_the_others_out(printed, records, tmp_path):
    cheap = ["--set", "h100_usd=25000"]
    out = printed("check", "Z51", *cheap)
    for line in (
        "Z51: 17亿美金 (",
        "43,000 GPU × 40,000 USD/GPU = 1.72 billion USD",
        "1.65 to 1.75 billion",
        "1.075 billion USD: does not hold",
        "J37 prints 17 billion USD, 10× this",
    ):
        assert line in out
    assert "Z52:" not in out
    changed = {row["id"] for row in records("check", "--changed", *cheap)}
    assert changed == {"Z50", "Z51", "Z52", "Z53", "J36", "J37", "J38", "J39"}
    assert records("check", "--changed") == []
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        DEEPSEEK.read_text("utf-8").replace("id: D6", "id: in_all").replace("fact: D6", "fact: in_all")
    )
    out = printed("check", "in_all", mine, "--set", "h800_usd_per_gpu_hour=3")
    assert "8.364 million USD: does not hold" in out  # 2.788 million * 3


def test_a_price_changes_the_figure_at_your_prices_and_nothing_else_in_csv_as_in_json_beside_the_sum(
    rows, records
):
    books = []
    for arguments in ([], ["--set", "h100_usd=25000"]):
        of_csv, of_json = rows("check", *arguments), records("check", *arguments)
        sums = {row["id"]: (row.pop("sum"), row.pop("steps")) for row in of_json}
        assert [{key: number_text(cell) for key, cell in row.items()} for row in of_json] == of_csv
        books.append({row["id"]: row for row in of_csv})
    theirs, yours = books
    assert len(theirs) > 100
    steps = "43,000 GPU × 40,000 USD/GPU = 1.72 billion USD"
    assert (sums["Z51"], sums["Z48"]) == (("prices.gpus * prices.h100_usd", steps), (None, None))
    ticket = yours["Z51"]
    assert ticket["at_your_prices"] == "1075000000"  # 43,000 * 25,000
    assert (ticket["verdict_at_your_prices"], ticket["scenario"]) == ("does not hold", "h100_usd=25000")
    assert {row["id"]: row for row in of_json}["Z51"]["recomputed"] == 1.72e9
    for id_, row in yours.items():
        for column in ("value", "recomputed", "ratio", "arithmetic", "premise", "note"):
            assert row[column] == theirs[id_][column]


def test_a_command_that_lacks_its_extra_says_what_installs_it(refused, monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert "pip install 'costcheck[dask]'" in refused("run", "--dask", "tcp://127.0.0.1:8786")


@pytest.mark.parametrize(
    ("arguments", "heavy"),
    [
        (["check"], "numpy pandas matplotlib papermill nbformat IPython rich"),
        (["sensitivity", "Z51", "--format", "csv"], "SALib scipy pandas matplotlib"),
        ([], "yaml rich typing pathlib shutil"),
    ],
)
def test_a_command_imports_nothing_heavy_that_it_does_not_need(arguments, heavy):
    code = f"import sys; from costcheck.cli import main; main({arguments}); "
    code += f"sys.exit(', '.join(set({heavy.split()}) & set(sys.modules)) or 0)"
    subprocess.run([sys.executable, "-c", code], check=True, stdout=subprocess.DEVNULL)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full is Linux's")
def test_a_full_disk_is_one_line_and_not_a_traceback():
    command = [sys.executable, "-m", "costcheck", "check"]
    with open("/dev/full", "w") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert ended.returncode == cli.NOT_EXECUTED
    assert ended.stderr == "costcheck: standard output: No space left on device\n"


@pytest.mark.parametrize("given", ["", "--help", "-h", "help"])
def test_without_a_command_it_shows_what_a_newcomer_needs_before_the_rest(given, printed):
    out = printed(*given.split())
    first, more = out.split("more:")
    assert [name for name in COMMANDS if f"\n  {name} " in first] == [n for n in COMMANDS if n in FIRST]
    assert [name for name in COMMANDS if f"\n  {name} " in more] == [n for n in COMMANDS if n not in FIRST]
    assert max(map(len, out.splitlines())) <= 100
    assert printed("--version") == f"costcheck {__version__}\n"


@pytest.mark.parametrize(
    "words",
    [
        "check Z51 Z52 h100_usd=25000 pue=1.2",
        "check Z51 --set h100_usd=25000 pue=1.2 Z52",
        "check --set h100_usd=25000 Z51 --set pue=1.2 --format json Z52",
        "--set h100_usd=25000 check pue=1.2 Z51 Z52",
        "--format json --set pue=1.2 h100_usd=25000 check Z51 Z52",
    ],
)
def test_prices_claims_and_options_go_in_any_order(words, records):
    rows = [(row["id"], row["scenario"]) for row in records(*words.split())]
    assert rows == [("Z51", "h100_usd=25000;pue=1.2"), ("Z52", "h100_usd=25000;pue=1.2")]


def test_help_with_a_command_is_that_of_the_command(capsys):
    shown = []
    for words in ("help prices import", "prices import --help"):
        with pytest.raises(SystemExit) as ended:
            cli.main(words.split())
        shown.append((ended.value.code, capsys.readouterr().out))
    assert shown[0] == shown[1]
    assert "costcheck prices import" in shown[0][1]


def test_a_file_whose_name_has_an_equals_sign_is_a_file(records, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(DEEPSEEK, "v=3.yaml")
    assert {row["article"] for row in records("check", "v=3.yaml")} == {"deepseek_v3"}


@pytest.mark.parametrize(
    ("typed", "completions"),
    [
        (["comp"], {"compare", "completion"}),
        (["run", "--scen"], {"--scenarios"}),
        (["check", "--format", "t"], {"table"}),
        (["check", "mi"], {"mine.yaml"}),
    ],
)
@pytest.mark.skipif(not shutil.which("bash"), reason="bash completes in bash")
def test_bash_completes_commands_options_choices_and_files(typed, completions, tmp_path, printed):
    (tmp_path / "costcheck.bash").write_text(printed("completion", "bash"))
    (tmp_path / "mine.yaml").touch()
    words = shlex.join(["costcheck", *typed])
    script = (
        f". ./costcheck.bash; COMP_WORDS=({words}); COMP_CWORD={len(typed)}; "
        "$(complete -p costcheck | sed 's/.*-F //; s/ .*//'); printf '%s\\n' \"${COMPREPLY[@]}\""
    )
    ended = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert set(ended.stdout.split()) == completions, ended.stderr
