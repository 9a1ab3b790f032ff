// Writing on a case: canned replies, mentions, long conversations, what must not be done twice, and text that plays tricks.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { address, api, goes, inspect, launch, looks, open, signIn, visit } from "./lib.mjs";

let browser;
let state;
let page;
let channel;
let customers = 0;

before(async () => {
  browser = await launch();
  state = await signIn(browser);
  page = await open(browser, state, looks[0]);
  channel = (await api("GET", "/v1/channels")).data[0].id;
});
after(() => browser?.close());

/** A message of a customer. */
async function writes(customer, text, more = {}) {
  customers += 1;
  const external_id = `case-${customers}-${Math.random()}`;
  return api("POST", "/v1/messages", { channel, external_id, direction: "inbound", customer: { external_id: customer, name: customer }, text, ...more });
}

const caseOf = async (customer, text = "Hello there") => (await writes(customer, text)).case.number;
const entries = () => page.locator("#entries");

describe("canned replies", () => {
  before(() => api("POST", "/v1/canned-replies", { name: "greet", text: "Hi {customer_first_name}, this is {agent_first_name} about case {case_number}." }));

  it("are found by their short name and stand where the cursor is", async () => {
    const number = await caseOf("Nora Quist");
    await visit(page, `/cases/${number}`);
    await page.locator("#reply-text").fill("[] Bye");
    await page.locator("#reply-text").evaluate((field) => field.setSelectionRange(1, 1));
    await page.locator("#canned").fill("greet");
    await page.locator("#canned").press("Enter");
    await page.waitForFunction(() => document.querySelector("#reply-text").value.length > 10);
    const text = await page.locator("#reply-text").inputValue();
    assert.match(text, new RegExp(`^\\[Hi Nora, this is \\w+ about case ${number}\\.\\] Bye$`));
    assert.equal(await page.locator("#canned").inputValue(), "");
    assert.equal((await api("GET", `/v1/cases/${number}/messages`)).data.length, 1, "nothing was sent");
    await inspect(page);
  });

  it("work without script, behind what is typed, and say when there is none of that name", async () => {
    const number = await caseOf("Otto Rahn");
    const plain = await open(browser, state, { ...looks[0], javaScriptEnabled: false });
    await plain.goto(`${address}/cases/${number}`);
    await plain.locator("#reply-text").fill("First things first.");
    await plain.locator("#canned").fill("greet");
    await goes(plain, () => plain.locator("[data-canned]").click());
    assert.match(await plain.locator("#reply-text").inputValue(), /^First things first\.\s+Hi Otto, this is/);
    await plain.locator("#canned").fill("nothing like it");
    await goes(plain, () => plain.locator("[data-canned]").click());
    assert.match(await plain.locator("#canned-error").innerText(), /no canned reply of this name/);
    assert.match(await plain.locator("#reply-text").inputValue(), /^First things first/);
    await plain.context().close();
  });
});

describe("a mention", () => {
  it("is completed while one types, by keyboard alone, and tells the colleague", async () => {
    const colleague = (await api("POST", "/v1/agents", { name: "Quentin Zorn", email: `quentin-${Math.random()}@example.com`, role: "agent" }));
    const number = await caseOf("Piet");
    await visit(page, `/cases/${number}`);
    await page.locator("#note-text").pressSequentially("Please look, @quen");
    await page.locator("#complete [aria-selected=true]").getByText("Quentin Zorn").waitFor();
    await inspect(page);
    await page.locator("#note-text").press("Enter");
    assert.equal(await page.locator("#note-text").inputValue(), "Please look, @Quentin Zorn ");
    await page.locator("#note-text").press("Control+Enter");
    await entries().locator(".mention").getByText("@Quentin Zorn").waitFor();
    const [note] = (await api("GET", `/v1/cases/${number}/comments`)).data;
    assert.deepEqual(note.mentions, [colleague.id]);
    await inspect(page);
  });
});

describe("a conversation", () => {
  it("of 200 messages shows the last 50 and earlier ones on demand", async () => {
    const number = await caseOf("Rosa", "message 1 of 200");
    for (let n = 2; n <= 200; n += 1) await writes("Rosa", `message ${n} of 200`);
    await visit(page, `/cases/${number}`);
    assert.equal(await entries().locator(".message").count(), 50);
    assert.match(await entries().innerText(), /message 151 of 200/);
    await page.locator("#earlier").click();
    await page.waitForURL(/messages=150/);
    await page.locator("#earlier").click();
    await page.waitForURL(/messages=450/);
    assert.equal(await entries().locator(".message").count(), 200);
    await inspect(page);
  });

  it("folds a message of 10,000 characters and shows all of it when asked", async () => {
    const text = "A very long story about a parcel. ".repeat(294).trim();
    await visit(page, `/cases/${await caseOf("Sven", text)}`);
    const more = entries().locator("details.more");
    assert.match(await more.locator("summary").innerText(), /Show all 9,?995 characters/);
    await more.locator("summary").click();
    const shown = await entries().locator(".message .text").allInnerTexts();
    assert.equal(shown.join("").replace(/\s+/g, ""), text.replace(/\s+/g, ""));
    await inspect(page);
  });

  it("shows addresses as links that open beside the desk and tell nobody where from", async () => {
    const number = await caseOf("Runa", "See https://example.com/a?b=1&c=2, javascript:alert(1) and <https://example.org>.");
    await api("POST", `/v1/cases/${number}/comments`, { text: "As in https://example.net/x." });
    await visit(page, `/cases/${number}`);
    const links = await entries().locator("a").evaluateAll((all) => all.map((link) => [link.getAttribute("href"), link.textContent, link.target, link.rel]));
    const to = (where) => [where, where, "_blank", "noreferrer nofollow"];
    assert.deepEqual(links, ["https://example.com/a?b=1&c=2", "https://example.org", "https://example.net/x"].map(to));
    await inspect(page);
  });

  it("is answered at length once: what was sent is not in the field again", async () => {
    const number = await caseOf("Signe");
    await visit(page, `/cases/${number}`);
    for (const [kind, button] of [["reply", /^Send to/], ["note", "Add internal note"]]) {
      const text = `${kind}: ${"the whole story of \u2067your\u2069 parcel, ".repeat(100)}the end`;
      await page.locator(`#${kind}-text`).fill(text);
      await goes(page, () => page.getByRole("button", { name: button }).click());
      await page.locator("[data-keys]:not([hidden])").waitFor({ state: "attached" }); // What restores drafts has run.
      assert.match(await entries().textContent(), new RegExp(`${kind}: the whole story`));
      assert.equal(await page.locator(`#${kind}-text`).inputValue(), "");
    }
  });

  it("whose customer, agent and queue have endless names stays within the screen, and so does its row", async () => {
    const number = await caseOf("W".repeat(200));
    const queue = await api("POST", "/v1/queues", { name: "V".repeat(200), assignment: "manual", members: [] });
    const agent = await api("POST", "/v1/agents", { name: "U".repeat(200), email: "endless@demo.test", role: "agent" });
    await api("PATCH", `/v1/cases/${number}`, { queue: queue.id, assignee: agent.id });
    for (const look of [looks[0], looks[2]]) {
      const seen = await open(browser, state, look);
      await visit(seen, `/cases/${number}`);
      const right = (selector) => seen.locator(selector).evaluate((one) => Math.round(one.getBoundingClientRect().right));
      assert.ok(await right("#reply-text") <= await right("#reply") && await right("#reply .main") <= await right("#reply"), look.name);
      await inspect(seen);
      await visit(seen, `/inbox?view=open&queue=${queue.id}`);
      assert.equal(await seen.locator(".about > :last-child").evaluate((one) => one.getClientRects().length && one.offsetHeight < 24), true, look.name);
      await inspect(seen);
      await seen.context().close();
    }
    // The other tests look at the same desk.
    await api("PATCH", `/v1/queues/${queue.id}`, { name: "Endless" });
    await api("PATCH", `/v1/agents/${agent.id}`, { name: "Endless", active: false });
  });

  it("keeps what happened in a list of its own if one wants, by an address", async () => {
    const number = await caseOf("Tilda");
    await api("PATCH", `/v1/cases/${number}`, { priority: "high" });
    await visit(page, `/cases/${number}`);
    await entries().getByText("Priority set to High").waitFor();
    await page.locator("#apart").click();
    await page.waitForURL(/events=apart/);
    assert.match(await page.locator("#activity").innerText(), /Priority set to High/);
    assert.equal(await entries().getByText("Priority set to High").count(), 0);
    await api("PATCH", `/v1/cases/${number}`, { priority: "low" });
    await page.locator("#activity").getByText("Priority set to Low").waitFor({ timeout: 15_000 });
    await inspect(page);
  });

  it("shows markup as text and turns no letters around", async () => {
    const name = "<img src=x onerror=alert(1)>\u202etxt.exe";
    const number = await caseOf(name, "<script>alert(1)</script> \u202eevil\u202c \u2067x");
    await api("PATCH", `/v1/cases/${number}`, { tags: ["<b>bold</b>\u202e"], title: "<i>title</i>\u202e" });
    await visit(page, `/cases/${number}`);
    assert.match(await entries().innerText(), /<script>alert\(1\)<\/script> evil x/);
    assert.doesNotMatch(await page.content(), /[\u202a-\u202e\u2066-\u2069]/);
    assert.equal(await page.locator("main img, main script, main i").count(), 0);
    await inspect(page);
  });
});

describe("a status", () => {
  it("is chosen by keys", async () => {
    const number = await caseOf("Ylva");
    await visit(page, `/cases/${number}`);
    await page.keyboard.press("s");
    assert.equal(await page.evaluate(() => document.activeElement.value), "closed");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.value), "on_hold");
    await page.keyboard.press("Enter");
    await page.locator("#head-status").getByText("On hold").waitFor();
    assert.equal((await api("GET", `/v1/cases/${number}`)).status, "on_hold");
  });
});

describe("a form", () => {
  it("posted twice acts once: a note stands once", async () => {
    const number = await caseOf("Ulla");
    await visit(page, `/cases/${number}`);
    const once = await page.locator("#note [name=once]").inputValue();
    const cookie = state.cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
    const post = (text) => fetch(`${address}/cases/${number}/note`, { method: "POST", redirect: "manual", headers: { cookie, origin: address }, body: new URLSearchParams({ once, text }) });
    const answers = await Promise.all([post("Only once"), post("Only once"), post("Only once")]);
    assert.deepEqual(answers.map((answer) => answer.status), [303, 303, 303]);
    assert.equal((await api("GET", `/v1/cases/${number}/comments`)).data.length, 1);
    await post("Something else from the same page");
    assert.equal((await api("GET", `/v1/cases/${number}/comments`)).data.length, 2);
  });

  it("of a session that ended comes back to the page with the draft", async () => {
    const number = await caseOf("Vera");
    const tab = await open(browser, state, looks[0]);
    const stream = tab.waitForResponse(`${address}/events`);
    await visit(tab, `/cases/${number}`);
    await tab.locator("#reply-text").pressSequentially("Half an ans");
    // One that is asked for without a session is refused, which the browser notes in its console.
    await stream;
    await tab.context().clearCookies({ name: "lull_session" });
    // The parts that look for news say so where they are, and leave the page to whoever types in it.
    await tab.evaluate(() => document.querySelectorAll("[data-live]").forEach((part) => htmx.trigger(part, "look")));
    await tab.locator("#ended").getByRole("link", { name: "Sign in" }).waitFor();
    assert.equal(await tab.locator("#reply-text").inputValue(), "Half an ans");
    await inspect(tab);
    await goes(tab, () => tab.locator("#reply .main").click());
    assert.match(await tab.locator("#typed").innerText(), new RegExp(`Your reply in case ${number} was not sent`));
    assert.equal(await tab.locator("[name=next]").inputValue(), `/cases/${number}`);
    tab.complaints.length = 0;
    await inspect(tab);
    await tab.context().addCookies(state.cookies);
    await tab.goto(`${address}/cases/${number}`);
    assert.equal(await tab.locator("#reply-text").inputValue(), "Half an ans");
    await tab.context().close();
  });
});

describe("times", () => {
  it("are written by the reader's clock from the second page on, with the exact time on hover", async () => {
    const number = await caseOf("Willem");
    const context = { ...looks[0], timezoneId: "Asia/Tokyo" };
    const tab = await open(browser, state, context);
    await visit(tab, `/cases/${number}`);
    const hour = async () => (await tab.locator("#entries .by time").first().getAttribute("title")).match(/(\d\d):\d\d$/)[1];
    await visit(tab, `/cases/${number}`);
    const instant = await tab.locator("#entries .by time").first().getAttribute("datetime");
    const there = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", hour12: false, timeZone: "Asia/Tokyo" }).format(new Date(instant));
    assert.equal(await hour(), there.padStart(2, "0"));
    await tab.context().close();
  });
});
