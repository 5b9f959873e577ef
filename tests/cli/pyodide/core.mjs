// Run the command costcheck in Pyodide: node core.mjs SITE_PACKAGES REPOSITORY ARGUMENT ...
import { loadPyodide } from "pyodide";

const [site, repository, ...words] = process.argv.slice(2);
const python = await loadPyodide();
python.mountNodeFS("/site", site);
python.mountNodeFS("/repository", repository);
process.exitCode = python.runPython(`
import sys
sys.path += ["/site", "/repository/src"]
from costcheck.cli import main
main(${JSON.stringify(words)})
`);
