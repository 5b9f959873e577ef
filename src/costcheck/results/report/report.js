"use strict";
(() => {
  const bar = document.getElementById("filter");
  if (!bar) return;
  const claims = [...document.querySelectorAll(".claim")];
  const texts = new Map(claims.map((claim) => [claim, claim.textContent.toLowerCase()]));
  const selects = [...bar.querySelectorAll("select")];
  const fields = [...bar.querySelectorAll("select, input")];
  const shown = document.getElementById("shown");
  const none = document.getElementById("none");
  const button = document.getElementById("open-all");
  const PREFIX = "#claims?";

  const chosen = () => Object.fromEntries(fields.map((field) => [field.name, field.value]));
  const fits = (claim, { text, ...values }) =>
    Object.entries(values).every(([name, value]) => !value || claim.dataset[name] === value) &&
    text.toLowerCase().split(/\s+/).every((word) => texts.get(claim).includes(word));
  const visible = () => claims.filter((claim) => !claim.hidden);

  function apply() {
    const values = chosen();
    for (const claim of claims) claim.hidden = !fits(claim, values);
    const count = visible().length;
    shown.textContent = shown.dataset.text.replace("{shown}", count).replace("{count}", claims.length);
    none.hidden = count > 0;
    // a choice says how many claims it would leave, the other choices being what they are
    for (const select of selects) {
      for (const option of select.options) {
        const left = claims.filter((claim) => fits(claim, { ...values, [select.name]: option.value }));
        option.textContent = `${option.dataset.name} (${left.length})`;
      }
    }
    name();
  }

  function name() {
    const open = visible().every((claim) => claim.querySelector("details").open);
    button.textContent = open ? button.dataset.close : button.dataset.open;
    button.value = open ? "close" : "open";
  }

  function keep() {
    const query = new URLSearchParams(Object.entries(chosen()).filter(([, value]) => value)).toString();
    history.replaceState(null, "", query ? PREFIX + query : "#claims");
  }

  function reset() {
    for (const field of fields) field.value = "";
  }

  // an address may hold a filter, or a claim that the present filter hides
  function follow() {
    const hash = location.hash;
    if (hash.startsWith(PREFIX)) {
      const query = new URLSearchParams(hash.slice(PREFIX.length));
      // a select takes only what is among its options
      for (const field of fields) field.value = query.get(field.name) ?? "";
      for (const select of selects) if (select.selectedIndex < 0) select.value = "";
      apply();
      document.getElementById("claims").scrollIntoView();
      return;
    }
    let id;
    try {
      id = decodeURIComponent(hash.slice(1));
    } catch {
      return;
    }
    const claim = claims.find((claim) => claim.id === id);
    if (!claim) return;
    if (claim.hidden) {
      reset();
      apply();
    }
    claim.querySelector("details").open = true;
    claim.scrollIntoView();
  }

  bar.addEventListener("input", () => {
    apply();
    keep();
  });
  bar.addEventListener("reset", (event) => {
    event.preventDefault();
    reset();
    apply();
    keep();
  });
  bar.addEventListener("submit", (event) => event.preventDefault());
  button.addEventListener("click", () => {
    const open = button.value === "open";
    for (const claim of visible()) claim.querySelector("details").open = open;
    name();
  });
  for (const claim of claims) claim.querySelector("details").addEventListener("toggle", name);
  for (const link of document.querySelectorAll("a[data-filter]")) link.href = PREFIX + link.dataset.filter;

  // on paper nothing can be opened
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
  });

  addEventListener("hashchange", follow);
  bar.hidden = false;
  apply();
  follow();
})();
