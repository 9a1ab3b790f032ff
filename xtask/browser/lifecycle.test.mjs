// The life of a case under auto close: keeping one open, trying settings before saving them, the log of runs and undoing one.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { api, goes, inspect, launch, linkFor, looks, open, signIn, visit } from "./lib.mjs";

let browser;
let state;
let saved;

before(async () => {
  browser = await launch();
  const owner = (await api("GET", "/v1/agents")).data.find((agent) => agent.role === "owner");
  state = await signIn(browser, await linkFor(owner));
  const { auto_close, auto_reopen } = await api("GET", "/v1/settings/lifecycle");
  saved = { auto_close, auto_reopen };
});
after(async () => {
  // What other tests meet is as the demo made it.
  await api("PUT", "/v1/settings/lifecycle", saved);
  await browser?.close();
});

const withoutScript = (look) => ({ ...look, javaScriptEnabled: false });

/** Presses a button or follows a link and waits for the page it leads to. */
const leads = (page, target) => goes(page, () => target.click());

async function openCase() {
  return (await api("GET", "/v1/cases?status=open&limit=1&sort=-last_activity_at")).data[0].number;
}

describe("keeping a case open", () => {
  it("says until when, by whom and why, and can be ended, without script too", async () => {
    for (const look of [looks[0], withoutScript(looks[0])]) {
      const page = await open(browser, state, look);
      const number = await openCase();
      await visit(page, `/cases/${number}`);
      await page.getByText("Until a date, with a reason").click();
      const until = page.locator("#keep-until");
      await until.fill((await until.inputValue()).replace(/T.*/, "T09:30"));
      await page.locator("#keep-reason").fill("Waits for a spare part");
      await leads(page, page.locator("#keep"));
      assert.match(await page.locator("#flash").innerText(), new RegExp(`Case ${number} stays open until .*09:30`));
      assert.match(await page.locator("#clock").innerText(), /Kept open[\s\S]*09:30[\s\S]*Waits for a spare part/);
      const kept = await api("GET", `/v1/cases/${number}`);
      assert.equal(kept.keep_open_reason, "Waits for a spare part");
      if (look.javaScriptEnabled !== false) await inspect(page);
      await leads(page, page.locator("#keep-end"));
      assert.equal((await api("GET", `/v1/cases/${number}`)).keep_open_until, null);
      await page.context().close();
    }
  });

  it("a moment that lies behind is refused, and what was typed stays", async () => {
    const page = await open(browser, state, looks[2]);
    await visit(page, `/cases/${await openCase()}`);
    await page.getByText("Until a date, with a reason").click();
    await page.locator("#keep-until").fill("2001-01-01T10:00");
    await page.locator("#keep-reason").fill("Too late");
    // The browser would hold the form back by itself; the desk does not rely on that.
    await page.locator("#keep").evaluate((button) => { button.formNoValidate = true; });
    await leads(page, page.locator("#keep"));
    assert.match(await page.locator("#keep-error").innerText(), /future/);
    assert.equal(await page.locator("#keep-reason").inputValue(), "Too late");
    page.complaints.length = 0; // The refusal (422) in the browser's console.
    await inspect(page);
    await page.context().close();
  });
});

describe("trying settings before they are saved", () => {
  for (const look of looks) {
    it(`the preview follows the form (${look.name})`, async () => {
      const page = await open(browser, state, look);
      await visit(page, "/settings/cases");
      await page.locator("#threshold").waitFor();
      const { auto_close, auto_reopen } = saved;
      const said = await api("POST", "/v1/auto-close/preview", { auto_close: { ...auto_close, threshold_minutes: 60 }, auto_reopen });
      await page.locator("#threshold-unit").selectOption("hours");
      await page.locator("#threshold").fill("1");
      // On a slow day the unit alone was tried before.
      await page.locator("#preview ins").getByText("1 h", { exact: true }).waitFor();
      assert.equal(await page.locator("#preview-h").innerText(), "If you save this");
      const words = await page.locator("#preview").innerText();
      assert.ok(words.includes(said.would_close === 0 ? "closes nothing" : `closes ${said.would_close} case`), words);
      const name = said.would_close > 0 ? `Save auto close and close ${said.would_close}` : "Save auto close";
      await page.locator("#close-save").getByRole("button", { name, exact: true }).waitFor();
      await inspect(page);
      assert.deepEqual((await api("GET", "/v1/settings/lifecycle")).auto_close, auto_close, "nothing saves on change");
      await page.context().close();
    });
  }

  it("works by a second button without script, and lists what would close", async () => {
    const page = await open(browser, state, withoutScript(looks[0]));
    await visit(page, "/settings/cases");
    await page.locator("#threshold-unit").selectOption("hours");
    await page.locator("#threshold").fill("1");
    await leads(page, page.getByRole("button", { name: "Preview", exact: true }));
    assert.equal(await page.locator("#threshold").inputValue(), "1");
    assert.match(await page.locator("#preview").innerText(), /If you save this[\s\S]*Close after/);
    const { auto_close, auto_reopen } = saved;
    const said = await api("POST", "/v1/auto-close/preview", { auto_close: { ...auto_close, threshold_minutes: 60 }, auto_reopen });
    await visit(page, "/settings/cases/closing?enabled=on&threshold=1&unit=hours&status=open&status=in_progress&status=on_hold");
    if (said.would_close > 0) {
      const first = await page.locator("tbody th a").first().innerText();
      assert.ok(first.startsWith(String(said.cases.data[0].number)), first);
    }
    await page.context().close();
  });
});

describe("the rules of queues", () => {
  for (const look of looks) {
    it(`are listed, tried, saved and given back (${look.name})`, async () => {
      const page = await open(browser, state, look);
      await visit(page, "/settings/queue-rules");
      await inspect(page);
      await leads(page, page.locator("tbody th a").first());
      const queue = new URL(page.url()).pathname.split("/").pop();
      await page.locator("#threshold").fill("3");
      await page.locator("#unit").selectOption("days");
      await leads(page, page.getByRole("button", { name: "Preview", exact: true }));
      assert.match(await page.locator("#preview").innerText(), /If you save this/);
      await inspect(page);
      const tick = page.locator("[name=sure]");
      if (await tick.count()) await tick.check();
      await leads(page, page.getByRole("button", { name: "Save rules", exact: true }));
      assert.equal((await api("GET", `/v1/queues/${queue}/lifecycle`)).auto_close.threshold_minutes, 3 * 1440);
      await visit(page, `/settings/queue-rules/${queue}`);
      await leads(page, page.locator("#inherit"));
      assert.equal((await api("GET", `/v1/queues/${queue}/lifecycle`)).auto_close.threshold_minutes, null);
      await page.context().close();
    });
  }
});

describe("the log of runs", () => {
  for (const look of looks) {
    it(`shows runs, a run with its cases, and what undoing would do (${look.name})`, async () => {
      const page = await open(browser, state, look);
      await visit(page, "/settings/runs");
      await inspect(page);
      const run = (await api("GET", "/v1/auto-close/runs?limit=1")).data[0];
      await visit(page, `/settings/runs/${run.id}`);
      assert.equal(await page.locator("tbody tr").count(), Math.min(run.closed, 50));
      await inspect(page);
      await leads(page, page.locator("#undo"));
      assert.match(await page.locator("h1").innerText(), /Undo this run/);
      await inspect(page);
      await page.context().close();
    });
  }

  it("a run is undone after a confirmation, without script", async () => {
    const page = await open(browser, state, withoutScript(looks[0]));
    const runs = (await api("GET", "/v1/auto-close/runs?limit=100")).data;
    const run = runs.find((run) => run.undo === null && run.closed > 0);
    await visit(page, `/settings/runs/${run.id}/undo`);
    const confirm = page.locator("#confirm");
    if (await confirm.count()) {
      await leads(page, confirm);
      assert.match(await page.locator("#undo-state").innerText(), /Undone by/);
      const undone = await api("GET", `/v1/auto-close/runs/${run.id}`);
      assert.equal(undone.undo.state, "done");
      assert.ok(undone.undo.reopened > 0);
      assert.equal(await page.locator("#undo").count(), 0, "once is enough");
    }
    await page.context().close();
  });
});
