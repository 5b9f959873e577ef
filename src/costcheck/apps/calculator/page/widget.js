// The calculator's face. Python computes and words everything; here it is laid out, and questions are asked.
// At most one question is open: what moves meanwhile goes with the next, so that the newest value always wins.

export const SLOW = "No answer yet; the last results stay.";
const PATIENCE = 10_000; // of a reader who has changed something [ms]
let views = 0;

// Make an element: make("p", { class: "hint" }, "text", child, ...); null and false attributes are left out.
function make(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes))
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value !== null && value !== false) made.setAttribute(key, value === true ? "" : value);
  made.append(...children);
  return made;
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// ask(question) returns a promise of an answer; costcheck.apps.calculator.model.answer says what both contain.
// late() words why a change of the reader's has had no answer yet.
export function show({ ask: answered, el, ownPage = false, late = () => SLOW }) {
  const view = ++views;
  const id = (name) => `costcheck-${view}-${name}`;
  // in JupyterLab, Enter and the arrows would go to the notebook
  const root = make("div", { class: "costcheck-calculator", "data-lm-suppress-shortcuts": "true" });
  const controls = {}; // by key: { range, number, hint, wrong }
  const editing = new Set(); // keys whose text is being typed and not done
  let page = null, parts = null, date = "", link = "", texts = {}, wrong = {}, values = {};
  let waiting = false, next = null, movedAt = 0, remember = 0, remembered = 0, slow = 0, said = "";
  const message = make("p", { class: "notice", role: "alert", hidden: true });
  root.append(message);
  el.replaceChildren(root);

  // ------------------------------------------------------------------ asking, one at a time
  function ask(more = {}, byReader = true) {
    if (!movedAt) movedAt = performance.now();
    next = { ...next, ...more };
    if (byReader && !slow) wait();
    if (!waiting) send();
  }

  function wait() {
    slow = setTimeout(() => notice(said = late()), PATIENCE);
  }

  async function send() {
    const question = { link, texts, date, ...next };
    const started = movedAt, width = parts?.figures.clientWidth;
    waiting = true;
    next = null;
    movedAt = 0;
    try {
      receive(await answered({ ...question, ...(width && { width }) }), started);
      if (message.textContent === said) notice("");
    } catch (error) {
      notice(error.message);
    } finally {
      clearTimeout(slow);
      slow = 0;
      waiting = false;
    }
    if (!next) return;
    wait();
    send();
  }

  function receive(answer, started) {
    if (answer.page && !page) {
      build(answer.page);
      performance.mark("costcheck:controls"); // for benchmarks/redraw.py
    }
    if (answer.notice) notice(answer.notice);
    update(answer.state, answer.wrong, next === null);
    if (answer.csv !== undefined) save(answer.csv);
    requestAnimationFrame(() => root.dispatchEvent(new CustomEvent("costcheck:redrawn", {
      bubbles: true, detail: { took: performance.now() - started },
    })));
  }

  function notice(text) {
    write(message, text);
    message.hidden = !text;
  }

  // ------------------------------------------------------------------ building, once
  function build(given) {
    page = given;
    parts = {
      status: make("p", { class: "unseen", role: "status" }),
      tiles: make("dl", { class: "tiles" }),
      figures: make("div", { class: "figures" }),
      chain: make("tbody"), serving: make("tbody"), tokens: make("tbody"),
      window: make("p", { class: "remark" }),
      command: make("code"),
      claims: {}, plots: {},
      set: make("select", { id: id("set"), change: ({ target }) => { choose(target.value); } }),
    };
    parts.set.append(make("option", { value: "" }, "The articles' own (July 2024)"));
    page.dates.forEach((day, place) => parts.set.append(
      make("option", { value: day }, place ? `Quotes as of ${day}` : `Latest quotes, each of its own day (to ${day})`)));
    root.replaceChildren(
      parts.tiles,
      make("div", { class: "columns" },
        make("section", { class: "prices", "aria-label": "Prices" }, toolbar(), ...page.groups.map(group)),
        make("div", { class: "results" }, ...results())),
      parts.status,
      message, // last, where it moves nothing when it comes; it stays in sight at the lower edge
    );
  }

  function toolbar() {
    const button = (text, pressed) => make("button", { type: "button", click: pressed }, text);
    return make("div", { class: "toolbar" },
      make("div", { class: "field" }, make("label", { for: id("set") }, "Set of prices"), parts.set),
      make("div", { class: "buttons" },
        button("Reset", () => { texts = {}; editing.clear(); choose(""); announce("All prices are the articles' again."); }),
        ownPage ? parts.copy = button("Copy link", copy) : "",
        button("Download CSV", () => ask({ csv: true }))));
  }

  function group([heading, keys, open], place) {
    // where the results stand below the prices, they should not be far below
    return make("details", { open: open && (!place || root.clientWidth > 860) },
      make("summary", {}, make("h2", {}, heading)),
      ...keys.map(control));
  }

  function control(key) {
    const { label, unit, hint, article, last } = page.controls[key];
    const made = controls[key] = {
      range: make("input", {
        type: "range", min: 0, max: last, step: 1, "aria-label": `${label}, slider`,
        "aria-describedby": id(`${key}-hint`), input: () => slide(key), change: () => announce(),
      }),
      number: make("input", {
        type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false", id: id(key),
        "aria-describedby": `${id(`${key}-hint`)} ${id(`${key}-wrong`)}`,
        input: () => editing.add(key), change: () => type(key),
        // JupyterLab takes Enter for itself, and no change comes
        keydown: (pressed) => {
          if (pressed.key === "Enter") { pressed.stopPropagation(); type(key); }
          if (pressed.key === "Escape") { pressed.stopPropagation(); restore(key); }
        },
      }),
      hint: make("p", { class: "hint", id: id(`${key}-hint`) }, hint),
      quote: make("span", { class: "quote" }),
      wrong: make("p", { class: "wrong", id: id(`${key}-wrong`), role: "alert" }),
    };
    const mark = make("span", { class: "mark", "aria-hidden": "true" });
    mark.style.setProperty("--at", article / last);
    made.hint.append(made.quote);
    made.control = make("div", { class: "control", "data-key": key },
      make("label", { for: id(key) }, label),
      make("div", { class: "track" }, mark, made.range),
      make("div", { class: "typed" }, made.number, make("span", { class: "unit" }, unit)),
      made.hint, made.wrong);
    return made.control;
  }

  function table(headings, body, kind, caption) {
    return make("table", { class: kind },
      make("caption", { class: "unseen" }, caption),
      make("thead", {}, make("tr", {}, ...headings.map((text) => make("th", { scope: "col" }, text)))),
      body);
  }

  function results() {
    const all = make("input", {
      type: "checkbox", id: id("all"), change: ({ target }) => root.classList.toggle("all", target.checked),
    });
    const moving = page.claims.filter((claim) => claim.moved).length;
    const body = make("tbody", {}, ...page.claims.map(claim));
    const section = (heading, ...content) => make("section", {}, make("h2", {}, heading), ...content);
    return [
      section("From GPU-hours to yuan",
        make("p", { class: "remark" }, "What it takes to train the model. The articles offer the years, the GPUs and the",
          " ticket as what it takes to run it: that is the wrong category, even where the sum holds."),
        table(
        ["Step", "Formula", "At your prices", "As printed"], parts.chain, "chain", "From GPU-hours to yuan")),
      section("In pictures", parts.figures),
      section("What serving takes",
        make("p", { class: "remark" }, "Weights and one full context in bf16, held by H100s of 80 GB."),
        table(["Weights in", "Weights", "One context", "H100s to hold both", "In servers of 8", "Price of these GPUs"],
          parts.serving, "serving", "What serving takes"),
        parts.window),
      section("A million tokens",
        table(["Model", "Read [USD]", "Written [USD]", "Blended [USD]", "Against 405B"],
          parts.tokens, "tokens", "Price of a million tokens")),
      section("The verdicts",
        make("p", { class: "remark" }, "Whether a figure follows is judged at the articles' own prices, always. The last",
          " two columns say what it would be at yours, and whether what is printed would still hold."),
        make("p", { class: "filter" }, all, make("label", { for: id("all") },
          `Show all ${page.claims.length} claims, not only the ${moving} that move with prices`)),
        table(["Claim", "Printed", "What it says", "Recomputed", "Verdict", "At your prices", "Printed figure then"],
          body, "verdicts", "The verdicts")),
      section("Take it with you",
        make("p", { class: "remark" }, "The same verdicts in a terminal:"),
        make("p", { class: "command" }, parts.command)),
    ];
  }

  function claim(each) {
    const yours = make("td", { "data-head": "At your prices" });
    const held = make("td", { "data-head": "Printed figure then" });
    parts.claims[each.id] = { ...each, yours, held };
    return make("tr", { class: each.moved ? "moved" : "still", "data-claim": each.id },
      make("th", { scope: "row" }, each.id),
      make("td", { "data-head": "Printed" },
        make("span", {}, ...printed(each))),
      make("td", { "data-head": "What it says" }, each.about),
      make("td", { "data-head": "Recomputed" }, each.recomputed || "–"),
      make("td", { "data-head": "Verdict" }, make("span", { class: `verdict ${each.kind}` }, each.verdict), ...premise(each)),
      yours, held);
  }

  // ------------------------------------------------------------------ showing, at every answer
  function update(state, faults, settled) {
    // where something newer is on its way already, the controls are ahead of this answer
    if (settled) {
      date = state.date;
      wrong = faults;
      values = state.values;
      texts = Object.fromEntries(Object.entries(texts).filter(([key]) => key in wrong));
      for (const [key, value] of Object.entries(state.values)) if (value.own) texts[key] ??= value.text;
      if (![...parts.set.options].some((option) => option.value === date))
        parts.set.append(make("option", { value: date }, `Quotes as of ${date}`));
      parts.set.value = date;
      for (const key of Object.keys(controls)) showControl(key, state.values[key]);
      link = state.link;
      if (ownPage) {
        clearTimeout(remember); // browsers allow few changes of the address in a time
        remember = setTimeout(address, Math.max(0, remembered + 300 - performance.now()));
      }
    }
    showTiles(state.tiles);
    rows(parts.chain, state.chain.map(([name, formula, value, claims]) => [
      name, formula, value, claims.map((claim) => mark(claim, ...state.yours[claim].slice(1)))]), ["Step", "Formula", "At your prices", "As printed"]);
    rows(parts.serving, state.serving,
      ["Weights in", "Weights", "One context", "H100s to hold both", "In servers of 8", "Price of these GPUs"]);
    rows(parts.tokens, state.tokens, ["Model", "Read [USD]", "Written [USD]", "Blended [USD]", "Against 405B"]);
    write(parts.window, state.window);
    write(parts.command, state.command);
    for (const [claim, [yours, held, tone]] of Object.entries(state.yours)) {
      const cells = parts.claims[claim];
      write(cells.yours, yours);
      if (cells.was !== held) {
        cells.was = held;
        cells.held.replaceChildren(verdict(held, tone));
      }
    }
    state.figures.forEach(showFigure);
  }

  function address() {
    clearTimeout(remember);
    remembered = performance.now();
    if (parts) history.replaceState(null, "", link ? `#${link}` : location.pathname + location.search);
  }

  const verdict = (held, tone) => make("span", { class: `verdict ${tone}` }, held);
  const printed = ({ id: claim, printed: figure, hedge }) => [
    make("span", { lang: claim.startsWith("J") ? "ja" : "zh" }, figure), hedge ? ` (${hedge})` : ""];
  const premise = ({ premise: text, because }) => text ? [make("span", { class: "premise", title: because }, text)] : [];
  const mark = (claim, held, tone) => make("span", { class: "printed" },
    ...printed(parts.claims[claim]), " ", make("small", {}, claim), " ", verdict(held, tone), " ",
    ...premise(parts.claims[claim]));

  function showControl(key, value) {
    const { range, number, quote, wrong: place, control: whole } = controls[key];
    const fault = wrong[key] ?? "";
    if (range !== document.activeElement || +range.value !== value.at) range.value = value.at;
    range.setAttribute("aria-valuetext", value.words);
    if (!editing.has(key) && !fault && number.value !== value.text) {
      const isMarked = number === document.activeElement
        && number.selectionEnd - number.selectionStart === number.value.length;
      number.value = value.text;
      if (isMarked) number.select(); // what is typed next is to replace it, as before
    }
    whole.classList.toggle("long", number.value.length > 11);
    number.toggleAttribute("aria-invalid", !!fault);
    if (fault) number.setAttribute("aria-invalid", "true");
    write(place, fault ? `${fault}. ${value.words} stays in use.` : "");
    write(quote, value.quote ? ` · ${value.quote}` : "");
    whole.classList.toggle("own", value.own);
  }

  function showTiles(tiles) {
    if (!parts.tiles.children.length)
      parts.tiles.append(...tiles.map(([name]) => make("div", {}, make("dt", {}, name), make("dd"),
        make("dd", { class: "beside" }))));
    tiles.forEach(([, value, beside], place) => {
      const [, shown, under] = parts.tiles.children[place].children;
      write(shown, value);
      write(under, beside);
    });
    parts.summary = `${tiles[1][0]}: ${tiles[1][1]}. ${tiles[3][0]}: ${tiles[3][1]}.`;
  }

  function rows(body, lines, headings) {
    while (body.children.length < lines.length) body.append(make("tr", {}, ...headings.map((head, place) =>
      place ? make("td", { "data-head": head }) : make("th", { scope: "row" }))));
    lines.forEach((line, row) => line.forEach((cell, column) => {
      const place = body.children[row].children[column];
      if (typeof cell === "string") write(place, cell);
      else if (place.dataset.was !== JSON.stringify(cell.map((one) => one.outerHTML))) {
        place.dataset.was = JSON.stringify(cell.map((one) => one.outerHTML));
        place.replaceChildren(...cell);
      }
    }));
  }

  function showFigure([name, title, svg]) {
    const plot = parts.plots[name] ??= (() => {
      const made = { caption: make("figcaption"), place: make("div", { class: "plot" }), svg: "" };
      parts.figures.append(make("figure", { "data-figure": name }, made.caption, made.place));
      return made;
    })();
    write(plot.caption, title);
    if (plot.svg === svg) return;
    // the old picture stays until the new one has been read
    const read = new DOMParser().parseFromString(svg, "image/svg+xml").documentElement;
    if (read.localName !== "svg") return;
    plot.place.replaceChildren(document.adoptNode(read));
    plot.svg = svg;
  }

  // ------------------------------------------------------------------ what the reader does
  // What was said of a link, or of something earlier, goes when the reader moves on.
  function change() {
    notice("");
    ask();
  }

  function slide(key) {
    const { range, number } = controls[key], { positions, words } = page.controls[key];
    texts[key] = number.value = positions[range.value];
    range.setAttribute("aria-valuetext", words[range.value]);
    editing.delete(key);
    change();
  }

  function type(key) {
    if (!editing.delete(key)) return;
    texts[key] = controls[key].number.value;
    change();
  }

  function restore(key) {
    if (!(key in values)) return;
    editing.delete(key);
    if (values[key].own) texts[key] = values[key].text;
    else delete texts[key];
    controls[key].number.value = values[key].text;
    change();
  }

  function choose(set) {
    date = set; // the reader's own prices stay, as with costcheck check --as-of --set
    change();
  }

  function announce(text) {
    setTimeout(() => write(parts.status, text ?? parts.summary), 400);
  }

  async function copy() {
    const whole = `${location.origin}${location.pathname}${link ? `#${link}` : ""}`;
    try {
      await navigator.clipboard.writeText(whole);
      write(parts.copy, "Copied");
      write(parts.status, "The link to these prices is copied.");
      setTimeout(() => write(parts.copy, "Copy link"), 3000);
    } catch {
      tell(`The link to these prices: ${whole}`);
    }
  }

  function tell(text) {
    notice(text);
    message.classList.add("good");
    setTimeout(() => { message.classList.remove("good"); if (message.textContent === text) notice(""); }, 6000);
  }

  function save(csv) {
    const address = URL.createObjectURL(new Blob([csv], { type: "text/csv" }));
    make("a", { href: address, download: "results.csv" }).click();
    setTimeout(() => URL.revokeObjectURL(address), 10_000);
  }

  const changed = () => { notice(""); ask({ open: location.hash }); };
  if (ownPage) {
    addEventListener("hashchange", changed);
    addEventListener("pagehide", address);
  }
  let width = 0;
  const watch = new ResizeObserver(() => {
    if (!parts || Math.abs(parts.figures.clientWidth - width) < 1) return;
    width = parts.figures.clientWidth;
    ask({}, false);
  });
  watch.observe(root);
  ask({ open: ownPage ? location.hash : "" }, false);
  return () => {
    removeEventListener("hashchange", changed);
    removeEventListener("pagehide", address);
    watch.disconnect();
  };
}

// In a notebook the kernel is asked, by messages of the widget; several views of one widget share its messages.
function render({ model, el }) {
  const open = new Map(); // by a question's id, what resolves its promise
  const receive = ({ id, answer }) => { open.get(id)?.(answer); open.delete(id); };
  const ask = (asked) => new Promise((resolve, reject) => {
    const id = crypto.randomUUID?.() ?? `${Math.random()}`; // not every page of a notebook has the first
    open.set(id, resolve);
    try {
      model.send({ id, asked });
    } catch { // JupyterLab has closed the line to a kernel that is no more
      reject(Error("The kernel was restarted: run this cell again."));
    }
  });
  model.on("msg:custom", receive);
  const close = show({ ask, el });
  return () => {
    model.off("msg:custom", receive);
    close();
  };
}

export default { render };
