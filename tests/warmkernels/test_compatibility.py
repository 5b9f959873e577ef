# ruff: noqa: E501  # what a kernel is asked stands here as it is sent, one string a question
"""A warm kernel is a kernel like any other: the same is done in both kinds, and what came back is compared.

An ordinary kernel is a new Python; a warm one is forked from a Python that has imported its libraries already.
src/warmkernels/README.md says in what the two differ in principle; that is nowhere compared. What the published
tests of nbclient, ipykernel and jupyter_client try on warm kernels is not tried again here.
"""

import json
import os
import re
import signal
import sys

import psutil
import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="without os.fork, as on Windows, no kernel is warm"),
    # jupyter_client makes an event loop for each thread that starts a kernel, and closes none
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]


def differing(ordinary, warm):
    """Where two tables of answers differ."""
    return {name: (ordinary[name], warm[name]) for name in ordinary if warm[name] != ordinary[name]}


CELLS = [
    "print('汉字 \\N{SNOWMAN} \\r\\n'); print('more')",
    "def f(n):\n    return 1 / n\n\nf(0)",
    "raise SystemExit(3)",
    "import os\nchild = os.fork()\nif not child: os._exit(7)\nos.waitstatus_to_exitcode(os.waitpid(child, 0)[1])",
    "import warnings; warnings.warn('mind')",
    "import pandas as pd\npd.DataFrame({'a': [1, 2], '漢': [0.5, None]})",
    "import numpy as np\nnp.arange(2000) / 3",
    "import pyarrow as pa\nt = pa.table({'k': ['a', 'b'] * 50_000, 'v': range(100_000)})\n"
    "t.group_by('k').aggregate([('v', 'sum')]).sort_by('k').to_pydict(), pd.Series(['x']).dtype",
    "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2]); plt.title('$x^2$');",
    "plt.rcParams['svg.hashsalt'] = 's'; os.environ['SOURCE_DATE_EPOCH'] = '1'",
    "%config InlineBackend.figure_formats = ['svg', 'png']\nplt.plot([1]); plt.show()",
    "plt.ioff()\nplt.figure()",
    "plt.ion()\n%matplotlib agg\nplt.plot([1])",
    "%run script.py first\nprint(left, __name__)",
    *(
        f"import math, multiprocessing\ncontext = multiprocessing.get_context({method!r})\n"
        "with context.Pool(2) as pool:\n    print(pool.map(math.factorial, range(5)))"
        for method in ("fork", "spawn")
    ),
]


def test_cells_show_the_same(start, home):
    pair = start("both", cwd=home)
    (home / "script.py").write_text("import sys\nprint(__name__, __file__, sys.argv)\nleft = 1\n")
    ordinary, warm = ({cell: kernel.execute(cell) for cell in CELLS} for kernel in pair.kernels.values())
    assert differing(ordinary, warm) == {}
    for cell, (messages, reply) in ordinary.items():
        assert messages[0] == ["status", {"execution_state": "busy"}], cell
        assert messages[-1] == ["status", {"execution_state": "idle"}], cell
        assert reply["status"] in {"ok", "error"}, cell
    code = "import getpass\n[input('Name? '), getpass.getpass('Word? ')]"
    messages, _ = pair.both(lambda kernel: kernel.execute(code, answers=["Ada", "w"]))
    prompts = [content["prompt"] for kind, content in messages if kind == "input_request"]
    assert prompts == ["Name? ", "Word? "]


# State of a kernel in which nothing has happened, and once libraries are imported

PREPARED = """
import contextlib, multiprocessing.spawn, os, re, signal, stat, sys, threading, warnings

def named(thing):
    kind = type(thing)
    name = getattr(thing, "__qualname__", None) or f"{kind.__module__}.{kind.__qualname__}"
    return f"{getattr(thing, '__module__', '')}.{name}"

def signals():
    with contextlib.suppress(OSError), open("/proc/self/status") as status:
        return [line for line in status if line.startswith(("Sig", "Shd"))][1:]

def descriptors():
    opened = []
    for number in os.listdir("/proc/self/fd"):
        with contextlib.suppress(OSError):
            kind = stat.S_IFMT(os.fstat(int(number)).st_mode)
            named = kind in (0, stat.S_IFREG, stat.S_IFCHR)
            opened.append(f"{kind:o} " + (os.readlink(f"/proc/self/fd/{number}") if named else ""))
    # ZeroMQ opens some for each thread that has written, as one has that caught the debugger's remarks
    return sorted(name for name in opened if not name.startswith(("0 anon_inode", "140000")))
"""

NOTHING_DONE = {
    "modules": "sorted(sys.modules)",
    "sys": "[sys.argv, sys.orig_argv, sys.path, str(sys.flags), sys._xoptions, sys.warnoptions, sys.pycache_prefix]",
    # a file that the garbage collector closes while a cell runs leaves a registry of warnings there
    "names in __main__": "sorted(set(globals()) - {'__warningregistry__'})",
    "the way back into a spawned process": "{k: v for k, v in multiprocessing.spawn.get_preparation_data('p').items()"
    " if k != 'authkey'}",
    "multiprocessing": "[multiprocessing.current_process().name, multiprocessing.parent_process(),"
    " multiprocessing.active_children(), multiprocessing.get_start_method(allow_none=True)]",
    "warnings": "[[action, getattr(text, 'pattern', text), named(kind), getattr(module, 'pattern', module), line]"
    " for action, text, kind, module, line in warnings.filters] + [named(warnings.showwarning)]",
    "standard streams": "[[named(s), s.encoding, s.errors, s.line_buffering, s.isatty(), s.closed, s.fileno()] for s in"
    " (sys.__stdin__, sys.__stdout__, sys.__stderr__)] + [[named(s), s.encoding, s.isatty(), s.closed] for s in"
    " (sys.stdin, sys.stdout, sys.stderr)]",
    "signal handlers": "{s.name: named(signal.getsignal(s)) + repr(signal.getsignal(s))[:9] for s in"
    " sorted(signal.valid_signals()) if isinstance(s, signal.Signals)}",
    "signals of the operating system": "[sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])), signals()]",
    "environment": "{k: v for k, v in os.environ.items() if k != 'JPY_SESSION_NAME'}",
    "open files": "descriptors()",
    "threads": "sorted(re.sub(r'\\d+', 'N', thread.name) + str(thread.daemon) for thread in threading.enumerate())",
    "formatters": "{name: [sorted(map(named, f.type_printers)), sorted(map(str, f.deferred_printers)), f.enabled]"
    " for name, f in get_ipython().display_formatter.formatters.items()}",
}


LIBRARIES = "import numpy as np, pandas as pd, matplotlib as mpl, matplotlib.pyplot as plt\n"
AGAIN = ("modules", "warnings", "signal handlers", "threads", "open files", "formatters")
LIBRARIES_IMPORTED = {
    "rcParams": "{name: repr(value) for name, value in mpl.rcParams.items()}",
    "default rcParams": "{name: repr(value) for name, value in mpl.rcParamsDefault.items()}",
    "backend": "[mpl.get_backend(auto_select=False), mpl.is_interactive(), plt.get_fignums(), named(plt.switch_backend)]",
    "units registry": "sorted(f'{named(k)} {named(v)}' for k, v in __import__('matplotlib.units').units.registry.items())",
    "options of pandas": "{name: repr(pd.get_option(name)) for name in sorted(pd._config.config._registered_options)}",
    **{name: NOTHING_DONE[name] for name in AGAIN},
}


def test_new_kernels_are_in_the_same_state_and_with_libraries_imported_too(start):
    states, modules = {}, {}
    for kind, kernel in start("both").kernels.items():
        stages = [(NOTHING_DONE, PREPARED), (LIBRARIES_IMPORTED, LIBRARIES)]
        states[kind] = [kernel.values(table, code) for table, code in stages]
        modules[kind] = [set(state.pop("modules")) for state in states[kind]]
        for state in states[kind]:  # importing numpy adds some
            state["warnings"] = [text for text in state["warnings"] if not re.search("numpy|Rank", str(text))]
    for ordinary, warm in zip(states["ordinary"], states["warm"], strict=True):
        assert differing(ordinary, warm) == {}
    for ordinary, warm in zip(modules["ordinary"], modules["warm"], strict=True):
        assert ordinary <= warm
    assert "pandas" not in modules["ordinary"][0]


# What the client decides: environment, working directory, configuration, streams

GIVEN = {
    "time.tzname[0]": "JST",
    "os.environ['GIVEN']": "漢字 and = signs",
    "'LANG' in os.environ": False,
    "os.path.basename(os.path.expanduser('~'))": "work",
    "os.path.basename(tempfile.gettempdir())": "tmp",
    "__import__('found_on_the_path').found": True,
    "__import__('found_here').found": True,
    "locale.setlocale(locale.LC_CTYPE)": "C.UTF-8",
    "started": "started",
    "argued": 1,
    "get_ipython().ast_node_interactivity": "all",
}


def test_environment_folder_and_configuration_of_the_client_are_honoured(start, home, tools):
    profile = home / "ipython" / "profile_default"
    for path, text in {
        profile / "startup" / "10-first.py": "started = 'started'\n",
        profile / "ipython_kernel_config.py": "c.InlineBackend.figure_formats = {'svg'}\n",
        profile / "ipython_config.py": "c.InteractiveShell.ast_node_interactivity = 'all'\n",
        home / "library" / "found_on_the_path.py": "found = True\n",
        home / "work" / "found_here.py": "found = True\n",
        home / "tmp" / "any": "",
    }.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    given = {"IPYTHONDIR": home / "ipython", "TZ": "Asia/Tokyo", "HOME": home / "work", "EMPTY": ""}
    given |= {"PYTHONPATH": home / "library", "TMPDIR": home / "tmp", "GIVEN": "漢字 and = signs"}
    given |= {"LC_ALL": "C.UTF-8", "NO_COLOR": "1", "LANG": None}
    options = ["--IPKernelApp.exec_lines=argued = 1", "--InteractiveShell.history_length=77"]
    kernel = start(cwd=home / "work", env=tools.environment(**given), extra_arguments=options)
    assert kernel.values({text: text for text in GIVEN}, "import locale, os, tempfile, time") == GIVEN
    assert shown(kernel, PLOT) == [SVG]


def test_variables_that_python_reads_as_it_starts_are_honoured(start, tools):
    variables = {"PYTHONWARNINGS": "error", "PYTHONINTMAXSTRDIGITS": "5000", "PYTHONHASHSEED": "7"}
    variables |= {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    kernels = start("both", env=tools.environment(**variables))
    asked = (
        "[str(sys.flags), sys.warnoptions, str(warnings.filters[0]), sys.get_int_max_str_digits(), hash('a'),"
        " locale.setlocale(0), sys.__stdout__.encoding, sys.getfilesystemencoding(), locale.getencoding()]"
    )
    answers = kernels.both(lambda kernel: kernel.value(asked, "import locale, sys, warnings"))
    assert answers[3] == 5000


def test_a_kernel_writes_to_the_files_its_client_gives(start, tmp_path):
    """What the interpreter itself writes, before and after a notebook is connected, goes to the client."""
    out, err = tmp_path / "out", tmp_path / "err"
    with out.open("wb") as stdout, err.open("wb") as stderr:
        kernel = start(stdout=stdout, stderr=stderr)
    kernel.execute(
        "import os, sys\nfor n, s in enumerate([sys.stdout, sys.stderr]):\n"
        "    os.write(s._original_stdstream_copy, b'%d' % n)"
    )
    kernel.close(now=False)
    texts = re.sub(r"\[IPKernelApp\].*\n?|\d+\.\d\ds - |\bpid=\d+", "", err.read_text()), out.read_text()
    assert texts == ("1", "0")


# Figures

PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2]); plt.title('$x^2$');"
SVG, PNG = ["image/svg+xml", "text/plain"], ["image/png", "text/plain"]


def shown(kernel, code):
    """The kinds of data that the code displays."""
    messages, reply = kernel.execute(code)
    assert reply["status"] == "ok", messages
    return [sorted(content["data"]) for kind, content in messages if kind == "display_data"]


def test_matplotlibs_settings_are_those_of_the_kernels_folder_and_environment(start, tmp_path, tools):
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 7.5\nbackend: pdf\n")
    asked = "[m.rcParams['lines.linewidth'], m.rcParamsDefault['lines.linewidth'], plt.get_backend().lower()]"
    inline = "module://matplotlib_inline.backend_inline"  # ipykernel's default goes before the file's
    for given, settings, kinds in (
        ({"env": tools.environment(MPLBACKEND="svg")}, [1.5, 1.5, "svg"], []),
        ({"cwd": tmp_path}, [7.5, 1.5, inline], [PNG]),
    ):
        kernel = start(**given)
        assert kernel.value(asked, "import matplotlib as m, matplotlib.pyplot as plt") == settings
        assert shown(kernel, PLOT) == kinds


# Interrupting, restarting, dying

BUSY = [
    "print('busy', flush=True)\nwhile True: pass",
    "import subprocess\nsubprocess.run('echo busy; exec sleep 1000', shell=True)",
]


@pytest.mark.parametrize("mode", ["signal", "message"])
def test_a_busy_cell_is_interrupted_and_its_kernel_lives_on(mode, start):
    kernel = start()
    kernel.manager.kernel_spec.interrupt_mode = mode
    for code in BUSY:
        # else the next request may still be one of those that an error takes with it
        sent = kernel.client.execute(code, stop_on_error=False)
        while kernel.reply(kernel.client.get_iopub_msg, sent)["content"].get("text", "").strip() != "busy":
            pass
        kernel.manager.interrupt_kernel()
        reply = kernel.reply(kernel.client.get_shell_msg, sent)
        assert reply["content"]["ename"] == "KeyboardInterrupt"
        # what reaches ipykernel at the very moment of a signal is lost: this asks until there is an answer
        kernel.client.wait_for_ready(timeout=120)
        assert kernel.value("1 + 1") == 2


DEATHS = [
    ("import os; os._exit(3)", 3),
    ("quit()", 0),
    ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
    (
        "import ctypes, resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); ctypes.string_at(0)",
        -signal.SIGSEGV,
    ),
]


def test_a_kernel_that_dies_has_its_exit_status_and_one_that_is_restarted_knows_nothing(
    start, tools, tmp_path
):
    kernel, path = start(), tmp_path / "touched"
    pids = [kernel.pid]
    for code, status in DEATHS:
        process = kernel.manager.provisioner.process
        kernel.client.execute(code)
        tools.until(lambda process=process: process.poll() is not None)
        assert process.poll() == status
        kernel.restart()
        pids.append(kernel.pid)
    for now in (True, False):
        kernel.execute(
            f"known = 1\nimport atexit, pathlib\natexit.register(pathlib.Path({str(path)!r}).touch)"
        )
        kernel.restart(now=now)
        pids.append(kernel.pid)
        assert kernel.value("'known' in globals()") is False
        assert kernel.execute("'works'")[1]["execution_count"] == 1
    assert path.exists()  # of the one that was not restarted at once
    assert len(set(pids)) == len(pids)
    assert [pid for pid in pids if psutil.pid_exists(pid)] == pids[-1:]
    assert pids[-1] == kernel.manager.provisioner.pid == kernel.manager.provisioner.pgid


# Chance, and one kernel beside another

DRAWS = {
    "random": "random.random()",
    "numpy's legacy generator": "np.random.rand()",
    "numpy's default_rng": "np.random.default_rng().random()",
    "names of temporary files": "tempfile.mktemp()",
    "key between processes": "bytes(multiprocessing.current_process().authkey).hex()",
    "session of the kernel": "get_ipython().kernel.session.session.replace('-', '')",
}
CHANCE = "import multiprocessing, random, tempfile\nimport numpy as np\n"


def test_no_kernel_draws_what_another_draws(start):
    kernels = (start(), start(), start())
    drawn = [kernel.values(DRAWS, CHANCE) for kernel in kernels]
    for name in DRAWS:
        assert len({json.dumps(draw[name]) for draw in drawn}) == 3, name
    seeded = kernels[0].value(
        "[random.random(), np.random.rand()]", CHANCE + "random.seed(1); np.random.seed(1)"
    )
    # random.seed(1); random.random() of every Python since 3.2, and MT19937 seeded with 1 as in numpy's tests
    assert seeded == [0.13436424411240122, 0.417022004702574]


# Kernels that a fork cannot stand in for


def test_a_kernel_with_options_of_pythons_own_is_started_as_ever(start, tmp_path, monkeypatch):
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    (folder := tmp_path / "kernels" / "developing").mkdir(parents=True)
    command = [sys.executable, "-X", "dev", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": "x", "language": "python", "env": {"PLANTED": "1"}}
    (folder / "kernel.json").write_text(json.dumps(spec))
    asked = "[sys.flags.dev_mode, os.environ['PLANTED'], os.getppid()]"
    assert start(name="developing").value(asked, "import os, sys") == [True, "1", os.getpid()]
