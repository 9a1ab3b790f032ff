// Pages that hear of what happens: at once, through one stream, without touching what a person is at.
import assert from "node:assert/strict";
import net from "node:net";
import { after, before, describe, it } from "node:test";
import { setInterval } from "node:timers/promises";
import { address, api, inspect, launch, linkFor, looks, open, signIn, visit } from "./lib.mjs";

/** A page that only asks every five seconds shows the second and the third message later than this. */
const AT_ONCE = 4_000;
const PATIENCE = 15_000;
/** A stream whose end nobody told the desk of is found dead at its next sign of life, every 15 s. */
const FOUND_DEAD = 60_000;
const LOOK_EVERY = 50;

let browser;
let page;
let channel;

before(async () => {
  browser = await launch();
  const me = (await api("GET", "/v1/agents")).data.find((agent) => agent.role === "owner");
  channel = (await api("GET", "/v1/channels")).data[0];
  page = await open(browser, await signIn(browser, await linkFor(me)), looks[0]);
});
after(() => browser?.close());

let messages = 0;

function writes(customer, text) {
  const external_id = `events-${process.pid}-${(messages += 1)}`;
  const body = { channel: channel.id, external_id, direction: "inbound", text, conversation: customer };
  return api("POST", "/v1/messages", { ...body, customer: { external_id: customer, name: customer } });
}

/** A page whose stream is open and which has looked since. */
async function listening(where, desk = address) {
  // What the page before still asks for is not taken for this one's.
  await page.goto("about:blank");
  const stream = page.waitForResponse((answer) => answer.url() === `${desk}/events`);
  const look = page.waitForResponse((answer) => answer.request().headers()["hx-request"] === "true");
  assert.equal((await page.goto(desk + where)).status(), 200);
  assert.equal((await stream).status(), 200);
  await look;
}

/** Milliseconds from the answer to the API until the page shows it. */
async function shownAfter(act, locator) {
  await act();
  const start = performance.now();
  await locator.waitFor({ timeout: PATIENCE });
  return performance.now() - start;
}

/** The machine may be busy with something else for one of three. */
function shownAtOnce(times) {
  const [, middle] = times.toSorted((one, other) => one - other);
  assert.ok(middle < AT_ONCE, `shown after ${times.map(Math.round)} ms`);
}

const listeners = async () => {
  const metrics = await (await fetch(`${address}/metrics`)).text();
  return Number(metrics.match(/^lull_event_listeners (\d+)/m)[1]);
};

/** Waits until as many streams are open as are expected. */
async function untilListeners(count) {
  const start = performance.now();
  for await (const _ of setInterval(LOOK_EVERY)) {
    if ((await listeners()) === count || performance.now() - start > FOUND_DEAD) break;
  }
  assert.equal(await listeners(), count);
}

/** A line to the desk that can be cut and mended, as a node that is restarted looks from a browser. */
async function openLine() {
  const desk = new URL(address);
  const ends = new Set();
  const line = net.createServer((near) => {
    const far = net.connect(Number(desk.port), desk.hostname);
    for (const [end, other] of [[near, far], [far, near]]) {
      ends.add(end);
      end.on("error", () => other.destroy()).on("close", () => ends.delete(end) && other.destroy());
      end.pipe(other);
    }
  });
  const open = (port) => new Promise((resolve) => line.listen(port, desk.hostname, resolve));
  await open(0);
  const { port } = line.address();
  return {
    address: `http://${desk.hostname}:${port}`,
    cut: () => new Promise((resolve) => {
      line.close(resolve);
      ends.forEach((end) => end.destroy());
    }),
    mend: () => open(port),
  };
}

/** Whether the tab is seen, as the browser would tell the page. */
const seen = (yes) =>
  page.evaluate((hidden) => {
    Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event("visibilitychange"));
  }, !yes);

describe("a case that is looked at", () => {
  it("shows messages at once, and leaves what is typed, selected and focused", async () => {
    const { number } = (await writes("Wanda", "Anybody there?")).case;
    await listening(`/cases/${number}`);
    await page.evaluate(() => { window.sameDocument = true; });
    const field = page.locator("#reply-text");
    await field.pressSequentially("Half a sentence");
    await field.evaluate((text) => text.setSelectionRange(5, 10));
    const times = [];
    for (const text of ["First of three", "Second of three", "Third of three"]) {
      times.push(await shownAfter(() => writes("Wanda", text), page.locator("#entries").getByText(text)));
    }
    shownAtOnce(times);
    assert.equal(await field.inputValue(), "Half a sentence");
    const kept = await field.evaluate((text) => [text === document.activeElement, text.selectionStart, text.selectionEnd]);
    assert.deepEqual(kept, [true, 5, 10]);
    assert.ok(await page.evaluate(() => window.sameDocument), "without a reload");
    await inspect(page);
  });

  it("shows at once that somebody closed it, beside what is typed", async () => {
    const { number } = (await writes("Xaver", "It is settled.")).case;
    await listening(`/cases/${number}`);
    await page.locator("#note-text").fill("A note in the making");
    await api("PATCH", `/v1/cases/${number}`, { status: "closed" });
    await page.locator("#head-status").getByText("Closed").waitFor({ timeout: PATIENCE });
    assert.equal(await page.locator("#note-text").inputValue(), "A note in the making");
  });

  it("does not ask again for what happens to another case", async () => {
    const { number } = (await writes("Yusuf", "Mine.")).case;
    await listening(`/cases/${number}`);
    // What it asks for since its stream is open has been answered.
    await page.waitForLoadState("networkidle");
    const asked = new Set();
    const note = (request) => asked.add(request.url().match(/\/(bell|thread|live)\b/)?.[1]);
    page.on("request", note);
    // The bell asks at whatever happens; a part that is about this case would have asked at the same moment.
    const bell = page.waitForRequest(/\/bell\b/);
    await writes("Zelda", "Not yours.");
    await bell;
    await page.evaluate(() => {});
    assert.deepEqual([...asked].filter(Boolean), ["bell"]);
    await writes("Yusuf", "And mine.");
    await page.locator("#entries").getByText("And mine.").waitFor({ timeout: PATIENCE });
    assert.ok(asked.has("thread") && asked.has("live"));
    page.off("request", note);
  });
});

describe("the inbox that is looked at", () => {
  it("shows a new case at once", async () => {
    await listening("/inbox");
    await page.mouse.move(0, 0);
    const times = [];
    for (const name of ["Anouk", "Bela", "Cleo"]) {
      let number;
      const row = () => page.locator(`#case-${number}`);
      const act = async () => { number = (await writes(name, "A new matter")).case.number; };
      await act();
      const start = performance.now();
      await row().waitFor({ timeout: PATIENCE });
      times.push(performance.now() - start);
    }
    shownAtOnce(times);
    await inspect(page);
  });
});

describe("the stream", () => {
  it("is one for a tab, is closed while nobody sees it, and what happened meanwhile is there when it is seen again", async () => {
    await listening("/inbox");
    await untilListeners(1);
    await page.mouse.move(0, 0);
    await seen(false);
    await untilListeners(0);
    const { number } = (await writes("Dora", "While you were away")).case;
    assert.equal(await page.locator(`#case-${number}`).count(), 0);
    await seen(true);
    await page.locator(`#case-${number}`).waitFor({ timeout: PATIENCE });
    await untilListeners(1);
  });

  it("is opened again when it broke, and what happened meanwhile is caught up with", async () => {
    const line = await openLine();
    await listening("/inbox", line.address);
    await page.mouse.move(0, 0);
    await untilListeners(1);
    await line.cut();
    await untilListeners(0);
    const { number } = (await writes("Emil", "While the line was down")).case;
    const lost = page.locator("#lost");
    await lost.getByText("Reconnecting").waitFor({ timeout: PATIENCE });
    await line.mend();
    await page.locator(`#case-${number}`).waitFor({ timeout: PATIENCE });
    await lost.waitFor({ state: "detached", timeout: PATIENCE });
    await untilListeners(1);
    page.complaints.length = 0; // The browser notes each connection that failed.
    await page.goto("about:blank");
    await line.cut();
  });

  it("can be missing: then the page looks by itself every few seconds", async () => {
    await page.route("**/events", (route) => route.abort());
    await visit(page, "/inbox");
    await page.mouse.move(0, 0);
    const { number } = (await writes("Frida", "Without a stream")).case;
    await page.locator(`#case-${number}`).waitFor({ timeout: PATIENCE });
    assert.equal(await page.locator("#lost").count(), 0, "nothing is old: it looks itself");
    await page.unroute("**/events");
    page.complaints.length = 0;
  });
});

describe("while the test clock plays", () => {
  it("the inbox follows it", async () => {
    await listening("/inbox");
    await page.getByRole("button", { name: "Play at 10 min/s" }).click();
    for (let look = 0; look < 4; look += 1) {
      await page.waitForResponse((answer) => answer.url().includes("/inbox/list"), { timeout: PATIENCE });
    }
    await page.locator("#clock-pause-button").click();
    await page.locator("#clock-pause-button").waitFor({ state: "detached" });
    await inspect(page);
  });
});
