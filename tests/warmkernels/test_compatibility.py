# ruff: noqa: E501  # what a kernel is asked stands here as it is sent, one string a question
"""A warm kernel is a kernel like any other: the same is done in both kinds, and what came back is compared.

An ordinary kernel is a new Python; a warm one is forked from a Python that has imported its libraries already.
src/warmkernels/README.md says in what the two differ in principle; that is nowhere compared. What the published
tests of nbclient, ipykernel and jupyter_client try on warm kernels is not tried again here.
"""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import venv
from pathlib import Path

import matplotlib as mpl
import nbformat
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


# Requests and cells, in two kernels that are asked all of it in turn

REQUESTS = [
    ("kernel_info",),
    ("complete", "from json import dum"),
    ("complete", "sum(ran"),
    ("complete", "'a'.sta"),
    ("complete", "%mat"),
    ("complete", "open('/et"),
    ("inspect", "len", 3),
    ("inspect", "json.loads", 10, 1),
    ("inspect", "no_such_name", 5),
    ("is_complete", "for n in x:"),
    ("is_complete", "x = 1"),
    ("is_complete", "1 +* 2"),
    ("comm_info",),
]


def test_requests_are_answered_the_same(pair):
    # on a busy machine IPython would leave out the types of what it completes [millisecond]
    pair.both(lambda kernel: kernel.execute("get_ipython().Completer.jedi_compute_type_timeout = 60_000"))
    pair.both(lambda kernel: kernel.execute("'remembered'"))
    ordinary, warm = (
        {request: kernel.request(*request) for request in REQUESTS} for kernel in pair.kernels.values()
    )
    assert differing(ordinary, warm) == {}
    assert {answer["status"] for answer in ordinary.values()} == {"ok", "complete", "incomplete", "invalid"}
    session = {"raw": True, "output": True, "hist_access_type": "range", "session": 0, "start": 1}
    past = pair.both(lambda kernel: kernel.request("history", **session)["history"])
    assert past[-1][2] == ["'remembered'", "'remembered'"]


# What a child writes to a file descriptor comes by a thread of ipykernel's, hence the sleep.
CELLS = [
    "6 * 7",
    "print('out'); print('more')",
    "import sys; print('err', file=sys.stderr)",
    "sys.stdout.write('no newline'); sys.stdout.flush()",
    "print('汉字 \\N{SNOWMAN} \\r\\n')",
    "1 / 0",
    "def f(n):\n    return 1 / n\n\nf(0)",
    "raise ValueError('reason')\\\n from KeyError(1)",
    "import pandas; pandas.DataFrame()['a']",
    "for",
    "raise SystemExit(3)",
    "input()",
    "!echo child",
    "%%bash\necho child; echo error >&2",
    "import os; os.system('echo child; sleep 0.2')",
    "os.write(1, b'raw\\n'); import time; time.sleep(0.2)",
    "import subprocess; subprocess.run('echo child; sleep 0.2', shell=True).returncode",
    "subprocess.run('echo error >&2; sleep 0.2; exit 3', shell=True).returncode",
    "subprocess.run(['cat'], timeout=10).returncode",
    "child = os.fork()\nif not child: os._exit(7)\nos.waitstatus_to_exitcode(os.waitpid(child, 0)[1])",
    "import warnings; warnings.warn('mind')",
    "warnings.warn('old', DeprecationWarning)",
    "warnings.warn('soon', PendingDeprecationWarning)",
    "[warnings.warn('twice') for _ in 'ab'];",
    "import logging; logging.info('quiet'); logging.warning('loud')",
    "import threading\nt = threading.Thread(target=print, args=['thread'])\nt.start(); t.join()",
    "import asyncio\nawait asyncio.sleep(0, 'awaited')",
    "async def f():\n    print('task')\ntask = asyncio.create_task(f()); await task",
    "from IPython.display import HTML, display\ndisplay(HTML('<b>b</b>'))",
    "h = display('first', display_id='d'); h.update('second')",
    "import pandas as pd\npd.DataFrame({'a': [1, 2], '漢': [0.5, None]})",
    "pd.DataFrame({'a': [0.5]}).style.format(precision=2).set_uuid('u')",
    "import numpy as np\nnp.arange(2000) / 3",
    "np.array([1.0]) / 0",
    "import pyarrow as pa\nt = pa.table({'k': ['a', 'b'] * 50_000, 'v': range(100_000)})\n"
    "t.group_by('k').aggregate([('v', 'sum')]).sort_by('k').to_pydict(), pd.Series(['x']).dtype",
    "a = np.arange(250_000.0).reshape(500, 500) % 7\n"
    "float((a @ a).sum()), float(np.linalg.norm(np.linalg.svd(a + np.eye(500))[1]).round(6))",
    "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2]); plt.title('$x^2$');",
    "from rich.table import Table; Table('a')",
    "%pwd",
    "%lsmagic",
    "%config ZMQInteractiveShell",
    "%run script.py first\nprint(left, __name__)",
    *(
        f"import math, multiprocessing\ncontext = multiprocessing.get_context({method!r})\n"
        "with context.Pool(2) as pool:\n    print(pool.map(math.factorial, range(5)))"
        for method in ("fork", "spawn", "forkserver")
    ),
    "from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor\n"
    "with ThreadPoolExecutor(3) as threads, ProcessPoolExecutor(2) as processes:\n"
    "    print(list(threads.map(math.factorial, range(5))), list(processes.map(math.factorial, range(5))))",
]


def test_cells_show_the_same(pair, home):
    (home / "script.py").write_text("import sys\nprint(__name__, __file__, sys.argv)\nleft = 1\n")
    ordinary, warm = ({cell: kernel.execute(cell) for cell in CELLS} for kernel in pair.kernels.values())
    assert differing(ordinary, warm) == {}
    for cell, (messages, reply) in ordinary.items():
        assert messages[0] == ["status", {"execution_state": "busy"}], cell
        assert messages[-1] == ["status", {"execution_state": "idle"}], cell
        assert reply["status"] in {"ok", "error"}, cell


def test_clients_that_ask_for_expressions_or_answer_questions_get_the_same(pair):
    asked = {"good": "6 * 7", "bad": "no_such_name"}
    _, reply = pair.both(lambda kernel: kernel.execute("", user_expressions=asked))
    assert reply["user_expressions"]["good"]["data"] == {"text/plain": "42"}
    code = "import getpass\n[input('Name? '), getpass.getpass('Word? ')]"
    messages, _ = pair.both(lambda kernel: kernel.execute(code, answers=["Ada", "w"]))
    assert [content["prompt"] for kind, content in messages if kind == "input_request"] == [
        "Name? ",
        "Word? ",
    ]


# State of a kernel in which nothing has happened, once libraries are imported, and after a figure

NAMED = """
def named(thing):
    kind = type(thing)
    name = getattr(thing, "__qualname__", None) or f"{kind.__module__}.{kind.__qualname__}"
    return f"{getattr(thing, '__module__', '')}.{name}"

def kept(setting, change):
    found = setting(change)
    setting(found)
    return found

def loggers(names):
    found = {name: logging.getLogger(name) for name in names}
    found[""] = logging.getLogger()
    return {
        name: [logger.level, logger.disabled, logger.propagate, [named(h) for h in logger.handlers], logger.filters]
        for name, logger in found.items()
    }

def lines(path, *starts):
    try:
        text = open(path).read()
    except OSError:
        return []
    return [line for line in text.splitlines() if line.startswith(starts)]

def descriptors():
    found = []
    folder = "/proc/self/fd" if os.path.exists("/proc/self/fd") else "/dev/fd"
    for number in os.listdir(folder):
        with contextlib.suppress(OSError):
            mode = os.fstat(int(number)).st_mode
            kind = stat.S_IFMT(mode)
            named = folder == "/proc/self/fd" and kind in (0, stat.S_IFREG, stat.S_IFCHR)
            found.append(f"{kind:o} " + (os.readlink(f"{folder}/{number}") if named else ""))
    # ZeroMQ opens some for each thread that has written, as one has that caught the debugger's remarks
    return sorted(name for name in found if not name.startswith(("0 anon_inode", "140000")))
"""

PREPARED = f"""
import asyncio, atexit, builtins, contextlib, contextvars, decimal, faulthandler, gc, getpass, locale, logging
import multiprocessing.spawn, os, platform, re, resource, select, signal, socket, stat, sys, tempfile, threading, time
import tracemalloc, warnings
{NAMED}
"""

NOTHING_DONE = {
    "sys.argv": "sys.argv",
    "sys.orig_argv": "sys.orig_argv",
    "sys.path": "sys.path",
    "sys.flags": "[str(sys.flags), sys._xoptions, sys.warnoptions, sys.dont_write_bytecode, sys.pycache_prefix]",
    "hooks": "[named(getattr(sys, hook)) for hook in ('excepthook', 'displayhook', 'unraisablehook',"
    " 'breakpointhook', 'audit', 'getprofile', 'gettrace')] + [named(threading.excepthook), sys.gettrace(),"
    " sys.getprofile(), tracemalloc.is_tracing(), list(sys.get_asyncgen_hooks())]",
    "import system": "[list(map(named, sys.meta_path)), list(map(named, sys.path_hooks))]",
    "builtins": "sorted(vars(builtins))",
    "__main__": "[__name__, '__file__' in globals(), __spec__, __doc__, __package__, named(__builtin__),"
    " vars(sys.modules['__main__']) is globals(), sys.modules['__main__'].__name__, named(sys.modules['__main__'])]",
    # a file that the garbage collector closes while a cell runs leaves a registry of warnings there
    "names in __main__": "sorted(set(globals()) - {'__warningregistry__'})",
    "the way back into a spawned process": "{k: v for k, v in multiprocessing.spawn.get_preparation_data('p').items()"
    " if k != 'authkey'}",
    "multiprocessing": "[multiprocessing.current_process().name, multiprocessing.parent_process(),"
    " multiprocessing.active_children(), multiprocessing.get_start_method(allow_none=True)]",
    "warnings": "[[action, getattr(text, 'pattern', text), named(kind), getattr(module, 'pattern', module), line]"
    " for action, text, kind, module, line in warnings.filters] + [named(warnings.showwarning),"
    " named(warnings.formatwarning), warnings.defaultaction, warnings.onceregistry]",
    "locale": "[locale.setlocale(locale.LC_ALL), locale.getlocale(), locale.getpreferredencoding(),"
    " locale.getencoding(), locale.localeconv()]",
    "standard streams": "[[named(s), s.encoding, s.errors, s.line_buffering, s.isatty(), s.closed, s.fileno()] for s in"
    " (sys.__stdin__, sys.__stdout__, sys.__stderr__)] + [[named(s), s.encoding, s.isatty(), s.closed] for s in"
    " (sys.stdin, sys.stdout, sys.stderr)]",
    "stdin is at its end": "[bool(select.select([0], [], [], 0)[0]), select.select([0], [], [], 0)[0] and"
    " len(os.read(0, 9))]",
    "garbage collection": "[gc.isenabled(), gc.get_threshold(), gc.get_debug(), list(map(named, gc.callbacks))]",
    "signal handlers": "{s.name: named(signal.getsignal(s)) + repr(signal.getsignal(s))[:9] for s in"
    " sorted(signal.valid_signals()) if isinstance(s, signal.Signals)}",
    "signals of the operating system": "[sorted(signal.pthread_sigmask(signal.SIG_BLOCK, [])),"
    " sorted(signal.sigpending()), lines('/proc/self/status', 'Sig', 'Shd')[1:]]",
    "wakeup file descriptor": "kept(lambda fd: signal.set_wakeup_fd(fd, warn_on_full_buffer=False), -1) >= 0",
    "process group and session": "[os.getpgid(0) == os.getpid(), os.getpgrp() == os.getpid(),"
    " os.getsid(0) == os.getpid()]",
    "umask": "kept(os.umask, 0o77)",
    "resource limits": "{name: resource.getrlimit(getattr(resource, name)) for name in sorted(vars(resource)) if"
    " name.startswith('RLIMIT')}",
    "working directory": "[os.getcwd(), os.path.realpath('.')]",
    "environment": "{k: v for k, v in os.environ.items() if k != 'JPY_SESSION_NAME'}",
    "environment of a child": "sorted(os.popen('env').read().splitlines())",
    "time zone": "[time.tzname, time.timezone, time.daylight, time.strftime('%z')]",
    "folder for temporary files": "[tempfile.gettempdir(), tempfile.template, os.path.expanduser('~')]",
    "open files": "descriptors()",
    "threads": "sorted(re.sub(r'\\d+', 'N', thread.name) + str(thread.daemon) for thread in threading.enumerate())",
    "threads of the operating system": "[len(os.listdir('/proc/self/task')) if os.path.exists('/proc/self/task') else 0]",
    "faulthandler": "[faulthandler.is_enabled(), named(faulthandler.enable)]",
    "logging": "loggers(['traitlets', 'tornado', 'asyncio', 'tornado.general', 'IPKernelApp', 'py.warnings',"
    " 'matplotlib', 'concurrent.futures', 'parso', 'prompt_toolkit', 'Comm'])",
    "configuration of IPython": "get_ipython().config",
    "settings of the shell": "{name: repr(value) for name, value in get_ipython().trait_values(config=True).items()}",
    "configurable parts": "sorted({named(part) for part in get_ipython().configurables})",
    "events of the shell": "{name: sorted(map(named, called)) for name, called in get_ipython().events.callbacks.items()}",
    "formatters": "{name: [sorted(map(named, f.type_printers)), sorted(map(str, f.deferred_printers)), f.enabled]"
    " for name, f in get_ipython().display_formatter.formatters.items()}",
    "folders of IPython": "[get_ipython().ipython_dir, get_ipython().profile_dir.location,"
    " str(get_ipython().history_manager.hist_file), get_ipython().history_manager.enabled]",
    "settings of the application": "{name: repr(value) for name, value in get_ipython().kernel.parent.trait_values("
    "config=True).items() if not name.endswith(('_port', 'parent_handle'))}",
    "what looks after the parent": "named(get_ipython().kernel.parent.poller)",
}

AGAIN = [
    "warnings", "locale", "signal handlers", "signals of the operating system", "threads", "logging",
    "open files", "garbage collection", "environment", "formatters", "events of the shell", "import system",
]  # fmt: skip

LIBRARIES = PREPARED + "import numpy as np, pandas as pd, matplotlib as mpl, matplotlib.pyplot as plt\n"

LIBRARIES_IMPORTED = {
    "rcParams": "{name: repr(value) for name, value in mpl.rcParams.items()}",
    "default rcParams": "{name: repr(value) for name, value in mpl.rcParamsDefault.items()}",
    "original rcParams": "{name: repr(value) for name, value in getattr(mpl, 'rcParamsOrig', {}).items()}",
    "backend": "[mpl.get_backend(auto_select=False), mpl.is_interactive(), plt.get_fignums(), named(plt.switch_backend)]",
    "units registry": "sorted(f'{named(k)} {named(v)}' for k, v in __import__('matplotlib.units').units.registry.items())",
    "options of pandas": "{name: repr(pd.get_option(name)) for name in sorted(pd._config.config._registered_options)}",
    "errors of numpy": "[np.geterr(), np.geterrcall(), np.getbufsize()]",
    "already warned": "sorted(name for name, module in list(sys.modules.items()) if"
    " [key for key in getattr(module, '__warningregistry__', ()) if key != 'version'])",
} | {name: NOTHING_DONE[name] for name in AGAIN}

AFTER_A_FIGURE = {
    name: LIBRARIES_IMPORTED[name]
    for name in (
        "rcParams",
        "original rcParams",
        "backend",
        "units registry",
        "formatters",
        "warnings",
        "already warned",
    )
} | {"configurable parts": NOTHING_DONE["configurable parts"]}
FIGURES = """
with warnings.catch_warnings():
    pd.DataFrame({'a': [1, 2]}).plot()
    pd.Series([1, 2], pd.date_range('2024-07-23', periods=2)).plot()
plt.show()
"""


def without_numpys_warnings(state):
    """A kernel's state, without the filters of warnings that importing numpy adds."""
    filters = [entry for entry in state["warnings"] if not re.search("numpy|RankWarning", str(entry))]
    return state | {"warnings": filters}


def test_new_kernels_are_in_the_same_state_with_libraries_imported_and_after_a_figure_too(start):
    states, modules = {}, {}
    for kind, kernel in start("both").kernels.items():
        stages = [(NOTHING_DONE, PREPARED), (LIBRARIES_IMPORTED, LIBRARIES), (AFTER_A_FIGURE, FIGURES)]
        asked = [kernel.values({**table, "modules": "sorted(sys.modules)"}, code) for table, code in stages]
        modules[kind] = [set(state.pop("modules")) for state in asked]
        states[kind] = [without_numpys_warnings(state) for state in asked]
    for ordinary, warm in zip(states["ordinary"], states["warm"], strict=True):
        assert differing(ordinary, warm) == {}
    for ordinary, warm in zip(modules["ordinary"], modules["warm"], strict=True):
        assert ordinary <= warm
    assert "pandas" not in modules["ordinary"][0]


# What the client decides: environment, working directory, configuration

GIVEN = {
    "time.tzname[0]": "JST",
    "time.localtime(0).tm_hour": 9,
    "str(datetime.datetime.fromtimestamp(0))": "1970-01-01 09:00:00",
    "os.environ['GIVEN']": "漢字 and = signs",
    "os.environ['EMPTY']": "",
    "'LANG' in os.environ": False,
    "os.popen('echo $GIVEN').read()": "漢字 and = signs\n",
    "os.path.basename(os.path.expanduser('~'))": "work",
    "str(pathlib.Path.home()) == os.environ['HOME']": True,
    "os.path.basename(os.getcwd())": "work",
    "os.path.basename(tempfile.gettempdir())": "tmp",
    "__import__('found_on_the_path').found": True,
    "__import__('found_here').found": True,
    "getpass.getuser()": "somebody",
    "shutil.get_terminal_size().columns": 61,
    "locale.setlocale(locale.LC_CTYPE)": "C.UTF-8",
    "started": "started",
    "argued": 1,
    "get_ipython().history_length": 77,
    "get_ipython().ast_node_interactivity": "all",
    "os.path.basename(get_ipython().ipython_dir)": "ipython",
}
SET_BY_CLIENT = [
    "environment", "environment of a child", "sys.path", "sys.argv", "locale", "folders of IPython",
    "time zone", "standard streams", "configuration of IPython", "settings of the shell",
    "names in __main__", "the way back into a spawned process",
]  # fmt: skip


def test_environment_folder_and_configuration_of_the_client_are_honoured(start, home, tools):
    ipython = home / "ipython"
    (ipython / "profile_default" / "startup").mkdir(parents=True)
    (ipython / "profile_default" / "startup" / "10-first.py").write_text("started = 'started'\n")
    (ipython / "profile_default" / "ipython_kernel_config.py").write_text(
        "c.InteractiveShellApp.exec_lines = ['lines = 1']\nc.InlineBackend.figure_formats = {'svg'}\n"
    )
    (ipython / "profile_default" / "ipython_config.py").write_text(
        "c.InteractiveShell.ast_node_interactivity = 'all'\n"
    )
    for name in ("work", "library", "tmp"):
        (home / name).mkdir()
    (home / "library" / "found_on_the_path.py").write_text("found = True\n")
    (home / "work" / "found_here.py").write_text("found = True\n")
    given = {"IPYTHONDIR": ipython, "TZ": "Asia/Tokyo", "HOME": home / "work", "PYTHONPATH": home / "library"}
    given |= {"TMPDIR": home / "tmp", "GIVEN": "漢字 and = signs", "EMPTY": "", "USER": "somebody"}
    given |= {"LC_ALL": "C.UTF-8", "COLUMNS": "61", "NO_COLOR": "1", "LANG": None}
    options = ["--IPKernelApp.exec_lines=argued = 1", "--InteractiveShell.history_length=77"]
    kernels = start("both", cwd=home / "work", env=tools.environment(**given), extra_arguments=options)
    for kernel in kernels.kernels.values():
        modules = "import datetime, getpass, locale, os, pathlib, shutil, tempfile, time"
        assert kernel.values({text: text for text in GIVEN}, modules) == GIVEN
    asked = {name: NOTHING_DONE[name] for name in SET_BY_CLIENT}
    ordinary, warm = (kernel.values(asked, PREPARED) for kernel in kernels.kernels.values())
    assert differing(ordinary, warm) == {}
    assert kernels.both(lambda kernel: shown(kernel, PLOT)) == [["image/svg+xml", "text/plain"]]


@pytest.mark.parametrize(
    ("variables", "expression"),
    [
        ({"PYTHONHASHSEED": "7"}, "[hash('a'), list({'a', 'b', 'c', 'd'})]"),
        (
            {"PYTHONOPTIMIZE": "1", "PYTHONWARNINGS": "error::UserWarning", "PYTHONINTMAXSTRDIGITS": "5000"},
            "[str(sys.flags), __debug__, sys.warnoptions, str(warnings.filters[0]), sys.get_int_max_str_digits()]",
        ),
        (
            {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONFAULTHANDLER": "1"},
            "[__import__('locale').setlocale(0), sys.flags.utf8_mode, sys.__stdout__.encoding, sys.__stdout__.errors,"
            " sys.getfilesystemencoding(), os.environ.get('LC_CTYPE'), __import__('locale').getencoding(),"
            " __import__('faulthandler').is_enabled()]",
        ),
    ],
)
def test_variables_that_python_reads_as_it_starts_are_honoured(variables, expression, start, tools):
    kernels = start("both", env=tools.environment(**variables))
    kernels.value(expression, "import os, sys, warnings")


def test_a_folder_that_is_missing_is_refused_alike(kind, start, tmp_path):
    with pytest.raises(FileNotFoundError):
        start(kind, cwd=tmp_path / "missing")


def test_a_kernel_writes_to_the_files_its_client_gives(start, tmp_path):
    """What the interpreter itself writes, before and after a notebook is connected, goes to the client."""

    def written(kind):
        out, err = tmp_path / f"{kind}.out", tmp_path / f"{kind}.err"
        with out.open("wb") as stdout, err.open("wb") as stderr:
            kernel = start(kind, stdout=stdout, stderr=stderr)
        kernel.execute(
            "import os, sys\nfor n, s in enumerate([sys.stdout, sys.stderr]):\n"
            "    os.write(s._original_stdstream_copy, b'%d' % n)"
        )
        kernel.close(now=False)
        return re.sub(r"\[IPKernelApp\].*\n?|\d+\.\d\ds - |\bpid=\d+", "", err.read_text()), out.read_text()

    assert written("warm") == written("ordinary") == ("1", "0")


# Figures

PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2]); plt.title('$x^2$');"
SVG, PNG = ["image/svg+xml", "text/plain"], ["image/png", "text/plain"]
FIGURE_CELLS = {
    # `%config` before matplotlib is imported is not the way it is used most
    "inline backend configured": [
        ("%config InlineBackend.figure_formats = ['svg']\n" + PLOT, [SVG]),
        ("%config InlineBackend.figure_formats = ['svg', 'png']\n" + PLOT, [["image/png", *SVG]]),
        ("%config InlineBackend.close_figures = False\n%matplotlib inline\n" + PLOT, [["image/png", *SVG]]),
        ("assert plt.get_fignums() == [1]", []),
    ],
    "inline backend asked for": [
        ("%matplotlib inline", []),
        (PLOT, [PNG]),
        ("plt.plot([1]); plt.show()", [PNG]),
        ("plt.ioff()\nplt.figure()", []),
        ("%matplotlib agg\n" + PLOT, []),
    ],
    "backend of the notebook": [(f"import matplotlib\nmatplotlib.use('pdf')\n{PLOT}", [])],
}


def shown(kernel, code):
    """The kinds of data that the code displays."""
    messages, reply = kernel.execute(code)
    assert reply["status"] == "ok", messages
    return [sorted(content["data"]) for kind, content in messages if kind == "display_data"]


def test_figures_are_shown_as_the_notebook_wants_them(start):
    kernels = start("both")
    for cells in FIGURE_CELLS.values():
        for code, kinds in cells:
            assert kernels.both(lambda kernel, code=code: shown(kernel, code)) == kinds, code
        for kernel in kernels.kernels.values():
            kernel.restart()


@pytest.mark.parametrize("where", ["MPLBACKEND", "working directory", "MATPLOTLIBRC", "MPLCONFIGDIR"])
def test_matplotlibs_settings_are_found_where_matplotlib_looks_for_them(where, start, tmp_path, tools):
    (tmp_path / "matplotlibrc").write_text("lines.linewidth: 7.5\nbackend: pdf\n")
    for fonts in list(Path(mpl.get_cachedir()).glob("fontlist*.json"))[:1]:
        (tmp_path / fonts.name).symlink_to(fonts)
    options = {
        "MPLBACKEND": {"env": tools.environment(MPLBACKEND="svg")},
        "working directory": {"cwd": tmp_path},
        "MATPLOTLIBRC": {"env": tools.environment(MATPLOTLIBRC=tmp_path / "matplotlibrc")},
        "MPLCONFIGDIR": {"env": tools.environment(MPLCONFIGDIR=tmp_path)},
    }
    kernels = start("both", **options[where])
    asked = (
        "[m.rcParams['lines.linewidth'], m.rcParamsOrig['lines.linewidth'] if hasattr(m, 'rcParamsOrig') else 0,"
        " m.rcParamsDefault['lines.linewidth'], m.matplotlib_fname(), m.get_configdir(), plt.get_backend().lower()]"
    )
    width, *_, backend = kernels.value(asked, "import matplotlib as m, matplotlib.pyplot as plt")
    inline = "module://matplotlib_inline.backend_inline"  # ipykernel's default goes before the file's
    assert (width, backend) == ((1.5, "svg") if where == "MPLBACKEND" else (7.5, inline))
    assert kernels.both(lambda kernel: shown(kernel, PLOT)) == ([] if backend == "svg" else [PNG])


# Interrupting, restarting, dying

BUSY = [
    "import time\nprint('busy', flush=True)\nwhile True: time.sleep(0.01)",
    "print('busy', flush=True)\nwhile True: pass",
    "import subprocess\nsubprocess.run('echo busy; exec sleep 1000', shell=True)",
]


def test_a_busy_cell_is_interrupted_and_its_kernel_lives_on(start, kind):
    kernel = start(kind)
    for mode in ("signal", "message"):
        kernel.manager.kernel_spec.interrupt_mode = mode
        for code in BUSY:
            # else the next request may still be one of those that an error takes with it
            sent = kernel.client.execute(code, stop_on_error=False)
            while (
                kernel.reply(kernel.client.get_iopub_msg, sent)["content"].get("text", "").strip() != "busy"
            ):
                pass
            kernel.manager.interrupt_kernel()
            reply = kernel.reply(kernel.client.get_shell_msg, sent)
            assert reply["content"]["ename"] == "KeyboardInterrupt"
            # what reaches ipykernel at the very moment of a signal is lost: this asks until there is an answer
            kernel.client.wait_for_ready(timeout=120)
            assert kernel.value("1 + 1") == 2
    kernel.manager.interrupt_kernel()  # idle
    kernel.client.wait_for_ready(timeout=120)
    assert kernel.value("1 + 1") == 2


DEATHS = [
    ("import os; os._exit(3)", 3),
    ("quit()", 0),
    ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
    ("import os, signal; os.kill(os.getpid(), signal.SIGTERM)", -signal.SIGTERM),
    (
        "import ctypes, resource; resource.setrlimit(resource.RLIMIT_CORE, (0, 0)); ctypes.string_at(0)",
        -signal.SIGSEGV,
    ),
]


def test_a_kernel_that_dies_has_its_exit_status_and_one_that_is_restarted_knows_nothing(start, kind, tools):
    kernel = start(kind)
    pids = [kernel.pid]
    for code, status in DEATHS:
        process = kernel.manager.provisioner.process
        kernel.client.execute(code)
        assert tools.until(lambda process=process: process.poll() is not None)
        assert process.poll() == status
        kernel.restart()
        pids.append(kernel.pid)
    for now in (True, False):
        kernel.execute("known = 1")
        kernel.restart(now=now)
        pids.append(kernel.pid)
        assert kernel.value("'known' in globals()") is False
        assert kernel.execute("'works'")[1]["execution_count"] == 1
    assert len(set(pids)) == len(pids)
    assert [pid for pid in pids if psutil.pid_exists(pid)] == pids[-1:]
    assert pids[-1] == kernel.manager.provisioner.pid == kernel.manager.provisioner.pgid


def test_what_a_kernel_has_registered_for_its_end_happens(start, kind, tmp_path):
    kernel = start(kind)
    kernel.execute(
        f"import atexit, pathlib\natexit.register(pathlib.Path({str(tmp_path / 'touched')!r}).touch)"
    )
    kernel.close(now=False)
    assert (tmp_path / "touched").exists()


# In sessions of their own they outlive both kinds; in the kernel's group they do not outlive one that is killed.
STARTED = """
    import os, subprocess
    started = {
        "child": subprocess.Popen(["sleep", "1000"]).pid,
        "child with a session": subprocess.Popen(["sleep", "1000"], start_new_session=True).pid,
        "deaf child": subprocess.Popen(["sh", "-c", "trap '' TERM INT; while :; do sleep 1; done"]).pid,
        "background": int(os.popen("sleep 1000 >&- 2>&- & echo $!").read()),
        "daemon": int(os.popen("setsid sleep 1000 >&- 2>&- & echo $!").read()),
    }
"""


@pytest.mark.parametrize("now", [True, False], ids=["killed", "shut down"])
def test_the_processes_of_a_kernel_that_ends_live_or_die_alike(now, start, tools):
    kernels = start("both")
    pids = {kind: kernel.value("started", STARTED) for kind, kernel in kernels.kernels.items()}
    kernels.close(now=now)

    def living(kind):
        living = set()
        for name, pid in pids[kind].items():
            with contextlib.suppress(psutil.NoSuchProcess):
                if psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                    living.add(name)
        return living

    outlive = {"child with a session", "daemon"} if now else {*pids["warm"]}
    try:
        tools.until(lambda: living("ordinary") <= outlive and living("warm") <= outlive)
        assert living("warm") == living("ordinary")
    finally:
        for pid in (pid for kind in pids for pid in pids[kind].values()):
            with contextlib.suppress(psutil.NoSuchProcess):
                psutil.Process(pid).kill()


# Chance, and one kernel beside another

DRAWS = {
    "random": "random.random()",
    "numpy's legacy generator": "np.random.rand()",
    "state of numpy's legacy generator": "np.random.get_state()[1][:3].tolist()",
    "numpy's default_rng": "np.random.default_rng().random()",
    "a sample of pandas": "pd.Series(range(10**6)).sample(3).tolist()",
    "names of temporary files": "tempfile.mktemp()",
    "key between processes": "bytes(multiprocessing.current_process().authkey).hex()",
    "session of the kernel": "get_ipython().kernel.session.session.replace('-', '')",
    "identity of the kernel": "str(get_ipython().kernel.ident).replace('-', '')",
}
CHANCE = "import multiprocessing, random, tempfile\nimport numpy as np, pandas as pd\n"


def test_no_two_kernels_draw_the_same_and_a_seed_makes_the_same_numbers_in_all(start, kind):
    first, second = start(kind), start(kind)
    drawn = [first.values(DRAWS, CHANCE), second.values(DRAWS, CHANCE)]
    first.restart()
    drawn.append(first.values(DRAWS, CHANCE))
    for name in DRAWS:
        assert len({json.dumps(draw[name]) for draw in drawn}) == 3, name
    seeded = first.value("[random.random(), np.random.rand()]", CHANCE + "random.seed(1); np.random.seed(1)")
    # random.seed(1); random.random() of every Python since 3.2, and MT19937 seeded with 1 as in numpy's tests
    assert seeded == [0.13436424411240122, 0.417022004702574]


# A change, and where it shows.
CHANGES = {
    "variable = 1": "'variable' in globals()",
    "matplotlib.rcParams['lines.linewidth'] = 9": "matplotlib.rcParams['lines.linewidth']",
    "matplotlib.use('pdf')": "matplotlib.get_backend()",
    "warnings.simplefilter('error')": "len(warnings.filters)",
    "locale.setlocale(locale.LC_ALL, 'C')": "locale.setlocale(locale.LC_ALL)",
    "os.chdir('/')": "os.getcwd()",
    "opened = open('/dev/null')": "len(os.listdir('/dev/fd'))",
    "math.pi = 3": "math.pi",
    "builtins.planted = 1": "hasattr(__import__('builtins'), 'planted')",
    "os.environ['PLANTED'] = '1'": "'PLANTED' in os.environ",
    "os.umask(0)": "(lambda mask: [mask, os.umask(mask)][0])(os.umask(0))",
    "np.seterr(all='raise')": "np.geterr()",
    "pd.set_option('display.max_rows', 3)": "pd.get_option('display.max_rows')",
    "decimal.getcontext().prec = 3": "decimal.getcontext().prec",
    "gc.disable()": "gc.isenabled()",
    "sys.setrecursionlimit(999)": "sys.getrecursionlimit()",
    "sys.path.append('/planted')": "sys.path",
    "sys.modules['planted'] = sys": "'planted' in sys.modules",
    "signal.signal(signal.SIGUSR1, signal.SIG_IGN)": "str(signal.getsignal(signal.SIGUSR1))",
}
SEEN = (
    "import builtins, decimal, gc, locale, math, os, signal, sys, warnings\n"
    "import matplotlib, numpy as np, pandas as pd\n"
)


def test_what_one_notebook_changes_no_other_sees(start, kind):
    before, changing = start(kind), start(kind)
    clean = before.values(CHANGES, SEEN)
    changed = changing.values(CHANGES, SEEN + "\n".join(CHANGES))
    assert all(changed[change] != clean[change] for change in CHANGES)
    assert start(kind).values(CHANGES, SEEN) == clean
    assert before.values(CHANGES, SEEN) == clean
    changing.restart()
    assert changing.values(CHANGES, SEEN) == clean


def test_six_kernels_run_at_once(start, kind):
    kernels = [start(kind) for _ in range(6)]
    assert len({kernel.pid for kernel in kernels}) == 6
    sent = [kernel.client.execute(f"import pandas; {n} * {n}") for n, kernel in enumerate(kernels)]
    for n, (kernel, message) in enumerate(zip(kernels, sent, strict=True)):
        while (answer := kernel.reply(kernel.client.get_iopub_msg, message))["msg_type"] != "execute_result":
            pass
        assert answer["content"]["data"]["text/plain"] == str(n * n)


# Kernels that are not this Python's, and programs that start kernels

ECHO = """
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel
class Echo(Kernel):
    implementation = implementation_version = banner = "echo"
    language_info = {"name": "echo", "mimetype": "text/plain", "file_extension": ".txt"}
    def do_execute(self, code, silent, *arguments, **options):
        self.send_response(self.iopub_socket, "stream", {"name": "stdout", "text": code})
        return {"status": "ok", "execution_count": self.execution_count, "user_expressions": {}}
IPKernelApp.launch_instance(kernel_class=Echo)
"""


@pytest.fixture
def specs(tmp_path, monkeypatch):
    """Write kernelspecs where Jupyter looks for them."""
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))

    def write(name, *argv, **spec):
        folder = tmp_path / "kernels" / name
        folder.mkdir(parents=True)
        spec |= {"display_name": name, "language": "python", "argv": [*argv, "-f", "{connection_file}"]}
        (folder / "kernel.json").write_text(json.dumps(spec))
        return name

    return write


def test_kernels_of_other_languages_environments_and_options_are_started_as_ever(specs, start, tmp_path):
    (tmp_path / "echo.py").write_text(ECHO)
    echo = start("both", name=specs("echo", sys.executable, str(tmp_path / "echo.py")))
    messages, _ = echo.both(lambda kernel: kernel.execute("hello"))
    assert ["stream", {"name": "stdout", "text": "hello"}] in messages

    venv.create(tmp_path / "other", symlinks=True)
    (library,) = (tmp_path / "other").glob("lib/python*/site-packages")
    (library / "ours.pth").write_text("\n".join(path for path in sys.path if path.endswith("site-packages")))
    python = str(tmp_path / "other" / "bin" / "python")
    other = start("both", name=specs("other", python, "-m", "ipykernel_launcher"))
    assert other.value("sys.executable", "import sys") == python

    options = (sys.executable, "-X", "dev", "-W", "ignore", "-m", "ipykernel_launcher")
    added = {"PLANTED": "1", "JOINED": "${HOME}/joined"}
    developing = start("both", name=specs("developing", *options, env=added, interrupt_mode="message"))
    asked = "[str(sys.flags), sys.warnoptions, sys._xoptions, os.environ['PLANTED'], os.environ['JOINED']]"
    assert "dev_mode=True" in developing.value(asked, "import os, sys")[0]

    named = start("both", name=specs("named", "python3", "-m", "ipykernel"))
    assert named.value("sys.executable", "import sys") == sys.executable


PROOF = "import os, sys\nwith open('proof', 'a') as file:\n    print('pandas' in sys.modules, file=file)"
PROGRAM_CELLS = [
    PROOF,
    "a = 1",
    "import matplotlib.pyplot as plt, pandas as pd\nprint(a); pd.DataFrame({'a': [a]})",
]
PAPERMILL = ["papermill", "in.ipynb", "out.ipynb", "-p", "a", "2"]
NBVAL = [sys.executable, "-m", "pytest", "-q", "--nbval", "-p", "no:cacheprovider", "out.ipynb"]


def test_papermill_writes_the_same_notebook_and_nbval_finds_its_outputs_with_either_kind(tmp_path, tools):
    cells = [nbformat.v4.new_code_cell(source, id=f"c{n}") for n, source in enumerate(PROGRAM_CELLS)]
    cells[1].metadata["tags"] = ["parameters"]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    written = {}
    for kind, provisioner in tools.kinds.items():
        (folder := tmp_path / kind).mkdir()
        nbformat.write(notebook, folder / "in.ipynb")
        environment = tools.environment(JUPYTER_DEFAULT_PROVISIONER_NAME=provisioner)
        if kind == "warm":
            environment["WARMKERNELS_PRELOAD"] = "pandas"
        for command in (PAPERMILL, NBVAL):
            done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
            assert done.returncode == 0, done.stdout + done.stderr
        warm = provisioner == "warm"
        assert (folder / "proof").read_text() == f"{warm}\n{warm}\n"
        cells = nbformat.read(folder / "out.ipynb", as_version=4).cells
        written[kind] = [(cell.source, cell.execution_count, cell.outputs) for cell in cells]
    assert written["warm"] == written["ordinary"]
