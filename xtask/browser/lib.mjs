// What the page tests share: a signed-in browser, the looks a page is seen in, and the checks every page must pass.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import axe from "axe-core";
import { chromium } from "playwright-core";

export const address = process.env.LULL_ADDRESS;
const signInLink = process.env.LULL_SIGN_IN;
const token = process.env.LULL_TOKEN;

/** The looks every page is seen in. */
export const looks = [
  { name: "light", viewport: { width: 1440, height: 900 }, colorScheme: "light" },
  { name: "dark", viewport: { width: 1440, height: 900 }, colorScheme: "dark" },
  { name: "phone", viewport: { width: 360, height: 780 }, colorScheme: "light", hasTouch: true },
];

/** Chromium asks nobody but the desk: no updates, no accounts, no QUIC. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM,
    args: ["--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}

/** Asks the API as the demo's owner and answers its JSON. */
export async function api(method, path, body) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await fetch(address + path, { method, headers, body: body && JSON.stringify(body) });
  const text = await answer.text();
  assert.ok(answer.ok, `${method} ${path} answers ${answer.status}: ${text}`);
  return text && JSON.parse(text);
}

/** A fresh link that signs a member in; the one the demo prints works once. */
export async function linkFor(agent) {
  return address + (await api("POST", `/v1/agents/${agent.id}/sign-in-link`)).path;
}

/** Signs in by a link (the demo's own, if none is named) and answers the cookies, with which other contexts are signed in too. */
export async function signIn(browser, link = signInLink) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(link);
  // The link leads to a page with one button, so that a mail scanner that follows it does not use it up.
  await Promise.all([page.waitForURL((url) => url.href !== link), page.locator("main [type=submit]").click()]);
  const state = await context.storageState();
  assert.ok(state.cookies.length > 0, "signing in by the link sets a cookie");
  await context.close();
  return state;
}

/** A page that remembers what the browser complained about. */
export async function open(browser, state, look) {
  const { name: _, ...options } = look;
  const context = await browser.newContext({ ...options, storageState: state });
  const page = await context.newPage();
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(`script error: ${error.message}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) page.complaints.push(`${message.type()}: ${message.text()}`);
  });
  // Where no script runs none reports.
  if (options.javaScriptEnabled === false) return page;
  await page.exposeFunction("reportViolation", (text) => page.complaints.push(`security policy: ${text}`));
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      window.reportViolation(`${event.violatedDirective} refused ${event.blockedURI || "inline"}`);
    });
  });
  return page;
}

/** Goes to a page of the desk and expects it there, not a redirect to the sign-in. */
export async function visit(page, where) {
  const answer = await page.goto(address + where);
  assert.equal(answer.status(), 200, `${where} answers 200`);
  assert.equal(new URL(page.url()).pathname, where.split("?")[0], `${where} is not redirected`);
}

/** Does what leads to another page and waits until that one is there. */
export function goes(page, act) {
  return Promise.all([page.waitForEvent("domcontentloaded"), act()]);
}

/** Waits until the desk has kept all of this text as a draft. */
export function kept(page, text) {
  const is = (request) => request.url().endsWith("/draft") && new URLSearchParams(request.postData()).get("text") === text;
  return page.waitForResponse((answer) => answer.status() === 204 && is(answer.request()));
}

/** What holds on every page: one heading, nothing wider than the screen, nothing that axe finds, no complaint since the last look. */
export async function inspect(page) {
  assert.equal(await page.locator("h1").count(), 1, "a page has one first heading");
  const overflow = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth - clientWidth;
  });
  assert.ok(overflow <= 0, `the page is ${overflow} px wider than the screen`);
  assert.deepEqual(page.complaints.splice(0), []);
  assert.deepEqual(await accessibilityFaults(page), []);
  // Drawing its probes, axe offends the security policy itself: those complaints are not the page's.
  page.complaints.length = 0;
}

async function accessibilityFaults(page) {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(async () => {
    const found = await window.axe.run({ resultTypes: ["violations"], preload: false });
    // What its probes offended is told a task later.
    await new Promise((told) => setTimeout(told));
    return found;
  });
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.target).join(", ")}`);
}

/** A case that closed by itself, came back with its customer and closed by itself again: it has the most to show. */
export async function toldCase() {
  const silent = (await api("GET", "/v1/cases?closed_reason=inactivity&limit=100")).data;
  for (const { number } of silent.filter((one) => one.reopen_count > 0)) {
    const told = (await api("GET", `/v1/cases/${number}/activity?limit=100`)).data;
    if (told.some(({ event, data }) => event === "case_auto_reopened" && data.returned)) return number;
  }
  return assert.fail("the demo has a case that a customer reopened");
}

/** `lull serve` on an empty database: its address, what it says of the setup, and how to end it. */
export async function freshDesk() {
  const home = mkdtempSync(path.join(os.tmpdir(), "lull-setup-"));
  const environment = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("LULL_")));
  const server = spawn(process.env.LULL_PROGRAM, ["serve", "--listen", "127.0.0.1:0"], { cwd: home, env: environment, stdio: ["ignore", "pipe", "ignore"] });
  const desk = { end: () => { server.kill(); rmSync(home, { recursive: true, force: true }); } };
  for await (const line of createInterface({ input: server.stdout })) {
    desk.address ??= line.match(/listening on (\S+)/)?.[1];
    desk.code ??= line.match(/setup\?code=(\S+)/)?.[1];
    if (desk.address && desk.code) return desk;
  }
  return assert.fail("the desk said nothing of its setup");
}
