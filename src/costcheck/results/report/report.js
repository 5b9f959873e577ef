"use strict";
(() => {
  const bar = document.getElementById("filter");
  if (!bar) return;
  const claims = [...document.querySelectorAll(".claim")];
  const selects = [...bar.querySelectorAll("select")];
  const shown = document.getElementById("shown");
  const none = document.getElementById("none");
  const button = document.getElementById("open-all");
  const PREFIX = "#claims?";

  const chosen = () => Object.fromEntries(selects.map((one) => [one.name, one.value]));
  const fits = (claim, values) =>
    Object.entries(values).every(([name, value]) => !value || claim.dataset[name] === value);
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
    const told = new URLSearchParams(Object.entries(chosen()).filter(([, value]) => value)).toString();
    history.replaceState(null, "", told ? PREFIX + told : "#claims");
  }

  function reset() {
    for (const select of selects) select.value = "";
  }

  // an address may hold a filter, or a claim that the present filter hides
  function follow() {
    const hash = location.hash;
    if (hash.startsWith(PREFIX)) {
      const told = new URLSearchParams(hash.slice(PREFIX.length));
      for (const select of selects) {
        const value = told.get(select.name) ?? "";
        select.value = [...select.options].some((option) => option.value === value) ? value : "";
      }
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
    const claim = claims.find((one) => one.id === id);
    if (!claim) return;
    if (claim.hidden) {
      reset();
      apply();
    }
    claim.querySelector("details").open = true;
    claim.scrollIntoView();
  }

  bar.addEventListener("change", () => {
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
    for (const one of opened) one.open = true;
  });
  addEventListener("afterprint", () => {
    for (const one of opened) one.open = false;
  });

  addEventListener("hashchange", follow);
  bar.hidden = false;
  apply();
  follow();
})();
