// The inbox's own keys and ticks. Loaded before lull.js, which obeys the keys and lists them.
"use strict";
(() => {
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const boxes = () => all("#rows .tick input");
  const picked = () => boxes().filter((box) => box.checked);
  const row = () => document.activeElement?.closest("#rows > li");
  const count = () => {
    const shown = one("[data-picked]"), words = `${picked().length} selected`;
    if (shown && shown.textContent !== words) shown.textContent = words;
  };
  const tick = (box, on = !box.checked) => {
    box.checked = on;
    count();
  };
  // Without a tick, the row one stands on is meant.
  const some = () => {
    const box = row() && one(".tick input", row());
    if (!picked().length && box) tick(box, true);
    return picked().length;
  };
  const menu = (name) => () => {
    const list = one(`#bulk-${name}`);
    if (!some() || !list) return;
    list.showPopover();
    one("button, input", list)?.focus();
  };
  const write = (what) => () => {
    const link = row() && one("[data-row]", row());
    if (link) location.assign(`${link.href}#${what}-text`);
  };
  window.lullKeys = [
    { key: "x", says: "Select the case", on: "#bulk", does: () => row() && tick(one(".tick input", row())) },
    { key: "a", says: "Assign the selected cases", on: "#bulk", does: menu("assign") },
    { key: "s", says: "Set their status", on: "#bulk", does: menu("status") },
    { key: "t", says: "Tag them", on: "#bulk", does: menu("tag") },
    { key: "e", says: "Close them", on: "#bulk", does: () => some() && one("#bulk-status [value=closed]").click() },
    { key: "r", says: "Reply to the case", on: "#rows", does: write("reply") },
    { key: "c", says: "Write an internal note on it", on: "#rows", does: write("note") },
  ];
  // Menus are walked with the arrows too.
  document.addEventListener("keydown", (event) => {
    const list = event.target.closest?.(".menu-list"), by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!list || !by) return;
    event.preventDefault();
    const entries = all("button", list);
    entries[(entries.indexOf(event.target) + by + entries.length) % entries.length].focus();
  });
  let last;
  document.addEventListener("click", (event) => {
    const box = event.target.closest?.("#rows .tick input");
    if (box) {
      const each = boxes(), from = each.indexOf(last), to = each.indexOf(box);
      if (event.shiftKey && from >= 0) each.slice(Math.min(from, to), Math.max(from, to) + 1).forEach((b) => tick(b, box.checked));
      last = box;
    }
    if (event.target.closest?.("[data-pick-all]")) boxes().forEach((b) => tick(b, true));
    if (event.target.closest?.("[data-pick-none]")) setTimeout(count);
  });
  document.addEventListener("change", (event) => event.target.closest?.(".tick") && count());
  document.addEventListener("htmx:after:swap", count);
  document.addEventListener("DOMContentLoaded", () => {
    const pick = one("[data-pick-all]");
    if (pick) pick.hidden = false;
    count();
    // Who comes back from a case goes on where they were. Its number is no element's id: the browser would take the focus.
    one(`#case-${parseInt(location.hash.slice(1))} [data-row]`)?.focus();
  });
})();
