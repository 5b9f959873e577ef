// Run the command costcheck in Pyodide: node core.mjs PYODIDE SITE_PACKAGES REPOSITORY ARGUMENT ...
const [pyodide, site, repository, ...words] = process.argv.slice(2);
const { loadPyodide } = await import(`${pyodide}/pyodide.mjs`);
const python = await loadPyodide();
python.mountNodeFS("/site", site);
python.mountNodeFS(repository, repository);
process.exitCode = python.runPython(`
import sys
sys.path += ["/site", ${JSON.stringify(`${repository}/src`)}]
from costcheck.cli import main
main(${JSON.stringify(words)})
`);
