// The thread in which Python runs, so that the page never waits for it.
import { loadPyodide } from "../engine/pyodide.mjs";

const engine = new URL("../engine/", import.meta.url).href;
const SETUP = `
import json, pathlib, sys
sys.path.insert(0, "/costcheck")
sys.dont_write_bytecode = True
from costcheck.apps.calculator.model import answer
from costcheck.apps.site.in_browser import checked, command
from costcheck.claims.loading import example
from costcheck.cli import main

def ask(question):
    return json.dumps(answer(json.loads(question)))

def check(name):
    return json.dumps(checked(main, name))

def read(name):
    draft = pathlib.Path(name).with_suffix(".yaml")
    draft.unlink(missing_ok=True)  # of an earlier text
    done = command(main, "read", name, f"--out={draft}", "--quiet")
    text = draft.read_text("utf-8") if draft.exists() else ""
    return json.dumps(done | {"draft": text.partition("\\n")[2]})  # the first line is for an editor on this machine

def an_example():
    return example("deepseek_v3").read_text("utf-8")
`;

// The site has Pyodide's WebAssembly compressed.
const { fetch: fetched } = self;
self.fetch = async (asked, ...more) => {
  if (!/\.wasm$/.test(asked)) return fetched(asked, ...more);
  const { body } = found(await fetched(`${asked}.deflate`));
  const unpacked = body.pipeThrough(new DecompressionStream("deflate"));
  return new Response(unpacked, { headers: { "Content-Type": "application/wasm" } });
};

function found(response) {
  if (!response.ok) throw Error(`${response.status} ${response.url}`);
  return response;
}

// Where it cannot be had, Pyodide logs that, and waits for ever.
const { instantiateStreaming } = WebAssembly;
const failed = new Promise((_, reject) => {
  WebAssembly.instantiateStreaming = (...given) => {
    const made = instantiateStreaming.apply(WebAssembly, given);
    made.catch(reject);
    return made;
  };
});

async function load() {
  const [python, response] = await Promise.all([
    Promise.race([loadPyodide({ indexURL: engine }), failed]), fetch(`${engine}costcheck.zip`)]);
  python.unpackArchive(await found(response).arrayBuffer(), "zip", { extractDir: "/costcheck" });
  python.runPython(SETUP);
  return python;
}

const can = {
  answer: (python, question) => JSON.parse(python.globals.get("ask")(JSON.stringify(question))),
  check: (python, name, bytes) => on("check", python, name, bytes),
  read: (python, name, bytes) => on("read", python, name, bytes),
  example: (python) => python.globals.get("an_example")(),
};

// Run a command on a file of the reader's.
function on(command, python, name, bytes) {
  const path = name.startsWith("-") ? `./${name}` : name; // no option
  python.FS.writeFile(path, bytes);
  return JSON.parse(python.globals.get(command)(path));
}

const python = load();
python.then(() => postMessage({ id: 0 }), (error) => postMessage({ id: 0, failed: lastLine(error) }));
onmessage = async ({ data: { id, name, given } }) => {
  try {
    postMessage({ id, answer: can[name](await python, ...given) });
  } catch (error) {
    postMessage({ id, failed: lastLine(error) });
  }
};

// Python's traceback ends with what is wrong.
function lastLine(error) {
  return String(error.message ?? error).trim().split("\n").pop();
}
