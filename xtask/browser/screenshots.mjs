// Pictures of the main pages for the documents, each light and dark, wide and on a phone. The demo stands still at one moment,
// so that a picture changes only where its page does.
import assert from "node:assert/strict";
import { readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import upng from "@pdf-lib/upng";
import { address, api, freshDesk, launch, linkFor, open, signIn, toldCase } from "./lib.mjs";

const UPNG = upng.default; // The package is older than modules.
const folder = process.env.SCREENSHOTS;
/** Colours of a picture: enough for letters with soft edges, and a third of the bytes of a full one. */
const COLOURS = 128;

const wide = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 360, height: 780 }, hasTouch: true };
const common = { timezoneId: "UTC", locale: "en-GB", reducedMotion: "reduce" };
const looks = [
  { ...common, ...wide, name: "light", colorScheme: "light" },
  { ...common, ...wide, name: "dark", colorScheme: "dark" },
  { ...common, ...phone, name: "phone-light", colorScheme: "light" },
  { ...common, ...phone, name: "phone-dark", colorScheme: "dark" },
];

/** Shorter hours, tried and not saved: the preview says what would close. */
async function tryHours(page) {
  const answered = page.waitForResponse((answer) => answer.url().includes("threshold=3&"));
  await page.locator("#threshold").fill("3");
  await answered;
  await page.locator("#preview-h", { hasText: "If you save this" }).waitFor();
  await page.locator("#threshold").blur();
}

/** The case that its customer brought back last, with the story behind it and the next close before it. */
async function caseThatCameBack() {
  const entries = (await api("GET", "/v1/audit-log?event=CASE_AUTO_REOPENED&limit=20")).data;
  for (const { object } of entries) {
    const one = await api("GET", `/v1/cases/${object.id}`);
    if (one.status !== "closed") return one.number;
  }
  return toldCase();
}

/** Saves shorter hours, lets a minute pass, and answers the run that closed what was due by them. */
async function largeRun() {
  const { auto_close, auto_reopen } = await api("GET", "/v1/settings/lifecycle");
  await api("PUT", "/v1/settings/lifecycle", { auto_close: { ...auto_close, threshold_minutes: 3 * 60 }, auto_reopen });
  await api("POST", "/v1/test-clock/advance", { by_seconds: 60 });
  const runs = (await api("GET", "/v1/auto-close/runs?limit=20")).data;
  return runs.reduce((most, run) => (run.closed > most.closed ? run : most)).id;
}

/** Writes what the window shows as a picture with few colours. */
async function take(page, name) {
  await page.evaluate(() => document.fonts.ready);
  const full = UPNG.decode(await page.screenshot({ animations: "disabled", caret: "hide" }));
  const file = path.join(folder, `${name}.png`);
  writeFileSync(file, new Uint8Array(UPNG.encode(UPNG.toRGBA8(full), full.width, full.height, COLOURS)));
  console.log(`${name}.png ${Math.round(statSync(file).size / 1000)} kB`);
}

/** One page in every look. */
async function show(browser, state, [name, where, before]) {
  for (const look of looks) {
    const page = await open(browser, state, look);
    const answer = await page.goto(new URL(where, address).href);
    assert.equal(answer.status(), 200, where);
    await before?.(page);
    await take(page, `${name}-${look.name}`);
    assert.deepEqual(page.complaints, [], where);
    await page.context().close();
  }
}

const browser = await launch();
try {
  for (const old of readdirSync(folder)) rmSync(path.join(folder, old));
  const owner = (await api("GET", "/v1/agents")).data.find((agent) => agent.role === "owner");
  const state = await signIn(browser, await linkFor(owner));
  for (const page of [
    ["inbox", "/inbox?view=all"],
    ["case", `/cases/${await caseThatCameBack()}`],
    ["settings", "/settings/cases", tryHours],
    ["reports", "/reports"],
    ["advisor", "/settings/cases/advice"],
    ["audit", "/audit"],
    ["members", "/settings/members"],
    ["queues", "/settings/queues"],
    ["channels", "/settings/channels"],
    ["notifications", "/notifications"],
  ]) await show(browser, state, page);
  await show(browser, state, ["run", `/settings/runs/${await largeRun()}`]);
  await show(browser, state, ["runs", "/settings/runs"]);
  const fresh = await freshDesk();
  try {
    await show(browser, undefined, ["setup", `${fresh.address}/setup?code=${fresh.code}`]);
  } finally {
    fresh.end();
  }
} finally {
  await browser.close();
}
