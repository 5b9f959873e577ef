# make figures | test | quick | faults | mutation | audit | lab | app | site | docs | screenshots | refresh | bench | lock | clean
# PYTHON chooses the Python that makes the environment; VENV where the environment is; TESTS which tests run;
# REPEAT how often each fault is tried; ONLY what is measured (ONLY=startup,batch).

PYTHON ?= python3
VENV ?= .venv
REPEAT ?= 1
RUN = $(VENV)/bin/python -m

.PHONY: figures test quick faults mutation audit lab app site docs screenshots refresh bench lock clean

# Recompute every figure at the articles' prices; refresh figures/ and show what holds.
figures: $(VENV)/ready
	@rm -rf out/articles
	$(RUN) costcheck run $(FRESH) --out out/articles
	@rm -f figures/*.svg
	@cp out/articles/figures/*.svg out/articles/results.csv figures/
	@echo "The report: out/articles/report.html. For the command costcheck: . $(VENV)/bin/activate"

test: $(VENV)/ready
	$(RUN) ruff check
	$(RUN) ruff format --check
	$(RUN) mypy
	$(RUN) pytest -n auto --ignore tests/faults $(TESTS)
	WARMKERNELS_PRELOAD=costcheck.batch.kernels:PRELOAD $(RUN) pytest -p warmkernels.pytest_plugin --nbval --nbval-current-env --assert=plain -n 3 --dist loadscope -p no:cacheprovider notebooks

# The tests that start no kernel and no browser.
quick: $(VENV)/ready
	$(RUN) pytest -n auto -m "not slow" --ignore tests/faults $(TESTS)

# What machines, clusters and strangers' files may do: each fault REPEAT times. tests/faults/README.md lists them.
faults: $(VENV)/ready
	$(RUN) pytest -n auto --count $(REPEAT) tests/faults $(TESTS)

# Changes of formulas and verdicts that the tests should notice, one after the other. It takes long.
mutation: $(VENV)/ready
	$(VENV)/bin/mutmut run
	$(RUN) tools.mutation --survivors

# Known vulnerabilities of what is pinned. It needs a network.
audit: $(VENV)/ready
	$(RUN) pip_audit --strict --disable-pip --require-hashes --requirement requirements.lock --vulnerability-service osv

# JupyterLab on a copy of the notebooks, my_notebooks/, that is yours to change.
lab: $(VENV)/ready
	$(RUN) costcheck lab

# The calculator in your browser.
app: $(VENV)/ready
	$(RUN) costcheck app

# Report, notebooks, calculator and check as pages for any web server, into out/site.
site: $(VENV)/ready
	$(RUN) costcheck site out/site

# The README's pictures, taken in a real browser: docs/screenshots/.
screenshots: $(VENV)/ready
	$(RUN) pytest -q -n 0 tests/browser/screenshots.py

# Execute the committed notebooks in place and clean them; refresh everything that is made from them.
refresh: $(VENV)/ready
	$(RUN) tools.codebook
	$(RUN) tools.articles
	$(MAKE) figures FRESH=--fresh
	$(RUN) costcheck run article --fresh --out out/article
	@cp out/articles/notebooks/*.ipynb out/article/notebooks/article.ipynb notebooks/

# Measure how fast everything is: benchmarks/results.json, and the tables made from it. On a machine with nothing else to do.
bench: $(VENV)/ready
	$(RUN) benchmarks $(if $(ONLY),--only $(ONLY))

# The Python API from its docstrings, into out/docs. A type that only mypy imports is shown as it is written.
docs: $(VENV)/ready
	@rm -rf out/docs
	$(VENV)/bin/python -W error -W "ignore:Error parsing type annotation" -m pdoc --docformat google --output-directory out/docs costcheck

# Pin the newest versions that go together; the figures may change with them: commit both at once.
lock: $(VENV)/ready
	$(RUN) uv pip compile --quiet --upgrade --universal --fork-strategy fewest --python-version 3.11 --extra dev \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-header --output-file requirements.lock pyproject.toml

$(VENV)/ready: requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "No '$(PYTHON)' here. Install Python 3.11 or newer (Debian, Ubuntu: sudo apt install python3 python3-venv), or name yours: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$$($(PYTHON) --version) is too old: costcheck needs 3.11 or newer. Install one (Debian, Ubuntu: sudo apt install python3.11 python3.11-venv) and name it: make PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$$($(PYTHON) --version) lacks its venv module. Install it (Debian, Ubuntu: sudo apt install python3-venv)" >&2; exit 1; }
	@echo "Installing the pinned packages into $(VENV) ..."
	$(PYTHON) -m venv $(VENV)
	@# uv is faster than pip; it does not read pip's settings, so behind a mirror that only these name, pip does it.
	@# bytecode is compiled now, because an environment may forbid it later, and then every start takes long
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(VENV)/uv.txt
	$(RUN) pip install --disable-pip-version-check --quiet --require-hashes --requirement $(VENV)/uv.txt
	$(RUN) uv pip install --quiet --compile-bytecode --require-hashes --requirement requirements.lock || \
	  $(RUN) pip install --disable-pip-version-check --quiet --require-hashes --requirement requirements.lock
	$(RUN) pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation --editable .
	$(RUN) compileall -q src
	@touch $@

clean:
	rm -rf $(VENV) out
