// Python for a page: questions to the thread that runs it, and its answers.

const HELP = "Reload the page. If that does not help, the folder engine/ is missing or damaged on this server, or the "
  + "browser is too old; the command line does the same: costcheck app, costcheck check.";
const failure = (why) => Error(`Python could not be loaded into this page (${why}). ${HELP}`);
const open = new Map(); // by a question's number, what settles its promise
let last = 0;

// A worker made from a blob is bound by the page's own Content-Security-Policy: it cannot reach any other server.
const script = `import ${JSON.stringify(new URL("worker.js", import.meta.url).href)};`;
const worker = new Worker(URL.createObjectURL(new Blob([script], { type: "text/javascript" })), { type: "module" });

export const ready = new Promise((resolve, reject) => {
  worker.onerror = (event) => reject(failure(event.message || "a file of it is missing"));
  worker.onmessage = ({ data: { id, failed, answer } }) => {
    if (id === 0) return failed ? reject(failure(failed)) : resolve();
    const { resolve: answered, reject: refused } = open.get(id);
    open.delete(id);
    return failed ? refused(Error(failed)) : answered(answer);
  };
});
ready.catch(() => {}); // whoever asks is told

// Call a function of worker.js.
export async function call(name, ...given) {
  await ready;
  return new Promise((resolve, reject) => {
    open.set(++last, { resolve, reject });
    worker.postMessage({ id: last, name, given });
  });
}
