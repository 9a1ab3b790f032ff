// The team's pages: members and queues as who manages them and who only looks sees them, the bell that counts by itself, and
// what a person wants to be told of.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { address, api, goes, inspect, launch, linkFor, looks, open, signIn, visit } from "./lib.mjs";

let browser;
let owner;
let state;
let channel;

before(async () => {
  browser = await launch();
  owner = (await api("GET", "/v1/agents")).data.find((agent) => agent.role === "owner");
  state = await signIn(browser, await linkFor(owner));
  // A queue of its own, in which the demo's story has no part.
  const queue = await api("POST", "/v1/queues", { name: unique("Quiet corner "), assignment: "manual", members: [] });
  channel = await api("POST", "/v1/channels", { name: unique("Quiet channel "), network: "web", queue: queue.id });
});
after(() => browser?.close());

let made = 0;
const unique = (name) => `${name}${process.pid}-${(made += 1)}`;

/** Presses a button and waits for the page it leads to. */
async function press(page, name) {
  const button = page.getByRole("button", { name, exact: true }).first();
  await goes(page, () => button.click());
}

async function member(role, more = {}) {
  return api("POST", "/v1/agents", { name: unique(`Test ${role} `), email: `${unique("p")}@demo.test`, role, ...more });
}

async function newCase() {
  const customer = { external_id: unique("u"), name: "Zoë <b>Bold</b>", handle: null };
  const body = { channel: channel.id, external_id: unique("m"), direction: "inbound", customer, text: "Where is my parcel?" };
  return (await api("POST", "/v1/messages", body)).case.number;
}

for (const look of looks) {
  describe(`the team, seen ${look.name}`, () => {
    let page;
    before(async () => {
      page = await open(browser, state, look);
    });
    after(() => page?.context().close());

    for (const [where, name] of [
      ["/settings/members", "members"],
      ["/settings/members/new", "member-new"],
      ["/settings/queues", "queues"],
      ["/settings/queues/new", "queue-new"],
      ["/settings/notifications", "notification-settings"],
      ["/notifications", "notifications"],
    ]) {
      it(`${where} is in order`, async () => {
        await visit(page, where);
        await inspect(page);
        await page.setViewportSize({ width: 360, height: 740 });
        await inspect(page);
        await page.setViewportSize(look.viewport);
      });
    }
  });
}

describe("members", () => {
  let page;
  before(async () => {
    page = await open(browser, state, looks[0]);
  });
  after(() => page?.context().close());

  it("are added with every fault beside its field at once, and get a link that signs them in", async () => {
    await visit(page, "/settings/members/new");
    await page.getByLabel("Name", { exact: true }).fill(" ");
    await page.getByLabel("E-mail").fill(owner.email);
    await page.getByLabel("Cases at once").fill("many");
    await press(page, "Add member");
    assert.match(await page.locator("#name-fault").innerText(), /cannot be empty/);
    assert.match(await page.locator("#email-fault").innerText(), /already has/);
    assert.match(await page.locator("#capacity-fault").innerText(), /whole number/);
    page.complaints.length = 0; // The refusal (422) in the browser's console.
    await inspect(page);
    const name = unique("Nia ");
    await page.getByLabel("Name", { exact: true }).fill(name);
    await page.getByLabel("E-mail").fill(`${unique("nia")}@demo.test`);
    await page.getByLabel("Cases at once").fill("7");
    await page.getByLabel("Role").selectOption("care_manager");
    await press(page, "Add member");
    assert.match(await page.locator("#flash").innerText(), /is added/);
    await press(page, "Make a sign-in link");
    const link = await page.getByLabel(/Send this to/).inputValue();
    await inspect(page);
    const nia = await open(browser, await signIn(browser, link), looks[0]);
    await visit(nia, "/settings/members");
    const row = nia.getByRole("row").filter({ hasText: name });
    assert.match(await row.innerText(), /Care manager[\s\S]*0 of 7/);
    await inspect(nia);
    await nia.context().close();
  });

  it("are changed, and an owner is out of a care manager's reach", async () => {
    const agent = await member("agent", { capacity: 3 });
    const manager = await open(browser, await signIn(browser, await linkFor(await member("care_manager"))), looks[0]);
    await visit(manager, `/settings/members/${agent.id}`);
    await manager.getByLabel("Cases at once").fill("");
    await manager.getByLabel(/Queues may hand them/).uncheck();
    // Meanwhile somebody else changes another field of the same member.
    await api("PATCH", `/v1/agents/${agent.id}`, { name: "Renamed meanwhile" });
    await press(manager, "Save member");
    const stored = (await api("GET", "/v1/agents?limit=100")).data.find((known) => known.id === agent.id);
    assert.deepEqual([stored.capacity, stored.auto_assign, stored.name], [null, false, "Renamed meanwhile"]);
    await visit(manager, `/settings/members/${owner.id}`);
    assert.equal(await manager.getByRole("button", { name: "Save member" }).count(), 0);
    await inspect(manager);
    await manager.context().close();
  });

  it("are only looked at by who does not manage the team", async () => {
    const agent = await open(browser, await signIn(browser, await linkFor(await member("agent"))), looks[0]);
    await visit(agent, "/settings/members");
    assert.equal(await agent.getByRole("link", { name: "Add a member" }).count(), 0);
    await visit(agent, "/settings/queues");
    assert.equal(await agent.getByRole("link", { name: "Add a queue" }).count(), 0);
    await inspect(agent);
    assert.equal((await agent.goto(`${address}/settings/queues/new`)).status(), 403);
    await agent.context().close();
  });
});

describe("queues", () => {
  it("begin to hand out what waits, without script", async () => {
    const agent = await member("agent", { capacity: 2 });
    await api("PUT", `/v1/agents/${agent.id}/availability`, { availability: "online" });
    const number = await newCase();
    const context = await browser.newContext({ storageState: state, javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${address}/settings/queues`);
    await page.getByRole("link", { name: /Quiet corner/ }).click();
    await page.getByLabel("Name", { exact: true }).fill("General");
    await page.getByLabel(/In turn/).check();
    await page.getByLabel(agent.name).check();
    await press(page, "Save queue");
    assert.match(await page.locator("#name-fault").innerText(), /Another queue/);
    assert.ok(await page.getByLabel(/In turn/).isChecked(), "what was chosen is still chosen");
    const renamed = unique("Quiet corner ");
    await page.getByLabel("Name", { exact: true }).fill(renamed);
    await press(page, "Save queue");
    const row = page.getByRole("row").filter({ hasText: renamed });
    assert.match(await row.innerText(), new RegExp(agent.name));
    assert.match(await row.innerText(), /In turn[\s\S]*1 online/);
    assert.equal((await api("GET", `/v1/cases/${number}`)).assignee, agent.id);
    await api("PUT", `/v1/agents/${agent.id}/availability`, { availability: "offline" });
    await context.close();
  });
});

describe("notifications", () => {
  let agent;
  let theirs;
  let page;
  before(async () => {
    agent = await member("agent");
    theirs = await signIn(browser, await linkFor(agent));
    page = await open(browser, theirs, looks[0]);
  });
  after(() => page?.context().close());
  const bell = () => page.locator("#bell");
  const counts = (number) => page.waitForFunction((wanted) => (document.querySelector("#bell .unread")?.firstChild.textContent ?? "0") === wanted, `${number}`);

  it("are counted at the bell as they come, on whichever page, and nothing that is typed is lost", async () => {
    await visit(page, "/settings/notifications");
    await page.locator("input[name=in_page][value=case_created]").check();
    const number = await newCase();
    await api("PATCH", `/v1/cases/${number}`, { assignee: agent.id });
    await counts(1);
    assert.ok(await page.locator("input[name=in_page][value=case_created]").isChecked(), "what was ticked stays");
    await inspect(page);
    await bell().click();
    await page.waitForURL(`${address}/notifications`);
    await inspect(page);
    await page.getByRole("link", { name: new RegExp(`gave you case #${number}`) }).click();
    await page.waitForURL(`${address}/cases/${number}`);
    await counts(0);
  });

  it("are read one by one or all at once, also by keyboard and without script", async () => {
    for (let left = 3; left > 0; left -= 1) await api("PATCH", `/v1/cases/${await newCase()}`, { assignee: agent.id });
    await visit(page, "/notifications?unread=1");
    assert.equal(await page.locator(".told li").count(), 3);
    await page.getByRole("button", { name: /Mark as read/ }).first().focus();
    await goes(page, () => page.keyboard.press("Enter"));
    assert.equal(new URL(page.url()).search, "?unread=1", "back to the same list");
    assert.equal(await page.locator(".told li").count(), 2);
    const context = await browser.newContext({ storageState: theirs, javaScriptEnabled: false });
    const plain = await context.newPage();
    await plain.goto(`${address}/notifications`);
    assert.match(await plain.locator("#bell").innerText(), /2\s*unread/);
    await press(plain, "Mark all as read");
    assert.match(await plain.locator("#flash").innerText(), /2 notifications are read/);
    assert.equal(await plain.locator("#bell .unread").count(), 0);
    await context.close();
  });

  it("are told as a person wants them to be", async () => {
    await visit(page, "/settings/notifications");
    await page.locator("input[name=in_page][value=case_assigned]").uncheck();
    await press(page, "Save notifications");
    assert.ok(!(await page.locator("input[name=in_page][value=case_assigned]").isChecked()));
    const number = await newCase();
    await api("PATCH", `/v1/cases/${number}`, { assignee: agent.id });
    await visit(page, "/notifications");
    assert.equal(await page.getByRole("link", { name: new RegExp(`#${number}`) }).count(), 0);
  });
});
