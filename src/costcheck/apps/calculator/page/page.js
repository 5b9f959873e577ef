// The page of `costcheck app`: it asks the server that it came from. Another page could ask something else, such as
// Python in the browser itself: all that widget.js needs is one function, ask(question) -> Promise<answer>.

import { show } from "./widget.js";

// Browsers keep this for one port alone, and send cookies to all of them.
const KEPT = "costcheck-token";
const OK = 200, FORBIDDEN = 403;
const UNKNOWN = "This browser has not been let in. Open the address that costcheck app has printed in its terminal, "
  + "with a token that is new at every start; then reload this page.";
const ENDED = "The calculator's server has ended; the last results stay. Start costcheck app again, and open the address "
  + "that it prints.";

// The address has the token once; afterwards it is neither seen nor copied with a link. The wrong token that somebody
// else's link may have does not replace the right one.
function tokens() {
  const given = new URLSearchParams(location.search).get("token");
  if (location.search) history.replaceState(null, "", location.pathname + location.hash);
  let kept = null;
  try { kept = localStorage.getItem(KEPT); } catch { /* a browser that keeps nothing */ }
  return [given, kept].filter((token) => token && /^\w+$/.test(token)); // no header could carry others
}

const candidates = tokens();

async function post(question, token) {
  const headers = { Authorization: `token ${token}`, "Content-Type": "application/json" };
  try {
    const response = await fetch("answer", { method: "POST", credentials: "omit", headers, body: JSON.stringify(question) });
    return { status: response.status, text: await response.text() };
  } catch {
    throw Error(ENDED);
  }
}

async function ask(question) {
  while (candidates.length) {
    const { status, text } = await post(question, candidates[0]);
    if (status === OK) {
      try { localStorage.setItem(KEPT, candidates[0]); } catch { /* a browser that keeps nothing */ }
      return JSON.parse(text);
    }
    if (status !== FORBIDDEN) throw Error(text);
    candidates.shift();
  }
  throw Error(UNKNOWN);
}

show({ ask, el: document.getElementById("calculator"), ownPage: true });
