// What pages can do beyond plain forms: keys, drafts that survive a reload, a list that does not move under
// one's eyes. Every page works without this file. Kept small and dependency-free; htmx does the fetching.
"use strict";
(() => {
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  // Storage can be refused (private windows); then drafts are not kept in it.
  const tab = {
    get(key) { try { return sessionStorage.getItem(key); } catch { return null; } },
    set(key, value) { try { value ? sessionStorage.setItem(key, value) : sessionStorage.removeItem(key); } catch { /* see above */ } },
  };

  // ---- Keys: this table is what the handler obeys and what the dialog shows.
  const rows = () => all("[data-row]");
  const step = (by) => {
    const links = rows(), at = links.findIndex((link) => link.closest("li").contains(document.activeElement));
    const next = links[at < 0 ? 0 : at + by];
    next?.focus();
    next?.closest("li").scrollIntoView({ block: "nearest" });
  };
  const focus = (name) => () => one(`[data-key="${name}"]`)?.focus();
  const KEYS = [
    ...(window.lullKeys ?? []),
    { key: "j", says: "Next case", on: "[data-row]", does: () => step(1) },
    { key: "k", says: "Previous case", on: "[data-row]", does: () => step(-1) },
    { key: "Enter", says: "Open the case", on: "[data-row]", native: true },
    { key: "/", says: "Search", on: '[data-key="search"]', does: focus("search") },
    { key: "r", says: "Write a reply", on: '[data-key="reply"]', does: focus("reply") },
    { key: "c", says: "Write an internal note", on: '[data-key="note"]', does: focus("note") },
    { key: "n", says: "Write an internal note", on: '[data-key="note"]', does: focus("note") },
    { key: "a", says: "Choose an assignee", on: '[data-key="assign"]', does: focus("assign") },
    { key: "s", says: "Choose a status", on: '[data-key="status"]', does: () => one('[data-key="status"] button').focus() },
    { key: "e", says: "Close the case", on: '[data-key="close"]', does: () => one('[data-key="close"]')?.click() },
    // The address names the case one comes from.
    { key: "u", says: "Back to the list", on: ".case .back", does: () => location.assign(`${one(".back").href}#${location.pathname.split("/")[2]}`) },
    { key: "?", says: "Show the keys", on: "body", does: () => showKeys(), always: true },
  ];
  const typing = (element) => element.closest("input:not([type=checkbox]), textarea, select, [contenteditable], dialog");
  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("textarea")) {
      event.preventDefault();
      return event.target.form.requestSubmit(one("button:not([formaction])", event.target.form));
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const found = KEYS.find((entry) => entry.key === event.key && !entry.native && one(entry.on));
    if (!found || (document.body.dataset.letters && !found.always)) return;
    event.preventDefault();
    found.does();
  });

  const make = (name, text = "", attributes = {}) => {
    const element = document.createElement(name);
    element.textContent = text;
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  };
  function showKeys() {
    // One that is closing says so a moment later.
    one("#keys-h")?.closest("dialog").remove();
    const dialog = make("dialog", "", { "aria-labelledby": "keys-h" });
    const table = make("table");
    for (const entry of [...KEYS.filter(({ on }) => one(on)), { key: "Ctrl or ⌘ + Enter", says: "Send what is typed" }]) {
      const line = make("tr"), cell = make("td");
      cell.append(make("kbd", entry.key));
      line.append(make("th", entry.says, { scope: "row" }), cell);
      table.append(line);
    }
    const choice = one("#letter-keys").cloneNode(true);
    choice.removeAttribute("id");
    const shut = make("button", "Close", { type: "button" });
    shut.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => dialog.remove());
    dialog.append(make("h2", "Keys", { id: "keys-h" }), table, choice, shut);
    document.body.append(dialog);
    dialog.showModal();
  }

  // ---- Drafts: the desk keeps what is typed; this tab keeps what the desk does not have yet, and what was sent until
  // it is seen in the conversation.
  const plain = (text) => text.replace(/[\u202a-\u202e\u2066-\u2069]/g, "").replace(/\s+/g, " ").trim();
  const draft = (field) => `draft:${field.dataset.draft}`;
  const waiting = new Map();
  const SAVE_AFTER = 800;
  const save = (field, options = {}) => {
    const [number, kind] = field.dataset.draft.split("-"), text = field.value, stop = new AbortController();
    clearTimeout(waiting.get(field)?.timer);
    waiting.set(field, { stop });
    fetch(`/cases/${number}/draft`, { method: "POST", body: new URLSearchParams({ kind, text }), signal: stop.signal, ...options })
      .then((answer) => { if (answer.status === 204 && field.value === text) tab.set(draft(field), ""); })
      .catch(() => { /* kept in this tab */ })
      .finally(() => { if (waiting.get(field)?.stop === stop) waiting.delete(field); });
  };
  const restore = (field) => {
    const text = tab.get(draft(field));
    if (!text) return;
    if (tab.get(`${draft(field)}:sent`) && plain(all("#entries .text").map((part) => part.textContent).join("")).includes(plain(text))) {
      tab.set(draft(field), "");
      tab.set(`${draft(field)}:sent`, "");
    } else field.value = text;
  };
  document.addEventListener("input", ({ target }) => {
    if (!target.dataset?.draft) return;
    tab.set(draft(target), target.value);
    tab.set(`${draft(target)}:sent`, "");
    clearTimeout(waiting.get(target)?.timer);
    waiting.set(target, { ...waiting.get(target), timer: setTimeout(() => save(target), SAVE_AFTER) });
  });
  document.addEventListener("submit", ({ target }) => {
    for (const field of all("[data-draft]", target)) {
      clearTimeout(waiting.get(field)?.timer);
      waiting.get(field)?.stop?.abort();
      waiting.delete(field);
      tab.set(draft(field), field.value);
      tab.set(`${draft(field)}:sent`, "yes");
    }
  });
  addEventListener("pagehide", () => {
    for (const [field, { timer }] of waiting) if (timer) save(field, { keepalive: true });
  });

  // Who has not begun to type answers what is on the screen: the reply then knows the latest message.
  document.addEventListener("htmx:after:swap", () => {
    const seen = one("#reply [name=seen]"), text = one("#reply-text"), latest = one("#thread")?.dataset.latest;
    if (seen && latest && !text.value && !document.hidden) seen.value = latest;
  });

  // ---- Live parts: while the tab is seen, one stream tells that something happened, and the parts that it is about are
  // asked for again. In a flood of events they are asked for ever less often. Without the stream they look as often as they
  // say themselves; with it seldom, since times like "in 2 h" go on when nothing happens.
  const SOON = 300, BUSY = 2_000, SELDOM = 30_000, LATEST = 30_000, LOST = 8_000;
  const parts = () => all("[data-live]");
  const looks = new Map();
  const lookOf = (part) => looks.get(part.id) ?? looks.set(part.id, { at: 0, gap: SOON }).get(part.id);
  const ask = (part) => {
    lookOf(part).at = performance.now();
    window.htmx?.trigger(part, "look");
  };
  const look = (part) => {
    const state = lookOf(part);
    if (state.timer) return (state.more = true);
    ask(part);
    state.timer = setTimeout(() => {
      const more = state.more && document.getElementById(part.id);
      Object.assign(state, { timer: 0, more: false, gap: more ? Math.min(state.gap * 2, BUSY) : SOON });
      if (more) look(more);
    }, state.gap);
  };
  let stream, again, wait = SOON, heard = performance.now();
  const told = () => stream?.readyState === EventSource.OPEN;
  const tell = () => {
    const lost = !told() && performance.now() - heard > LOST, shown = one("#lost");
    if (!lost) return shown?.remove();
    if (!shown) one("#flash")?.append(make("p", "Reconnecting. What you see may be old.", { id: "lost" }));
  };
  const hush = () => {
    clearTimeout(again);
    stream?.close();
    stream = null;
  };
  const listen = () => {
    if (stream || document.hidden || !parts().length) return;
    clearTimeout(again);
    stream = new EventSource("/events");
    // What happened before it opened nobody told.
    stream.addEventListener("open", () => { wait = SOON; parts().forEach(look); tell(); });
    stream.addEventListener("message", ({ data }) => {
      const { case_number: number } = JSON.parse(data);
      parts().filter((part) => !number || !part.dataset.case || part.dataset.case === `${number}`).forEach(look);
    });
    stream.addEventListener("error", () => {
      hush();
      wait = Math.min(wait * 2, LATEST);
      again = setTimeout(listen, wait * (0.5 + Math.random() / 2));
    });
  };
  document.addEventListener("visibilitychange", () => {
    heard = performance.now();
    document.hidden ? hush() : listen();
  });
  addEventListener("pagehide", () => {
    hush();
    const left = one("[data-leave]");
    if (left) navigator.sendBeacon(left.dataset.leave);
  });
  addEventListener("pageshow", listen);
  setInterval(() => {
    if (document.hidden) return;
    const now = performance.now();
    if (told()) heard = now;
    parts().filter((part) => now - lookOf(part).at >= (told() ? SELDOM : part.dataset.live * 1_000)).forEach(look);
    if (parts().length) tell();
  }, 1_000);
  // What somebody has chosen, and not sent yet, stays chosen whatever happens around it.
  document.addEventListener("change", ({ target }) => {
    if (target.matches("[data-live] select")) target.setAttribute("hx-morph-skip", "");
  });
  // When the test clock moved, every time on the page says something else.
  let clock;
  const time = () => one("#clockbar time")?.dateTime;
  document.addEventListener("htmx:after:swap", () => {
    heard = performance.now();
    tell();
    if (clock !== time()) parts().forEach(ask);
    clock = time();
  });

  // ---- The live list: while a person is in it, rows are patched in place; new, gone and moved ones wait.
  const attended = () => {
    const list = one("#rows");
    // The bar that says what waits pushes the rows away from under the pointer: who points at it is still there.
    return list && (list.contains(document.activeElement) || one(".tick :checked", list) || one("#case-list:hover") || list.getBoundingClientRect().top < 0);
  };
  const shown = () => all("#rows > li").map((row) => row.id);
  const hold = (fragment) => {
    const list = one("#rows", fragment);
    const fresh = list ? [...list.children].map((row) => row.id) : [];
    const now = shown(), both = fresh.filter((id) => now.includes(id));
    const stay = now.filter((id) => fresh.includes(id));
    const added = fresh.length - both.length, gone = now.length - both.length;
    const moved = both.filter((id, place) => id !== stay[place]).length;
    const parts = [[added, "new"], [moved, "moved"], [gone, "gone"]].filter(([n]) => n).map(([n, word]) => `${n} ${word}`);
    if (!parts.length || !list) return parts;
    const byId = new Map([...list.children].map((row) => [row.id, row]));
    list.replaceChildren(...now.map((id) => byId.get(id) ?? document.getElementById(id).cloneNode(true)));
    return parts;
  };
  let show = false;
  document.addEventListener("htmx:before:swap", (event) => {
    const news = one("[data-list-news]"), fragment = event.detail.tasks?.[0]?.fragment;
    if (!fragment || one("#ended", fragment)) return;
    one("#ended")?.remove();
    if (!news || event.target.id !== "case-list") return;
    const parts = show || !attended() ? [] : hold(fragment);
    show = false;
    news.hidden = !parts.length;
    news.textContent = parts.length ? `${parts.join(", ")} · show` : "";
  });

  // What the advisor's sliders show stands in the address.
  document.addEventListener("htmx:after:swap", () => {
    const address = one("#advice")?.dataset.address;
    if (address && address !== location.pathname + location.search) history.replaceState(null, "", address);
  });

  // Switching a setting on shows what it is set to; nothing is saved by it.
  document.addEventListener("change", ({ target }) => {
    if (target.getAttribute("role") === "switch" && target.checked) one("details", target.form)?.setAttribute("open", "");
  });

  document.addEventListener("click", ({ target }) => {
    if (target.closest("[data-dismiss]")) one(".toast")?.remove();
    if (target.closest("[data-keys]")) showKeys();
    if (target.closest("[data-list-news]")) {
      show = true;
      ask(one("#case-list"));
    }
  });

  // Times are written by the clock of whoever reads them, from the next page on.
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (zone && !document.cookie.includes(`lull_zone=${encodeURIComponent(zone)}`)) {
    document.cookie = `lull_zone=${encodeURIComponent(zone)}; Path=/; Max-Age=31536000; SameSite=Lax`;
  }

  const start = () => {
    for (const field of all("[data-zone]")) if (field.value === "UTC" && zone) field.value = zone;
    all("[data-draft]").forEach(restore);
    // A strip of links that is wider than the screen begins where the reader is.
    for (const here of all(".shelf [aria-current], .views [aria-current]")) {
      const strip = here.closest(".shelf, .views"), [to, from] = [here, strip].map((one) => one.getBoundingClientRect());
      strip.scrollLeft += to.left - from.left - (from.width - to.width) / 2;
    }
    const meant = { "#reply-text": "reply", "#note-text": "note" }[location.hash];
    if (meant) focus(meant)();
    clock = time();
    listen();
    all("[data-dismiss], [data-keys]").forEach((button) => { button.hidden = false; });
  };
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", start) : start();
})();
