// Settings and people: what is refused and why, who may do what, signing in and out, and the whole desk without script.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { address, api, goes, inspect, launch, linkFor, looks, open, signIn, visit } from "./lib.mjs";

const PASSWORD = "correct horse battery staple";
let browser;
let owner;
let state;

before(async () => {
  browser = await launch();
  owner = (await api("GET", "/v1/agents")).data.find((agent) => agent.role === "owner");
  state = await signIn(browser, await linkFor(owner));
});
after(() => browser?.close());

/** Presses a button and waits for the page it leads to. */
async function press(page, name) {
  const button = page.getByRole("button", typeof name === "string" ? { name, exact: true } : { name }).first();
  await goes(page, () => button.click());
  // Above a number of cases it wants a tick.
  if (await page.locator("#sure-error").count()) {
    page.complaints.length = 0; // The refusal (422) in the browser's console.
    await page.locator("[name=sure]").check();
    await goes(page, () => button.click());
  }
}

const saveAutoClose = /^Save auto close( and close \d+)?$/;

function member(role, more = {}) {
  const email = `${role}-${process.pid}-${Math.round(performance.now() * 1000)}@demo.test`;
  return api("POST", "/v1/agents", { name: `Test ${role}`, email, role, ...more });
}

const policy = async () => (await api("GET", "/v1/settings/lifecycle")).auto_close;

describe("the case settings", () => {
  let page;
  let saved;
  before(async () => {
    page = await open(browser, state, looks[0]);
    const { auto_close, auto_reopen } = await api("GET", "/v1/settings/lifecycle");
    saved = { auto_close, auto_reopen };
  });
  // What other tests meet is as the demo made it.
  after(() => api("PUT", "/v1/settings/lifecycle", saved));

  it("refuse a threshold out of range and an empty choice beside the fields, and keep what was typed", async () => {
    await visit(page, "/settings/cases");
    const before = await policy();
    for (const [threshold, unit, why] of [["59", "minutes", /1 hour to 21 days/], ["22", "days", /1 hour to 21 days/], ["soon", "hours", /whole number/]]) {
      await page.locator("#threshold").fill(threshold);
      await page.locator("#threshold-unit").selectOption(unit);
      await press(page, saveAutoClose);
      assert.match(await page.locator("#threshold-error").innerText(), why);
      assert.equal(await page.locator("#threshold").inputValue(), threshold);
      assert.equal(await page.locator("#threshold-unit").inputValue(), unit);
    }
    for (const box of await page.locator("input[name=status]").all()) await box.uncheck();
    await press(page, saveAutoClose);
    assert.match(await page.locator("#statuses-error").innerText(), /at least one status/);
    page.complaints.length = 0; // The refusals (422) in the browser's console.
    await inspect(page);
    assert.deepEqual(await policy(), before);
  });

  it("save what is right and say the rule", async () => {
    await visit(page, "/settings/cases");
    await page.locator("#threshold").fill("36");
    await page.locator("#threshold-unit").selectOption("hours");
    await page.locator("input[name=status][value=on_hold]").uncheck();
    await press(page, saveAutoClose);
    assert.match(await page.locator("#flash").innerText(), /Auto close is saved/);
    assert.match(await page.locator("aside").innerText(), /A case silent for 36 h in Open or In progress closes by itself/);
    const { threshold_minutes, statuses } = await policy();
    assert.deepEqual({ threshold_minutes, statuses }, { threshold_minutes: 2160, statuses: ["open", "in_progress"] });
    await inspect(page);
  });

  it("save the reopen window without touching auto close", async () => {
    const before = await policy();
    await visit(page, "/settings/cases");
    await page.locator("#window").fill("91");
    await page.locator("#window-unit").selectOption("days");
    await press(page, "Save auto reopen");
    assert.match(await page.locator("#window-error").innerText(), /1 hour to 90 days/);
    await page.locator("#window").fill("3");
    await press(page, "Save auto reopen");
    assert.match(await page.locator("#flash").innerText(), /Auto reopen is saved/);
    assert.equal((await api("GET", "/v1/settings/lifecycle")).auto_reopen.window_minutes, 3 * 1440);
    assert.deepEqual(await policy(), before);
    page.complaints.length = 0;
  });

  it("do not overwrite what somebody saved meanwhile", async () => {
    await visit(page, "/settings/cases");
    await api("PUT", "/v1/settings/lifecycle", { ...saved, auto_close: { ...saved.auto_close, threshold_minutes: 600 } });
    await page.locator("#threshold").fill("7");
    await press(page, saveAutoClose);
    assert.match(await page.locator("[role=alert]").innerText(), /saved these settings while you edited them/);
    assert.equal(await page.locator("#threshold").inputValue(), "7");
    assert.equal((await policy()).threshold_minutes, 600);
    await press(page, saveAutoClose);
    assert.match(await page.locator("#flash").innerText(), /saved/);
    page.complaints.length = 0;
  });
});

describe("who may only read", () => {
  it("sees a case and the settings, with the reason, and no form that changes them", async () => {
    const viewer = await member("viewer");
    const page = await open(browser, await signIn(browser, await linkFor(viewer)), looks[0]);
    const { number } = (await api("GET", "/v1/cases?limit=1")).data[0];
    await visit(page, `/cases/${number}`);
    assert.match(await page.locator(".composer").innerText(), /needs the role Agent/);
    assert.equal(await page.locator(`form[action^="/cases/"]:not(:has(fieldset[disabled]))`).count(), 0);
    assert.equal(await page.locator("#clockbar form, #availability").count(), 0);
    await inspect(page);
    await visit(page, "/settings/cases");
    assert.match(await page.locator("main").innerText(), /needs the permission to manage case settings/);
    assert.equal(await page.getByRole("button", { name: /^Save/ }).count(), 0);
    await inspect(page);
    for (const form of [`/cases/${number}/status`, `/cases/${number}/reply`, "/settings/cases/auto-close", "/test-clock/advance"]) {
      const answer = await page.request.post(address + form, { form: { status: "closed", text: "x", by: "60" } });
      assert.equal(answer.status(), 403, `${form} refuses a viewer`);
      assert.match(await answer.text(), /Your role does not allow it/);
    }
    await page.context().close();
  });

  it("for want of a plan is told so", async () => {
    const { plan } = await api("GET", "/v1/workspace");
    await api("PATCH", "/v1/workspace", { plan: "standard" });
    const page = await open(browser, state, looks[0]);
    try {
      await visit(page, "/settings/cases");
      assert.match(await page.locator("main").innerText(), /The plan Standard does not include/);
      assert.match(await page.locator("aside").innerText(), /Suspended/);
      await inspect(page);
    } finally {
      await api("PATCH", "/v1/workspace", { plan });
      await page.context().close();
    }
  });
});

describe("signing in", () => {
  it("by password says what is wrong without saying which, and goes on to the page that was asked for", async () => {
    const agent = await member("agent", { password: PASSWORD });
    const page = await open(browser, undefined, looks[0]);
    await page.goto(`${address}/settings/cases`);
    assert.equal(new URL(page.url()).pathname, "/sign-in");
    await inspect(page);
    for (const [email, password] of [[agent.email, "wrong"], ["nobody@demo.test", PASSWORD]]) {
      await page.locator("#email").fill(email);
      await page.locator("#password").fill(password);
      await press(page, "Sign in");
      assert.equal(await page.locator("#sign-in-error").innerText(), "E-mail or password is wrong.");
      assert.equal(await page.locator("#email").inputValue(), email);
    }
    page.complaints.length = 0;
    await page.locator("#email").fill(agent.email.toUpperCase());
    await page.locator("#password").fill(PASSWORD);
    await press(page, "Sign in");
    assert.equal(new URL(page.url()).pathname, "/settings/cases");
    await press(page, "Sign out");
    assert.equal(new URL(page.url()).pathname, "/sign-in");
    await page.goto(`${address}/inbox`);
    assert.equal(new URL(page.url()).pathname, "/sign-in", "the session is gone");
    await page.context().close();
  });

  it("ends the session itself, not only the cookie", async () => {
    const agent = await member("agent");
    const kept = await signIn(browser, await linkFor(agent));
    const page = await open(browser, kept, looks[0]);
    await visit(page, "/inbox");
    await press(page, "Sign out");
    await page.context().close();
    const again = await open(browser, kept, looks[0]);
    await again.goto(`${address}/inbox`);
    assert.equal(new URL(again.url()).pathname, "/sign-in");
    await again.context().close();
  });

  it("is slowed down after ten wrong tries", async () => {
    const page = await open(browser, undefined, looks[0]);
    const form = { email: "guessed@demo.test", password: "wrong" };
    const answers = [];
    for (let n = 0; n < 11; n += 1) answers.push(await page.request.post(`${address}/sign-in`, { form }));
    assert.deepEqual(answers.map((answer) => answer.status()), [...Array(10).fill(422), 429]);
    assert.ok(Number(answers[10].headers()["retry-after"]) > 0);
    await page.context().close();
  });

  it("by a link works once and only by its button", async () => {
    const link = await linkFor(await member("agent"));
    const looked = await fetch(link);
    assert.equal(looked.status, 200, "looking at it does not use it up");
    await signIn(browser, link);
    const used = await fetch(link, { method: "POST", redirect: "manual" });
    assert.equal(used.status, 410);
    assert.match(await used.text(), /no longer works/);
  });
});

describe("other sites", () => {
  it("cannot send forms with somebody's sign-in", async () => {
    const cookie = state.cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
    const form = { method: "POST", redirect: "manual", body: new URLSearchParams({ theme: "dark" }) };
    for (const headers of [{ "sec-fetch-site": "cross-site" }, { origin: "https://elsewhere.test" }]) {
      const answer = await fetch(`${address}/appearance`, { ...form, headers: { ...headers, cookie } });
      assert.equal(answer.status, 403);
      assert.match(await answer.text(), /This came from another site/);
      assert.match(answer.headers.get("content-security-policy"), /frame-ancestors 'none'/);
    }
  });

  it("cannot be led to by a form that says where to go back", async () => {
    const page = await open(browser, state, looks[0]);
    for (const back of ["https://elsewhere.test/", "//elsewhere.test/", "/\\elsewhere.test", "javascript:alert(1)"]) {
      const answer = await page.request.post(`${address}/appearance`, { form: { theme: "light", back }, maxRedirects: 0 });
      assert.equal(answer.status(), 303);
      assert.equal(answer.headers().location, "/inbox");
    }
    await page.context().close();
  });
});

describe("without script", () => {
  let page;
  before(async () => {
    page = await open(browser, state, { ...looks[0], javaScriptEnabled: false });
  });
  after(() => page?.context().close());

  it("a case is answered, noted, closed and reopened", async () => {
    const { number } = (await api("GET", "/v1/cases?status=open,in_progress,on_hold&limit=1")).data[0];
    await visit(page, `/cases/${number}`);
    await page.locator("#reply-text").fill("Written\nwithout script");
    await goes(page, () => page.locator("#reply button.main").click());
    assert.match(await page.locator("#entries").innerText(), /Written\nwithout script/);
    await page.locator("#note-text").fill("Noted without script");
    await goes(page, () => page.getByRole("button", { name: "Add internal note" }).click());
    assert.match(await page.locator("#entries").innerText(), /Noted without script/);
    await goes(page, () => page.locator("#set-closed").click());
    assert.match(await page.locator("#flash").innerText(), /is closed/);
    await goes(page, () => page.locator("#set-open").click());
    assert.match(await page.locator("#flash").innerText(), /open again/);
    assert.equal(page.url(), `${address}/cases/${number}`);
  });

  it("availability, theme and clock change, and lead back to the page they stand on", async () => {
    await visit(page, "/inbox?view=all&sort=closes_at");
    const here = page.url();
    await goes(page, () => page.locator("#be-away").click());
    assert.equal(await page.locator("#be-away").getAttribute("aria-pressed"), "true");
    await goes(page, () => page.locator("#be-online").click());
    await goes(page, () => page.getByRole("button", { name: "Dark", exact: true }).click());
    assert.equal(await page.locator("html").getAttribute("data-theme"), "dark");
    await goes(page, () => page.getByRole("button", { name: "System", exact: true }).click());
    const before = await page.locator("#clockbar time").getAttribute("datetime");
    await goes(page, () => page.getByRole("button", { name: "+1 h" }).click());
    const after = await page.locator("#clockbar time").getAttribute("datetime");
    assert.equal(new Date(after) - new Date(before), 3_600_000);
    assert.equal(page.url(), here);
  });

  it("the settings are saved", async () => {
    await visit(page, "/settings/cases");
    const typed = await page.locator("#threshold").inputValue();
    await goes(page, () => page.getByRole("button", { name: "Save auto close" }).click());
    assert.match(await page.locator("#flash").innerText(), /Auto close is saved/);
    assert.equal(await page.locator("#threshold").inputValue(), typed);
  });
});
