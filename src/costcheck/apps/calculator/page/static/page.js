// The page of `costcheck app`: gives widget.js what Jupyter gives it elsewhere, a model whose messages go to the kernel.
// All of Voilà's own front end, which can show any notebook, is some three megabytes; this calculator needs comm messages.

import widget from "./widget.js";

// Browsers keep this for one port alone, and send cookies to all of them: so the token is no cookie.
const KEPT = "costcheck-token";
const NOT_YET = "This browser has not been let in. Open the address that costcheck app has printed in its terminal, "
  + "with a token that is new at every start; then reload this page.";

begin();

// The token comes with the address that is printed, once; after that it is neither seen nor copied with a link.
// One that lets nobody in, which a link of a stranger's may have, takes no other one's place.
function tokens() {
  const given = new URLSearchParams(location.search).get("token");
  if (location.search) history.replaceState(null, "", location.pathname + location.hash);
  let kept = null;
  try { kept = localStorage.getItem(KEPT); } catch { /* a browser that keeps nothing */ }
  return [given, kept].filter((token) => token && /^\w+$/.test(token)); // others no header could carry
}

async function begin() {
  try {
    for (const token of tokens()) {
      const asked = { method: "POST", headers: { Authorization: `token ${token}` }, credentials: "omit" };
      const answer = await fetch("/kernel", asked);
      if (answer.status === 403) continue;
      try { localStorage.setItem(KEPT, token); } catch { /* a browser that keeps nothing */ }
      if (!answer.ok) return lost((await answer.text()).replace(/^\d+: /, "").trim());
      const told = await answer.json();
      if (told.error) return lost(`The calculator could not be started: ${told.error}.`);
      return start(told, token);
    }
    lost(NOT_YET);
  } catch {
    lost("The calculator has not started. Start costcheck app again, and open the address that it prints.");
  }
}

function lost(text) {
  const place = document.getElementById("lost");
  if (!place.hidden) return; // what came first is why
  place.textContent = text;
  place.hidden = false;
}

function start({ kernel, model }, token) {
  const session = crypto.randomUUID();
  const asked = new URLSearchParams({ session_id: session, token });
  const address = new URL(`/api/kernels/${kernel}/channels?${asked}`, location);
  address.protocol = "ws:";
  const socket = new WebSocket(address);
  const listeners = new Set();
  let leaving = false;
  addEventListener("pagehide", () => { leaving = true; });
  socket.addEventListener("close", () => leaving || lost(
    "The calculator has lost its server; the last results stay. Start costcheck app again, and open the address that it prints."));
  const silent = setTimeout(() => lost("The calculator does not answer. Reload this page."), 10_000);
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(data);
    if (message.header.msg_type === "status" && ["restarting", "dead"].includes(message.content.execution_state))
      lost("The calculator's kernel has ended; the last results stay. Reload this page.");
    const { comm_id, data: said } = message.content;
    if (message.header.msg_type === "comm_msg" && comm_id === model && said.method === "custom") {
      clearTimeout(silent);
      for (const listener of listeners) listener(said.content);
    }
  });
  // Messages of Jupyter's protocol: https://jupyter-client.readthedocs.io/en/stable/messaging.html#custom-messages
  const send = (content) => socket.send(JSON.stringify({
    header: {
      msg_id: crypto.randomUUID(), msg_type: "comm_msg", session, username: "",
      date: new Date().toISOString(), version: "5.3",
    },
    parent_header: {}, metadata: {}, channel: "shell", buffers: [],
    content: { comm_id: model, data: { method: "custom", content } },
  }));
  socket.addEventListener("open", () => widget.render({
    el: document.getElementById("calculator"),
    model: {
      send,
      on: (_, listener) => listeners.add(listener),
      off: (_, listener) => listeners.delete(listener),
    },
  }));
}
