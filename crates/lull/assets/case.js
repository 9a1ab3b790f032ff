// What writing on a case can do beyond plain forms: names completed while one types, canned replies put where the cursor is. The
// page works without this file.
"use strict";
(() => {
  const one = (selector, from = document) => from.querySelector(selector);
  const SHOWN = 8;

  // ---- Completion: `@na` in a note becomes a member's name, the last word of a list of tags a known tag.
  let list, field, choices = [], chosen = 0;
  // A field of several lines is a text box to readers, and a text box does not expand.
  const expand = (input, is) => {
    is ? input.setAttribute("aria-controls", "complete") : ["aria-controls", "aria-activedescendant"].forEach((name) => input.removeAttribute(name));
    if (input.matches("input")) input.setAttribute("aria-expanded", `${is}`);
  };
  const close = () => {
    list?.remove();
    list = null;
    if (field) expand(field, false);
  };
  const begun = () => {
    const before = field.value.slice(0, field.selectionStart);
    const [, word] = before.match(field.dataset.complete === "members" ? /(?:^|[^\p{L}\p{N}])@([^@\n]{0,40})$/u : /(?:^|,)\s*([^,]*)$/) ?? [];
    return word;
  };
  const take = (name) => {
    const word = begun() ?? "", end = field.selectionStart;
    field.setRangeText(field.dataset.complete === "members" ? `${name} ` : name, end - word.length, end, "end");
    close();
    field.dispatchEvent(new Event("input", { bubbles: true }));
    close();
  };
  const mark = () => {
    [...list.children].forEach((item, place) => item.setAttribute("aria-selected", `${place === chosen}`));
    field.setAttribute("aria-activedescendant", `complete-${chosen}`);
  };
  const offer = () => {
    close();
    const word = begun()?.toLowerCase();
    if (word === undefined || (!word && field.dataset.complete !== "members")) return;
    const names = [...one(`#${field.dataset.complete}`).options].map((option) => option.value);
    choices = names.filter((name) => name.toLowerCase().startsWith(word) && name.toLowerCase() !== word).slice(0, SHOWN);
    if (!choices.length) return;
    list = document.createElement("ul");
    Object.assign(list, { id: "complete", className: "complete" });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", "Suggestions");
    list.append(...choices.map((name, place) => {
      const item = document.createElement("li");
      item.setAttribute("role", "option");
      item.id = `complete-${place}`;
      item.textContent = name;
      item.addEventListener("pointerdown", (event) => { event.preventDefault(); take(name); });
      return item;
    }));
    chosen = 0;
    field.after(list);
    expand(field, true);
    mark();
  };
  document.addEventListener("input", ({ target }) => {
    if (!target.dataset?.complete) return;
    field = target;
    offer();
  });
  document.addEventListener("focusout", ({ target }) => { if (target === field) close(); });
  document.addEventListener("keydown", (event) => {
    if (!list || event.target !== field || event.isComposing) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      chosen = (chosen + step + choices.length) % choices.length;
      mark();
    } else if ((event.key === "Enter" && !event.ctrlKey && !event.metaKey) || event.key === "Tab") take(choices[chosen]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);

  // ---- Canned replies: the desk fills them in.
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-canned]");
    if (!button) return;
    event.preventDefault();
    const name = one("#canned"), text = one("#reply-text");
    if (!name.value.trim()) return name.focus();
    const answer = await fetch(`${button.getAttribute("formaction")}?${new URLSearchParams({ name: name.value })}`).catch(() => null);
    if (!answer?.ok || !answer.headers.get("content-type").startsWith("text/plain")) return button.form.requestSubmit(button);
    const filled = await answer.text();
    text.setRangeText(filled, text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
    name.value = "";
    text.focus();
  });

  const start = () => {
    for (const input of document.querySelectorAll("[data-complete]")) {
      input.removeAttribute("list");
      input.setAttribute("aria-autocomplete", "list");
      if (input.matches("input")) input.setAttribute("role", "combobox");
      expand(input, false);
    }
  };
  document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", start) : start();
})();
