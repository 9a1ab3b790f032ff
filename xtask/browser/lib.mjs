// What the page tests share: a signed-in browser, the looks a page is seen in, and the checks every page must pass.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import path from "node:path";
import axe from "axe-core";
import { chromium } from "playwright-core";

export const address = process.env.LULL_ADDRESS;
const signInLink = process.env.LULL_SIGN_IN;
const token = process.env.LULL_TOKEN;
const pictures = process.env.SCREENSHOTS;

/** The looks every page is seen in. */
export const looks = [
  { name: "light", viewport: { width: 1440, height: 900 }, colorScheme: "light" },
  { name: "dark", viewport: { width: 1440, height: 900 }, colorScheme: "dark" },
  { name: "phone", viewport: { width: 390, height: 844 }, colorScheme: "light", hasTouch: true },
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
  const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ["violations"], preload: false }));
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.target).join(", ")}`);
}

/** Writes docs/screenshots/NAME.png of a page or a part of one when pictures are wanted. */
export async function picture(shown, name) {
  if (pictures) await shown.screenshot({ path: path.join(pictures, `${name}.png`) });
}

/** Writes the first two sheets of a PDF as docs/screenshots/NAME-1.png and -2.png when pictures are wanted; needs pdftoppm (poppler-utils). */
export function printed(pdf, name) {
  const options = ["-png", "-r", "72", "-f", "1", "-l", "2", "-sep", "-"];
  if (pictures) execFileSync("pdftoppm", [...options, "-", path.join(pictures, name)], { input: pdf });
}
