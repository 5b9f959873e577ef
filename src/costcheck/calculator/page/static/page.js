// The page of `costcheck app`: gives widget.js what Jupyter gives it elsewhere, a model whose messages go to the kernel.
// All of Voilà's own front end, which can show any notebook, is some three megabytes; this calculator needs comm messages.

import widget from "./widget.js";

const told = document.getElementById("kernel");
if (told) start(JSON.parse(told.textContent));
else lost("The calculator has not started. Reload this page.");

function lost(text) {
  const place = document.getElementById("lost");
  if (!place.hidden) return; // what came first is why
  place.textContent = text;
  place.hidden = false;
}

function start({ kernel, model, base }) {
  const session = crypto.randomUUID();
  const address = new URL(`${base}api/kernels/${kernel}/channels?session_id=${session}`, location);
  address.protocol = "ws:";
  const socket = new WebSocket(address);
  const listeners = new Set();
  let leaving = false;
  addEventListener("pagehide", () => { leaving = true; });
  socket.addEventListener("close", () => leaving || lost(
    "The calculator has lost its server; the last results stay. Start costcheck app again, then reload this page."));
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
