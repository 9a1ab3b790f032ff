// A day's work at the desk: finding, answering, noting, assigning, closing and reopening cases, and moving the clock.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { address, api, goes, inspect, kept, launch, linkFor, looks, open, signIn, visit } from "./lib.mjs";

let browser;
let page;
let me;
let channel;

before(async () => {
  browser = await launch();
  me = (await api("GET", "/v1/agents")).data.find((agent) => agent.role === "owner");
  channel = (await api("GET", "/v1/channels")).data[0];
  page = await open(browser, await signIn(browser, await linkFor(me)), looks[0]);
});
after(() => browser?.close());

let messages = 0;

/** A message from a customer whom nobody but this test knows; answers what became of it. */
function writes(customer, text, conversation = customer) {
  const body = { channel: channel.id, external_id: `work-${process.pid}-${(messages += 1)}`, direction: "inbound", text };
  return api("POST", "/v1/messages", { ...body, conversation, customer: { external_id: customer, name: customer } });
}

/** A fresh case, opened on the page. */
async function freshCase(customer, text = `Where is the parcel of ${customer}?`) {
  const { number } = (await writes(customer, text)).case;
  await visit(page, `/cases/${number}`);
  return number;
}

const thread = () => page.locator("#entries").innerText();
const flash = () => page.locator("#flash").innerText();
const status = () => page.locator("#head-status").innerText();

/** Presses a button and waits for the page it leads to. */
async function press(name, inside = "main") {
  const button = page.locator(inside).getByRole("button", { name, exact: true }).first();
  await goes(page, () => button.click());
}

describe("the inbox", () => {
  it("leads from a view to a case and back to the same view", async () => {
    await visit(page, "/inbox");
    await page.locator("#view-all").click();
    await page.waitForURL(/view=all/);
    await page.locator("[data-row]").first().click();
    await page.waitForURL(/\/cases\/\d+$/);
    await page.getByRole("link", { name: "Inbox" }).last().click();
    await page.waitForURL(/view=all/);
  });

  it("finds a case by its words and says so in the address", async () => {
    const { number } = (await writes("Quill", "A zanzibarine lamp arrived broken")).case;
    await visit(page, "/inbox");
    await page.locator("#q").fill("zanzibarine");
    await Promise.all([page.waitForURL(/q=zanzibarine/), page.locator("#q").press("Enter")]);
    assert.deepEqual(await page.locator("#rows > li").evaluateAll((rows) => rows.map((row) => row.id)), [`case-${number}`]);
    assert.equal(await page.locator(".pages p").innerText(), "1 case");
  });

  it("says that a filter hides all, and clears it", async () => {
    await visit(page, "/inbox?view=all&q=nobody-ever-wrote-this");
    await inspect(page);
    assert.match(await page.locator("#empty").innerText(), /No case matches/);
    await page.getByRole("link", { name: "Clear search and filters" }).click();
    await page.waitForURL((url) => !url.search.includes("q="));
    assert.ok((await page.locator("#rows > li").count()) > 0);
  });

  it("turns pages forth and back without losing or doubling a case", async () => {
    await visit(page, "/inbox?view=all");
    const shown = () => page.locator("#rows > li").evaluateAll((rows) => rows.map((row) => row.id));
    const first = await shown();
    await page.locator("#page-older").click();
    await page.waitForURL(/page=2/);
    const second = await shown();
    assert.match(await page.locator(".pages p").innerText(), /^51–100 of \d+ cases$/);
    await page.locator("#page-older").click();
    await page.waitForURL(/page=3/);
    await page.locator("#page-newer").click();
    await page.waitForURL(/page=2/);
    assert.deepEqual(await shown(), second);
    await page.locator("#page-newer").click();
    await page.waitForURL((url) => !url.search.includes("page="));
    assert.deepEqual(await shown(), first);
    assert.equal(new Set([...first, ...second]).size, 100);
  });

  it("shows a new case by itself", async () => {
    await visit(page, "/inbox");
    await page.mouse.move(0, 0);
    const { number } = (await writes("Ines", "Is anybody there?")).case;
    await page.locator(`#case-${number}`).waitFor({ timeout: 15_000 });
  });
});

describe("the inbox under one's eyes", () => {
  it("holds back what is new while a person points at it, and shows it when asked", async () => {
    await visit(page, "/inbox");
    const before = await page.locator("#rows > li").evaluateAll((rows) => rows.map((row) => row.id));
    await page.locator("#rows > li").first().hover();
    const { number } = (await writes("Juno", "Do not jump")).case;
    await page.locator("#list-news").getByText("1 new").waitFor({ timeout: 15_000 });
    // Now the pointer is at the bar that says so.
    await writes("Juno again", "Not even twice");
    await page.locator("#list-news").getByText("2 new").waitFor({ timeout: 15_000 });
    const held = await page.locator("#rows > li").evaluateAll((rows) => rows.map((row) => row.id));
    assert.deepEqual(held, before);
    await page.locator("#list-news").click();
    await page.locator(`#case-${number}`).waitFor({ timeout: 15_000 });
  });

  it("is walked through by keys, unless they are switched off", async () => {
    await visit(page, "/inbox");
    const focused = () => page.evaluate(() => document.activeElement.getAttribute("href"));
    const rows = await page.locator("[data-row]").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    assert.equal(await focused(), rows[1]);
    await page.keyboard.press("k");
    assert.equal(await focused(), rows[0]);
    await page.keyboard.press("?");
    await inspect(page);
    await press("Off", "dialog");
    await page.keyboard.press("/");
    assert.notEqual(await page.evaluate(() => document.activeElement.id), "q");
    await page.keyboard.press("?");
    await press("On", "dialog");
    await page.keyboard.press("/");
    assert.equal(await page.evaluate(() => document.activeElement.id), "q");
    await page.keyboard.type("jk");
    assert.equal(await page.locator("#q").inputValue(), "jk", "letters in a field are letters");
  });
});

describe("a case", () => {
  it("takes a reply and a note, each on its own paper", async () => {
    const number = await freshCase("Rosa");
    await page.locator("#reply-text").fill("It left this morning, Rosa.");
    await press("Send to Rosa");
    assert.match(await thread(), /It left this morning, Rosa\./);
    await page.locator("#note-text").fill("She is right to be cross.");
    await press("Add internal note");
    assert.match(await page.locator(".note .text").innerText(), /She is right to be cross\./);
    assert.equal(await page.locator("#reply-text").inputValue(), "", "what was sent is not offered again");
    const sent = (await api("GET", `/v1/cases/${number}/messages`)).data.filter((m) => m.direction === "outbound");
    assert.deepEqual(sent.map(({ text, author }) => [text, author]), [["It left this morning, Rosa.", me.id]]);
    await inspect(page);
  });

  it("keeps a half-typed reply over a reload, on the desk itself", async () => {
    await freshCase("Soren");
    await Promise.all([kept(page, "I will look into"), page.locator("#reply-text").pressSequentially("I will look into")]);
    await page.evaluate(() => sessionStorage.clear());
    await page.reload();
    assert.equal(await page.locator("#reply-text").inputValue(), "I will look into");
  });

  it("does not answer past a newer message, and keeps the text", async () => {
    await freshCase("Tova");
    await page.locator("#reply-text").fill("It should arrive on Monday.");
    await writes("Tova", "Never mind, it came!");
    await press("Send to Tova");
    assert.match(await page.locator("#reply-newer").innerText(), /Tova wrote while you typed/);
    assert.equal(await page.locator("#reply-text").inputValue(), "It should arrive on Monday.");
    assert.match(await thread(), /Never mind, it came!/);
    await page.locator("#reply-text").fill("Good to hear!");
    await press("Send to Tova");
    assert.match(await thread(), /Good to hear!/);
    assert.doesNotMatch(await thread(), /It should arrive on Monday/);
    page.complaints.length = 0; // The browser notes the refusal (409) in its console.
  });

  it("closes, takes the close back, closes with a reply and reopens", async () => {
    const number = await freshCase("Uma");
    await press("Close");
    assert.match(await flash(), new RegExp(`Case ${number} is closed`));
    assert.equal(await status(), "Closed");
    await press("Undo");
    assert.equal(await status(), "Open");
    await page.locator("#reply-text").fill("Done, Uma.");
    await press("Send and close");
    assert.equal(await status(), "Closed");
    assert.match(await thread(), new RegExp(`Closed by ${me.name}`));
    await press("Reopen", "aside");
    assert.equal(await status(), "Open");
    assert.match(await flash(), /open again/);
    await inspect(page);
  });

  it("is assigned to me and to another, with a way back", async () => {
    const number = await freshCase("Vera");
    // The queue may have given it to somebody already; giving it to them again changes nothing and says nothing.
    const before = (await api("GET", `/v1/cases/${number}`)).assignee;
    const other = (await api("GET", "/v1/agents")).data.find((agent) => agent.role === "agent" && agent.active && agent.id !== before);
    await page.locator("#assignee").selectOption(other.id);
    await press("Assign");
    assert.match(await flash(), new RegExp(`assigned to ${other.name}`));
    assert.equal((await api("GET", `/v1/cases/${number}`)).assignee, other.id);
    await press("Undo");
    assert.equal((await api("GET", `/v1/cases/${number}`)).assignee, before);
    await press("Assign to me");
    assert.equal((await api("GET", `/v1/cases/${number}`)).assignee, me.id);
  });

  it("refuses a change that was decided on an older version", async () => {
    // The panel that would bring the version up to date gets no answer to swap in.
    await page.route("**/live", (route) => route.fulfill({ status: 204 }));
    await freshCase("Wim");
    const stale = page.locator("#set-on_hold");
    await stale.evaluate((button) => { button.form.elements.version.value = "0"; });
    await goes(page, () => stale.click());
    assert.match(await flash(), /Somebody changed this case meanwhile/);
    assert.equal(await status(), "Open");
    await page.unroute("**/live");
  });

  it("saves properties, shows what is wrong beside the field, and takes no stale form", async () => {
    const number = await freshCase("Xenia");
    await page.locator("#title").fill(" ");
    await page.locator("#tags").fill(`vip, ${"long ".repeat(20)}`);
    await press("Save properties");
    assert.match(await page.locator("#title-error").innerText(), /cannot be empty/);
    assert.match(await page.locator("#tags-error").innerText(), /at most 50 characters/);
    page.complaints.length = 0; // The refusal (422) in the browser's console.
    await inspect(page);
    await page.locator("#title").fill("Parcel of Xenia");
    await page.locator("#tags").fill("VIP, parcel, vip");
    await page.locator("#priority").selectOption("high");
    await writes("Xenia", "Hello?");
    await press("Save properties");
    assert.match(await flash(), /properties of case \d+ are saved/);
    const { title, tags, priority } = await api("GET", `/v1/cases/${number}`);
    assert.deepEqual({ title, tags, priority }, { title: "Parcel of Xenia", tags: ["vip", "parcel"], priority: "high" });
    await api("PATCH", `/v1/cases/${number}`, { tags: ["theirs"] });
    await page.locator("#tags").fill("mine");
    await press("Save properties");
    assert.match(await page.locator("aside [role=alert]").innerText(), /Somebody changed these properties/);
    assert.equal(await page.locator("#tags").inputValue(), "mine");
    assert.deepEqual((await api("GET", `/v1/cases/${number}`)).tags, ["theirs"]);
    page.complaints.length = 0;
  });

  it("shows a message that comes in, and keeps what is being typed", async () => {
    await freshCase("Yael");
    await page.locator("#reply-text").pressSequentially("Half a sen");
    await writes("Yael", "One more thing, please");
    await page.locator("#entries").getByText("One more thing, please").waitFor({ timeout: 15_000 });
    assert.equal(await page.locator("#reply-text").inputValue(), "Half a sen");
  });

  it("that is not there, or is no number, is a page that says so", async () => {
    for (const where of ["/cases/999999", "/cases/abc", "/nowhere"]) {
      const answer = await page.goto(address + where);
      assert.equal(answer.status(), 404);
      assert.equal(await page.locator("h1").innerText(), "There is nothing here");
    }
    page.complaints.length = 0;
  });
});

describe("the test clock", () => {
  it("jumps a day and closes what fell silent, in sight of everybody", async () => {
    const number = await freshCase("Zoe");
    const due = await api("GET", `/v1/cases/${number}`);
    assert.ok(due.closes_at, "auto close is on in the demo");
    const days = Math.ceil((new Date(due.closes_at) - new Date(due.last_activity_at)) / 86_400_000);
    for (let day = 0; day < days; day += 1) {
      await Promise.all([
        page.waitForResponse((answer) => answer.url().endsWith("/test-clock/advance") && answer.status() === 200),
        page.getByRole("button", { name: "+1 day" }).click(),
      ]);
    }
    await page.locator("#entries").getByText(/Closed by Lull after .* without activity/).waitFor({ timeout: 15_000 });
    await page.locator("#head-status").getByText("Closed").waitFor({ timeout: 15_000 });
    assert.match(await page.locator(".closure").innerText(), /Lull/);
    const { closure } = await api("GET", `/v1/cases/${number}`);
    assert.equal(closure.reason, "inactivity");
    assert.equal(closure.closed_at, due.closes_at, "a case closes at its deadline, not a moment later by this clock");
    await inspect(page);
  });

  it("brings a case back when its customer answers in time", async () => {
    const number = await freshCase("Abel");
    await press("Assign to me");
    await press("Close");
    assert.equal((await writes("Abel", "It happened again")).outcome, "reopened");
    await page.locator("#entries").getByText(new RegExp(`Reopened by Lull: Abel wrote within .*back to ${me.name}`)).waitFor({ timeout: 15_000 });
    assert.equal((await api("GET", `/v1/cases/${number}`)).assignee, me.id);
  });

  it("plays and pauses", async () => {
    await visit(page, "/inbox");
    const time = () => page.locator("#clockbar time").getAttribute("datetime");
    const start = await time();
    await page.getByRole("button", { name: "Play at 10 min/s" }).click();
    await page.locator("#clock-pause-button").waitFor();
    await page.waitForFunction((then) => document.querySelector("#clockbar time").dateTime > then, start);
    await page.locator("#clock-pause-button").click();
    await page.locator("#clock-pause-button").waitFor({ state: "detached" });
    await inspect(page);
  });
});
