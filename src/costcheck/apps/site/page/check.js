// Check an article: a dropped file goes to Python in this page, and nowhere else.
import { call, ready } from "./engine.js";

const CLAIMS = /\.ya?ml$/i; // any other file is read as a text
const MOST = 65 * 2 ** 20; // of a larger file this much is enough for the command to refuse it
const part = (id) => document.getElementById(id);
const MISPLACED = ["wrong category", "unsupported"];
let name = "draft.yaml"; // of the claims
let dropped = name;

part("check").hidden = false;
part("static").remove();

function show(id, visible) {
  part(id).hidden = !visible;
}

function say(text) {
  part("engine").textContent = text;
}

async function opened(file) {
  name = dropped = file.name;
  const bytes = new Uint8Array(await file.slice(0, MOST).arrayBuffer());
  if (CLAIMS.test(name)) return check(bytes);
  return run(async () => {
    const { log, printed, draft } = await call("read", name, bytes);
    part("printed").textContent = printed;
    show("reading", printed);
    if (!draft) return { log, rows: [] };
    name = name.replace(/(\.[^.]*)?$/, ".yaml");
    return { ...await call("check", name, new TextEncoder().encode(draft)), draft };
  });
}

function check(bytes) {
  show("reading", false);
  return run(async () => {
    const draft = new TextDecoder().decode(bytes);
    return { ...await call("check", name, bytes), draft };
  });
}

async function run(asked) {
  say("Checking …");
  try {
    const { log, rows, draft } = await asked();
    const counts = Map.groupBy(rows, ({ counted }) => counted);
    part("log").textContent = log;
    show("log", log);
    part("counts").textContent = `${dropped}: ${[...counts].map(([what, { length }]) => `${length} ${what}`).join(", ")}`;
    part("rows").replaceChildren(...rows.toSorted((one, other) => rank(one) - rank(other)).map(row));
    // a draft does not say what its figures are
    part("verdicts").classList.toggle("bare", !rows.some(({ about }) => about));
    show("verdicts", rows.length);
    if (draft && part("draft").value !== draft) part("draft").value = draft;
    show("claims", draft);
    say(rows.length ? `${rows.length} claims checked.` : "No claims were checked.");
  } catch (error) {
    part("log").textContent = error.message;
    show("log", true);
    say("");
  }
}

// What is wrong comes first, then what is the wrong quantity; else they are in the order of the article.
function rank({ tone, premise }) {
  if (tone === "bad") return 0;
  return MISPLACED.includes(premise) ? 1 : 2;
}

function row({ id, printed, about, shown, steps, arithmetic, tone, premise, note }) {
  const made = document.createElement("tr");
  const cell = (tag, head, ...content) => {
    const place = document.createElement(tag);
    if (head) place.dataset.head = head;
    place.append(...content);
    made.append(place);
  };
  const small = (kind, text) => Object.assign(document.createElement("span"), { className: kind, textContent: text });
  cell("th", "", id);
  cell("td", "Printed", printed);
  cell("td", "What it says", about);
  cell("td", "Recomputed", shown || "–", ...(steps ? [small("note", steps)] : []));
  cell("td", "Verdict", small(`verdict ${tone}`, arithmetic),
    ...(MISPLACED.includes(premise) ? [small("verdict bad", premise)] : []),
    ...(note ? [small("note", note)] : []));
  return made;
}

part("file").addEventListener("change", ({ target }) => { if (target.files.length) opened(target.files[0]); });
part("again").addEventListener("click", () => check(new TextEncoder().encode(part("draft").value)));
part("example").addEventListener("click", async () => {
  name = dropped = "deepseek_v3.yaml";
  try {
    await check(new TextEncoder().encode(await call("example")));
  } catch (error) {
    part("log").textContent = error.message;
    show("log", true);
  }
});
part("save").addEventListener("click", () => {
  const address = URL.createObjectURL(new Blob([part("draft").value], { type: "application/yaml" }));
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
});
for (const kind of ["dragover", "drop"]) addEventListener(kind, (event) => event.preventDefault());
addEventListener("dragover", () => document.body.classList.add("dropping"));
for (const kind of ["dragleave", "drop"]) addEventListener(kind, () => document.body.classList.remove("dropping"));
addEventListener("drop", ({ dataTransfer }) => { if (dataTransfer.files.length) opened(dataTransfer.files[0]); });
ready.then(() => say("Python is loaded. Everything is computed in this page."), (error) => {
  part("log").textContent = error.message;
  show("log", true);
  say("");
});
