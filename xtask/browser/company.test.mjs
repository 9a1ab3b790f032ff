// Several people at one case: what is new for whom, who else looks at it, who writes, and forms that two fill at once.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { address, api, goes, inspect, launch, linkFor, looks, open, signIn, visit } from "./lib.mjs";

let browser;
let owner;
let state;
let other;
let theirs;
let channel;

before(async () => {
  browser = await launch();
  owner = (await api("GET", "/v1/agents")).data.find((agent) => agent.role === "owner");
  state = await signIn(browser, await linkFor(owner));
  other = await api("POST", "/v1/agents", { name: unique("Bea "), email: `${unique("bea")}@demo.test`, role: "agent" });
  theirs = await signIn(browser, await linkFor(other));
  // A queue of its own, in which the demo's story has no part.
  const queue = await api("POST", "/v1/queues", { name: unique("Company "), assignment: "manual", members: [] });
  channel = await api("POST", "/v1/channels", { name: unique("Company "), network: "web", queue: queue.id });
});
after(() => browser?.close());

let made = 0;
function unique(name) {
  return `${name}${process.pid}-${(made += 1)}`;
}

async function writes(customer, text) {
  const body = { channel: channel.id, external_id: unique("m"), direction: "inbound", text };
  return (await api("POST", "/v1/messages", { ...body, conversation: customer, customer: { external_id: customer, name: customer } })).case.number;
}

const list = (word) => `/inbox?view=all&q=${word}`;
const says = (page, selector, words) => page.waitForFunction(([selector, words]) => new RegExp(words).test(document.querySelector(selector)?.innerText ?? ""), [selector, words]);

describe("what is new", () => {
  it("is marked in the list for each person by themselves, until they look at it", async () => {
    const customer = unique("Nora");
    const number = await writes(customer, "persimmon delivery?");
    const page = await open(browser, state, looks[0]);
    await visit(page, list("persimmon"));
    const row = page.locator(`#case-${number}`);
    await row.getByRole("link", { name: /^Unread: / }).waitFor();
    await inspect(page);
    await visit(page, `/cases/${number}`);
    await visit(page, list("persimmon"));
    assert.equal(await row.getByRole("link", { name: /Unread/ }).count(), 0, "it was looked at");
    await writes(customer, "And one more persimmon");
    await row.getByRole("link", { name: /^Unread: / }).waitFor();
    const colleague = await open(browser, theirs, looks[1]);
    await visit(colleague, list("persimmon"));
    await colleague.locator(`#case-${number}`).getByRole("link", { name: /^Unread: / }).waitFor();
    await inspect(colleague);
    for (const each of [page, colleague]) await each.context().close();
  });

  it("counts as seen while the case is open, and nothing else of the case changes by looking", async () => {
    const customer = unique("Otto");
    const number = await writes(customer, "quince?");
    const before = await api("GET", `/v1/cases/${number}`);
    const page = await open(browser, state, looks[0]);
    await visit(page, `/cases/${number}`);
    assert.deepEqual(await api("GET", `/v1/cases/${number}`), before);
    const refetched = page.waitForResponse((answer) => answer.url().includes("/thread") && answer.ok());
    await writes(customer, "quince, please");
    await page.locator("#entries").getByText("quince, please").waitFor();
    await refetched;
    await visit(page, list("quince"));
    assert.equal(await page.locator(`#case-${number}`).getByRole("link", { name: /Unread/ }).count(), 0);
    await page.context().close();
  });
});

describe("who is there", () => {
  it("is said beside the composer and in the list, as they come, write and go, and nothing moves by it", async () => {
    const number = await writes(unique("Pia"), "medlar jam?");
    const page = await open(browser, state, looks[0]);
    const inbox = await open(browser, state, looks[1]);
    await visit(page, `/cases/${number}`);
    await visit(inbox, list("medlar"));
    const place = () => page.locator("#reply-text").evaluate((field) => JSON.stringify(field.getBoundingClientRect()));
    const where = await place();
    // Where a row and its preview begin, and how high the row is.
    const row = () => inbox.locator(`#case-${number}`).evaluate((row) => [row, row.querySelector(".said > bdi")].flatMap((part) => {
      const { x, y, height } = part.getBoundingClientRect();
      return [x, y, height];
    }));
    const listed = await row();
    assert.equal(await page.locator("#company").innerText(), "", "one is no company to oneself");

    const colleague = await open(browser, theirs, looks[0]);
    await visit(colleague, `/cases/${number}`);
    await says(page, "#company", `${other.name} is here`);
    await says(inbox, `#case-${number}`, `${other.name} is here`);
    assert.deepEqual(await row(), listed, "nothing moved in the list");
    await says(colleague, "#company", `${owner.name} is here`);

    await colleague.locator("#reply-text").pressSequentially("Yes, ");
    await says(page, "#company", `${other.name} is writing a reply`);
    await says(inbox, `#case-${number}`, `${other.name} is writing`);
    assert.equal(await place(), where, "nothing moved");
    await inspect(page);
    await inspect(inbox);

    await colleague.locator("#reply-text").press("Control+Enter");
    await colleague.locator("#entries").getByText("Yes,").waitFor();
    await says(page, "#company", `${other.name} is here`);
    await visit(colleague, "/inbox");
    await says(page, "#company", "^$");
    for (const each of [page, inbox, colleague]) await each.context().close();
  });

  it("fits a phone and the dark", async () => {
    const number = await writes(unique("Quentin"), "sloe?");
    const colleague = await open(browser, theirs, looks[0]);
    await visit(colleague, `/cases/${number}`);
    for (const look of looks.slice(1)) {
      const page = await open(browser, state, look);
      await visit(page, `/cases/${number}`);
      await says(page, "#company", "is here");
      await inspect(page);
      await page.context().close();
    }
    await colleague.context().close();
  });
});

describe("a form that two fill at once", () => {
  for (const javaScriptEnabled of [true, false]) {
    it(`says what the other saved and keeps what was typed, ${javaScriptEnabled ? "with" : "without"} script`, async () => {
      const queue = await api("POST", "/v1/queues", { name: unique("Stale "), assignment: "manual", members: [] });
      const page = await open(browser, state, { ...looks[0], javaScriptEnabled });
      const save = (name) => goes(page, () => page.getByRole("button", { name, exact: true }).click());
      await page.goto(`${address}/settings/queues/${queue.id}`);
      await page.getByLabel(owner.name).check();
      await api("PATCH", `/v1/queues/${queue.id}`, { members: [other.id] });
      await save("Save queue");
      assert.match(await page.locator("#stale").innerText(), new RegExp(`Somebody changed this[\\s\\S]*${other.name}`));
      assert.ok(await page.getByLabel(owner.name).isChecked(), "what was ticked is still ticked");
      const stored = async () => (await api("GET", "/v1/queues?limit=100")).data.find(({ id }) => id === queue.id).members;
      assert.deepEqual(await stored(), [other.id]);
      await save("Save queue");
      assert.deepEqual(await stored(), [owner.id], "saved again, it replaces theirs");

      const member = await api("POST", "/v1/agents", { name: unique("Cem "), email: `${unique("cem")}@demo.test`, role: "agent" });
      await page.goto(`${address}/settings/members/${member.id}`);
      await page.getByLabel("Cases at once").fill("7");
      await api("PATCH", `/v1/agents/${member.id}`, { capacity: 3, name: `${member.name} Ada` });
      await save("Save member");
      assert.match(await page.locator("#capacity-fault").innerText(), /Somebody set this to “3” meanwhile/);
      assert.equal(await page.getByLabel("Cases at once").inputValue(), "7");
      assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), `${member.name} Ada`, "what one did not touch is theirs");
      await save("Save member");
      const saved = (await api("GET", "/v1/agents?limit=100")).data.find(({ id }) => id === member.id);
      assert.deepEqual([saved.capacity, saved.name], [7, `${member.name} Ada`]);
      await page.context().close();
    });
  }
});
