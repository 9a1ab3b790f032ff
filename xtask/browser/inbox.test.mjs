// The inbox: views that count, search, selections that survive what happens, acts on many cases and their undo, and a
// morning's work by keyboard alone.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { address, api, goes as goesOn, inspect, kept, launch, linkFor, looks, open, signIn, visit } from "./lib.mjs";

let browser;
let state;
let page;
let me;
let channel;

before(async () => {
  browser = await launch();
  me = (await api("GET", "/v1/agents")).data.find((agent) => agent.role === "owner");
  channel = (await api("GET", "/v1/channels")).data[0];
  state = await signIn(browser, await linkFor(me));
  page = await open(browser, state, looks[0]);
});
after(() => browser?.close());

let messages = 0;

/** A message from a customer whom nobody but this test knows; answers what became of it. */
function writes(customer, text, conversation = customer) {
  const body = { channel: channel.id, external_id: `inbox-${process.pid}-${(messages += 1)}`, direction: "inbound", text };
  return api("POST", "/v1/messages", { ...body, conversation, customer: { external_id: customer, name: customer } });
}

/** So many fresh cases that say `word`, oldest first. */
async function fresh(word, number) {
  const made = [];
  for (let n = 0; n < number; n += 1) made.push((await writes(`${word}-${n}`, `${word}: where is parcel ${n}?`)).case.number);
  return made;
}

const search = (word) => `/inbox?view=all&q=${word}`;
const flash = (on = page) => on.locator("#flash").innerText();
const rows = (on = page) => on.locator("#rows > li").evaluateAll((all) => all.map((row) => Number(row.id.slice(5))));
const picked = () => page.locator("#rows .tick input:checked").evaluateAll((all) => all.map((box) => Number(box.value)));
const goes = (act, on = page) => goesOn(on, act);
const pick = async (menu, entry) => {
  await page.locator(`[data-menu="${menu}"]`).click();
  await goes(() => page.locator(`#bulk-${menu}`).getByRole("button", { name: entry, exact: true }).click());
};
const of = (number) => api("GET", `/v1/cases/${number}`);

describe("the inbox's views", () => {
  for (const look of looks) {
    it(`passes inspection with a selection and open menus, ${look.name}`, async () => {
      const seen = await open(browser, state, look);
      await visit(seen, "/inbox?view=all");
      await inspect(seen);
      await seen.locator("#rows .tick input").first().check();
      await seen.locator('[data-menu="assign"]').click();
      await inspect(seen);
      await seen.keyboard.press("Escape");
      await seen.getByRole("button", { name: "Filter" }).click();
      await inspect(seen);
      await seen.context().close();
    });
  }

  it("fit a screen of 360 px", async () => {
    const small = await open(browser, state, { name: "small", viewport: { width: 360, height: 740 }, hasTouch: true });
    await visit(small, "/inbox?view=all&tag=nobody-has-this");
    await inspect(small);
    await visit(small, "/inbox?view=all");
    await small.locator("#rows .tick input").first().check();
    await inspect(small);
    // Everything that can be done is in sight, and the filters are wide enough to be read.
    const widths = (selector) => small.locator(selector).evaluateAll((all) => all.map((one) => one.getBoundingClientRect()).map(({ left, right }) => [left >= 0 && right <= innerWidth, right - left]));
    const acts = await widths("#bulk > .actions > button");
    assert.ok(acts.length === 8 && acts.every(([whole]) => whole), JSON.stringify(acts));
    await small.getByRole("button", { name: "Filter" }).click();
    const fields = await widths("#filters select");
    assert.ok(fields.every(([whole, width]) => whole && width > 120), JSON.stringify(fields));
    await inspect(small);
    await small.context().close();
  });

  it("count live: a queue's count rises when a case comes in", async () => {
    await visit(page, "/inbox?view=closed");
    const badge = page.locator(`#view-${channel.queue} .count`), before = Number(await badge.innerText());
    await writes("Counted", "One more for the queue");
    await badge.getByText(String(before + 1), { exact: true }).waitFor({ timeout: 15_000 });
  });

  it("are saved under a name, renamed and deleted", async () => {
    await fresh("lanternfish", 1);
    await visit(page, search("lanternfish"));
    await page.getByRole("button", { name: "Save view" }).click();
    await page.locator("#view-name").fill("Lantern <b>fish</b>");
    await goes(() => page.locator("#save-view").getByRole("button", { name: "Save", exact: true }).click());
    assert.equal(await page.locator("h1").innerText(), "Lantern <b>fish</b>");
    await inspect(page);
    await visit(page, "/inbox");
    await goes(() => page.locator(".views").getByRole("link", { name: "Lantern <b>fish</b>" }).click());
    assert.equal((await rows()).length, 1);
    await page.getByRole("button", { name: "View", exact: true }).click();
    await page.locator("#view-name").fill("Lights");
    await goes(() => page.locator("#save-view").getByRole("button", { name: "Save", exact: true }).click());
    assert.equal(await page.locator("h1").innerText(), "Lights");
    await page.getByRole("button", { name: "View", exact: true }).click();
    await goes(() => page.locator("#save-view").getByRole("button", { name: "Delete" }).click());
    assert.match(await flash(), /“Lights” is deleted/);
    assert.equal(await page.locator(".views").getByText("Lights").count(), 0);
  });

  it("show what is set as words that can be taken away", async () => {
    await visit(page, "/inbox?view=all&priority=medium&status=open");
    await goes(() => page.locator(".chip", { hasText: "Medium priority" }).click());
    assert.ok(!page.url().includes("priority") && page.url().includes("status=open"));
  });

  it("keep rows of one line with the person", async () => {
    await visit(page, "/inbox?view=all");
    const height = () => page.locator("#rows > li").nth(1).evaluate((row) => row.offsetHeight);
    const tall = await height();
    await goes(() => page.getByRole("button", { name: "Compact rows" }).click());
    assert.ok((await height()) < tall && (await height()) <= 40, `${await height()} px`);
    await inspect(page);
    await goes(() => page.getByRole("button", { name: "Comfortable rows" }).click());
    assert.equal(await height(), tall);
  });
});

describe("acts on many cases", () => {
  it("tag, assign and close what is selected, and one undo takes it back", async () => {
    const cases = await fresh("marmalade", 4);
    await visit(page, search("marmalade"));
    for (const number of cases.slice(0, 3)) await page.locator(`#tick-${number}`).check();
    assert.equal(await page.locator("[data-picked]").innerText(), "3 selected");
    await page.locator('[data-menu="tag"]').click();
    await page.locator("#bulk-tag-name").fill("Sweet");
    await goes(() => page.locator("#bulk-tag").getByRole("button", { name: "Add" }).click());
    assert.match(await flash(), /3 cases are tagged “sweet”\./);
    assert.deepEqual((await of(cases[0])).tags, ["sweet"]);
    for (const number of cases) await page.locator(`#tick-${number}`).check();
    await pick("status", "Closed");
    assert.match(await flash(), /4 cases are closed\./);
    await writes("marmalade-3", "I am back");
    await goes(() => page.getByRole("button", { name: "Undo" }).click());
    assert.match(await flash(), /3 cases are as they were; 1 case stayed/);
    assert.deepEqual((await Promise.all(cases.map(of))).map(({ status }) => status), Array(4).fill("open"));
    await goes(() => page.getByRole("link", { name: "Each case" }).click());
    assert.match(await page.locator("table").innerText(), /somebody touched it afterwards/);
    await inspect(page);
  });

  it("obey the keys where the pointer has ticked, too", async () => {
    const [first, second] = await fresh("periwinkle", 2);
    await visit(page, search("periwinkle"));
    await page.locator(`#tick-${second}`).click();
    await page.keyboard.press("j");
    await page.keyboard.press("x");
    assert.deepEqual(await picked(), [second, first], "the next row is the one below the ticked one");
    await page.locator(`#tick-${first}`).click();
    await goes(() => page.keyboard.press("e"));
    assert.deepEqual([(await of(first)).status, (await of(second)).status], ["open", "closed"]);
  });

  it("ask before all that match are changed, and change those alone", async () => {
    await visit(page, "/inbox?view=all");
    await page.locator("#rows .tick input").first().check();
    await page.locator("#bulk").getByText(/all .* matching/).click();
    await pick("priority", "Low");
    assert.match(await page.locator("main").innerText(), /cases will be of low priority/);
    await inspect(page);
    await goes(() => page.getByRole("link", { name: "Back to the list" }).click());
    const cases = await fresh("gooseberry", 2);
    await visit(page, "/inbox?view=all&tag=gooseberries");
    assert.match(await page.locator("#empty").innerText(), /No case matches/);
    assert.equal((await of(cases[0])).priority, "medium");
  });

  it("work without script", async () => {
    const [first, second] = await fresh("quietly", 2);
    const context = await browser.newContext({ storageState: state, javaScriptEnabled: false });
    const plain = await context.newPage();
    await plain.goto(address + search("quietly"));
    await plain.locator(`#tick-${first}`).check();
    await plain.locator('[data-menu="priority"]').click();
    await goes(() => plain.locator("#bulk-priority").getByRole("button", { name: "High" }).click(), plain);
    assert.match(await flash(plain), /1 case is of high priority\./);
    assert.deepEqual([(await of(first)).priority, (await of(second)).priority], ["high", "medium"]);
    await goes(() => plain.getByRole("button", { name: "Undo" }).click(), plain);
    assert.equal((await of(first)).priority, "medium");
    await context.close();
  });
});

describe("while things happen", () => {
  it("ticks and focus stay, what is new waits, and texts change in place", async () => {
    const [old] = await fresh("sandcastle", 2);
    await visit(page, search("sandcastle"));
    await page.mouse.move(0, 0);
    await page.locator(`#tick-${old}`).check();
    await page.locator(`#case-${old} [data-row]`).focus();
    const before = await rows();
    await writes("sandcastle-0", "sandcastle: any news?");
    await fresh("sandcastle again", 1);
    await page.locator("#list-news").getByText(/1 new/).waitFor({ timeout: 15_000 });
    await page.locator(`#case-${old} .said`).getByText("any news?").waitFor({ timeout: 15_000 });
    assert.deepEqual(await rows(), before);
    assert.deepEqual(await picked(), [old]);
    assert.equal(await page.evaluate(() => document.activeElement.closest("li")?.id), `case-${old}`);
    await page.locator("#list-news").click();
    await page.waitForFunction((shown) => document.querySelectorAll("#rows > li").length > shown, before.length);
    assert.deepEqual(await picked(), [old], "a tick goes with its case");
  });

  it("nothing moves as the page loads", async () => {
    const watched = await open(browser, state, looks[0]);
    await watched.addInitScript(() => {
      window.moved = 0;
      new PerformanceObserver((list) => list.getEntries().forEach((entry) => (window.moved += entry.value))).observe({ type: "layout-shift", buffered: true });
    });
    await visit(watched, "/inbox?view=all");
    await watched.waitForLoadState("networkidle");
    // A badge that grows by a digit is a ten-thousandth of what a reader would notice (0.1).
    const moved = await watched.evaluate(() => window.moved);
    assert.ok(moved < 0.001, `moved by ${moved}`);
    await watched.context().close();
  });

  it("an unsent reply shows as a draft in the list", async () => {
    const [number] = await fresh("halfway", 1);
    await visit(page, `/cases/${number}`);
    await Promise.all([kept(page, "I will"), page.locator("#reply-text").pressSequentially("I will")]);
    await visit(page, search("halfway"));
    assert.match(await page.locator(`#case-${number}`).innerText(), /Draft/);
  });
});

describe("by keyboard alone", () => {
  const press = (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());

  it("ten cases are triaged: three mine, two tagged, two on hold, one answered, one noted, one closed", async () => {
    const cases = (await fresh("quokka", 10)).reverse();
    await visit(page, search("quokka"));
    assert.deepEqual(await rows(), cases);
    await press("j", "x", "j", "x", "j", "x", "a");
    await goes(() => press("Enter"));
    assert.match(await flash(), /3 cases are yours\./);
    await press("j", "j", "j", "j", "x", "j", "x", "t");
    await page.keyboard.type("later");
    await press("Tab");
    await goes(() => press("Enter"));
    assert.match(await flash(), /2 cases are tagged “later”\./);
    await press("j", "j", "j", "j", "j", "j", "x", "j", "x", "s", "ArrowDown", "ArrowDown");
    await goes(() => press("Enter"));
    assert.match(await flash(), /2 cases are on hold\./);
    await press("j", "j", "j", "j", "j", "j", "j", "j");
    await goes(() => press("r"));
    await page.waitForFunction(() => document.activeElement.id === "reply-text");
    await page.keyboard.type("Good morning!");
    await goes(() => press("Control+Enter"));
    // Back in the list one stands where one left it.
    const stands = (number) => page.waitForFunction((row) => document.activeElement.closest("li")?.id === row, `case-${number}`);
    await goes(() => press("u"));
    await stands(cases[7]);
    await press("j");
    await goes(() => press("c"));
    await page.waitForFunction(() => document.activeElement.id === "note-text");
    await page.keyboard.type("Call her back");
    await goes(() => press("Control+Enter"));
    await goes(() => press("u"));
    await stands(cases[8]);
    assert.equal(new URL(page.url()).search, new URL(search("quokka"), address).search);
    await press("j");
    await goes(() => press("e"));
    assert.match(await flash(), /1 case is closed\./);
    const now = await Promise.all(cases.map(of));
    assert.deepEqual(now.slice(0, 3).map(({ assignee }) => assignee), [me.id, me.id, me.id]);
    assert.deepEqual(now.slice(3, 5).map(({ tags }) => tags), [["later"], ["later"]]);
    assert.deepEqual(now.slice(5, 7).map(({ status }) => status), ["on_hold", "on_hold"]);
    assert.equal((await api("GET", `/v1/cases/${cases[7]}/messages`)).data.at(-1).text, "Good morning!");
    assert.equal(now[9].status, "closed");
  });

  it("every key that works is listed, and none works where it is switched off", async () => {
    await visit(page, "/inbox?view=all");
    await press("?");
    const listed = await page.locator("dialog kbd").allInnerTexts();
    for (const key of ["j", "k", "x", "a", "s", "t", "e", "r", "c", "/", "?"]) assert.ok(listed.includes(key), key);
    await goes(() => page.locator("dialog").getByRole("button", { name: "Off", exact: true }).click());
    await press("j", "x");
    assert.deepEqual(await picked(), []);
    await press("?");
    await goes(() => page.locator("dialog").getByRole("button", { name: "On", exact: true }).click());
  });
});
