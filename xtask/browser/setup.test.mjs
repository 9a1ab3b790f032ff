// A fresh desk from its first page on, and the settings pages an owner sets the place up with.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { address, api, freshDesk, goes, inspect, launch, linkFor, looks, open, signIn, visit } from "./lib.mjs";

let browser;
let state;
before(async () => {
  browser = await launch();
  state = await signIn(browser);
});
after(() => browser?.close());

const post = (where, fields, headers = {}) => fetch(where, { method: "POST", redirect: "manual", headers: { origin: new URL(where).origin, ...headers }, body: new URLSearchParams(fields) });
const good = { workspace: "Fresh Desk", name: "Olga", email: "olga@example.com", password: "correct horse", time_zone: "Europe/Berlin", channel: "Post", network: "email", queue: "Letters" };

describe("a fresh desk", () => {
  let desk;
  before(async () => { desk = await freshDesk(); });
  after(() => desk?.end());

  it("asks everybody for the code that it printed, which its link brings along", async () => {
    const asks = /<label for="code"/;
    assert.match(await (await fetch(`${desk.address}/setup`)).text(), asks);
    for (const code of ["", "setup_guess"]) {
      const refused = await post(`${desk.address}/setup`, { ...good, code });
      assert.equal(refused.status, 422);
      assert.match(await refused.text(), /This is not the code/);
    }
    assert.doesNotMatch(await (await fetch(`${desk.address}/setup?code=${desk.code}`)).text(), asks);
  });

  it("leads from any page to the setup, says every fault beside its field, makes the owner and goes on", async () => {
    const page = await open(browser, undefined, { ...looks[0], timezoneId: "Asia/Tokyo" });
    await page.goto(`${desk.address}/inbox`);
    assert.equal(new URL(page.url()).pathname, "/setup");
    await inspect(page);
    await page.goto(`${desk.address}/setup?code=${desk.code}`);
    assert.equal(await page.locator("#time_zone").inputValue(), "Asia/Tokyo");
    await inspect(page);
    await page.setViewportSize(looks[2].viewport);
    await inspect(page);
    await page.setViewportSize(looks[0].viewport);
    await page.locator("#workspace").fill("Fresh Desk");
    await page.locator("#name").fill("Olga");
    await page.locator("#email").fill("olga@example.com");
    await page.locator("#password").fill("short");
    await page.locator("#time_zone").fill("Atlantis/Poseidonis");
    await page.locator("#channel").fill("Post");
    await goes(page, () => page.locator("form .main").click());
    assert.match(await page.locator("#password-error").innerText(), /8 to 200 characters/);
    assert.match(await page.locator("#time_zone-error").innerText(), /such as Europe\/Berlin/);
    assert.equal(await page.locator("#workspace").inputValue(), "Fresh Desk");
    page.complaints.length = 0;
    await inspect(page);
    await page.locator("#password").fill("correct horse");
    await page.locator("#time_zone").fill("Europe/Berlin");
    await goes(page, () => page.locator("form .main").click());
    assert.equal(new URL(page.url()).pathname, "/welcome");
    await inspect(page);
    const lines = [
      { conversation: "c1", brand: "Post", network: "email", messages: [{ direction: "inbound", author: "ada", at: "2024-05-02T16:14:43Z", external_id: "m1", text: "Hello?" }] },
      { conversation: "c2", brand: "Post", network: "carrier pigeon", messages: [] },
    ].map((line) => JSON.stringify(line)).join("\n");
    await page.locator("#file").setInputFiles({ name: "history.jsonl", mimeType: "application/jsonl", buffer: Buffer.from(lines) });
    await goes(page, () => page.getByRole("button", { name: "Import" }).click());
    assert.match(await page.locator("main [role=status]").last().innerText(), /2 lines: 1 conversation taken in, 1 refused; new: 1 case and 1 message/);
    assert.match(await page.locator(".refused").innerText(), /Line 2: network/);
    await inspect(page);
    await page.goto(`${desk.address}/inbox?view=all`);
    assert.match(await page.locator("#rows").innerText(), /Hello\?/);
    await page.goto(`${desk.address}/settings/cases`);
    await inspect(page);
    await page.context().close();
  });

  it("keeps a reply that came after the session had ended, without script, and gives it back after signing in", async () => {
    const context = await browser.newContext({ javaScriptEnabled: false });
    const page = await context.newPage();
    const press = (name) => goes(page, () => page.getByRole("button", { name, exact: true }).click());
    const signsIn = async (password) => {
      await page.locator("#email").fill("olga@example.com");
      await page.locator("#password").fill(password);
      await press("Sign in");
    };
    await page.goto(`${desk.address}/cases/1`);
    await signsIn("correct horse");
    for (const [field, button, text] of [["#reply-text", /^Send to/, "Dear Ada,\n\n<b>two</b> & \"three\""], ["#note-text", /^Add internal note/, "She called, too."]]) {
      await page.locator(field).fill(text);
      await context.clearCookies();
      await goes(page, () => page.getByRole("button", { name: button }).click());
      assert.match(await page.locator("#typed").innerText(), /in case 1 was not sent/);
      await signsIn("wrong horse");
      assert.match(await page.locator("#sign-in-error").innerText(), /wrong/);
      await signsIn("correct horse");
      assert.equal(new URL(page.url()).pathname, "/cases/1");
      assert.equal(await page.locator(field).inputValue(), text);
      assert.match(await page.locator("#flash").innerText(), /was not sent, since you were signed out/);
      await page.reload();
      assert.equal(await page.locator(field).inputValue(), text, "it is a draft");
    }
    assert.doesNotMatch(await page.locator("#entries").innerText(), /two|called/, "nothing was sent by itself");
    await goes(page, () => page.getByRole("button", { name: /^Send to/ }).click());
    assert.match(await page.locator("#entries").innerText(), /<b>two<\/b>/);
    await context.close();
  });

  it("is set up once", async () => {
    const again = await post(`${desk.address}/setup`, { ...good, code: desk.code, email: "eve@example.com" });
    assert.deepEqual([again.status, again.headers.get("location")], [303, "/sign-in"]);
    assert.equal((await fetch(`${desk.address}/setup`)).url, `${desk.address}/sign-in`);
  });
});

describe("two who set a desk up at once", () => {
  it("leave it with one owner, and the form works without script", async () => {
    const desk = await freshDesk();
    try {
      const answers = await Promise.all(["a", "b", "c"].map((who) => post(`${desk.address}/setup`, { ...good, code: desk.code, email: `${who}@example.com`, workspace: who })));
      const places = answers.map((answer) => answer.headers.get("location")).sort();
      assert.deepEqual(places, ["/sign-in", "/sign-in", "/welcome"]);
    } finally {
      desk.end();
    }
  });
});

describe("the settings of the place", () => {
  const pages = ["/settings/channels", "/settings/tags", "/settings/canned", "/settings/tokens", "/settings/workspace", "/settings/password"];
  for (const look of looks) {
    it(`are seen ${look.name}`, async () => {
      const page = await open(browser, state, look);
      for (const where of pages) {
        await visit(page, where);
        assert.ok((await page.locator(".shelf a[aria-current=page]").count()) === 1, where);
        await inspect(page);
      }
      await page.context().close();
    });
  }

  const flash = (page) => page.locator("#flash").innerText();
  const plainly = async (act) => {
    for (const javaScriptEnabled of [true, false]) {
      const page = await open(browser, state, { ...looks[0], javaScriptEnabled });
      await act(page, javaScriptEnabled ? "scripted" : "plain");
      await page.context().close();
    }
  };

  it("add and change a channel, with faults beside the fields, with script and without", async () => {
    await plainly(async (page, word) => {
      await page.goto(`${address}/settings/channels`);
      await page.locator("#new-name").fill(" ");
      await goes(page, () => page.getByRole("button", { name: "Add channel" }).click());
      assert.match(await page.locator("#new-name-error").innerText(), /cannot be empty/);
      await page.locator("#new-name").fill(`Shop ${word}`);
      await page.locator("#new-network").selectOption("instagram");
      await goes(page, () => page.getByRole("button", { name: "Add channel" }).click());
      assert.match(await flash(page), /Shop \w+ is added/);
      const { id } = (await api("GET", "/v1/channels?limit=100")).data.find((channel) => channel.name === `Shop ${word}`);
      const entry = page.locator(`#${id}`);
      await entry.locator("summary").click();
      await entry.locator("input[name=name]").fill(`Store ${word}`);
      await api("PATCH", `/v1/channels/${id}`, { name: `Theirs ${word}` });
      await goes(page, () => entry.getByRole("button", { name: "Save" }).click());
      assert.match(await page.locator(`#${id} [role=alert]`).innerText(), /Somebody changed this/);
      assert.equal(await page.locator(`#${id} input[name=name]`).inputValue(), `Store ${word}`);
      await goes(page, () => page.locator(`#${id}`).getByRole("button", { name: "Save" }).click());
      assert.match(await flash(page), /Store \w+ is saved/);
    });
  });

  it("add, change and delete a canned reply; a form sent twice adds one", async () => {
    await plainly(async (page, word) => {
      await page.goto(`${address}/settings/canned`);
      await page.locator("#new-name").fill(`thanks ${word}`);
      await page.locator("#new-text").fill("Thank you, {customer}!");
      await goes(page, () => page.getByRole("button", { name: "Add canned reply" }).click());
      assert.match(await page.locator("#new-text-error").innerText(), /no placeholder \{customer\}/);
      await page.locator("#new-text").fill("Thank you, {customer_name}!");
      const once = await page.locator(".card [name=once]").inputValue();
      await goes(page, () => page.getByRole("button", { name: "Add canned reply" }).click());
      assert.match(await flash(page), /is added/);
      const cookie = state.cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
      await post(`${address}/settings/canned`, { once, name: `thanks ${word}`, text: "Thank you, {customer_name}!", queue: "", do: "save" }, { cookie });
      const mine = (await api("GET", "/v1/canned-replies?limit=100")).data.filter((reply) => reply.name === `thanks ${word}`);
      assert.equal(mine.length, 1);
      const entry = page.locator(`#${mine[0].id}`);
      await entry.locator("summary").click();
      await goes(page, () => entry.getByRole("button", { name: "Delete" }).click());
      assert.match(await flash(page), /is deleted/);
    });
  });

  it("rename and remove a tag in every case", async () => {
    const { number } = (await api("GET", "/v1/cases?limit=1")).data[0];
    await plainly(async (page, word) => {
      await api("PATCH", `/v1/cases/${number}`, { tags: [`old ${word}`] });
      await page.goto(`${address}/settings/tags`);
      const entry = (name) => page.locator(".things > li").filter({ hasText: name });
      await entry(`old ${word}`).locator("summary").click();
      await entry(`old ${word}`).locator("input[name=name]").fill(`new ${word}`);
      await goes(page, () => entry(`old ${word}`).getByRole("button", { name: "Rename", exact: true }).click());
      assert.match(await flash(page), /is now new/);
      assert.deepEqual((await api("GET", `/v1/cases/${number}`)).tags, [`new ${word}`]);
      await entry(`new ${word}`).locator("summary").click();
      await goes(page, () => entry(`new ${word}`).getByRole("button", { name: "Remove from all cases" }).click());
      assert.deepEqual((await api("GET", `/v1/cases/${number}`)).tags, []);
    });
  });

  it("make a token that is shown once, and revoke it", async () => {
    await plainly(async (page, word) => {
      await page.goto(`${address}/settings/tokens`);
      await page.locator("#new-name").fill(`connector ${word}`);
      await page.locator("#new-role").selectOption("agent");
      await goes(page, () => page.getByRole("button", { name: "Make token" }).click());
      const secret = await page.locator("#secret").innerText();
      const ask = () => fetch(`${address}/v1/cases?limit=1`, { headers: { authorization: `Bearer ${secret}` } });
      assert.equal((await ask()).status, 200);
      await page.goto(`${address}/settings/tokens`);
      assert.equal(await page.locator("#secret").count(), 0);
      const entry = page.locator(".things > li").filter({ hasText: `connector ${word}` });
      await entry.locator("summary").click();
      await goes(page, () => entry.getByRole("button", { name: /^Revoke/ }).click());
      await page.locator("#flash").getByText("revoked").waitFor();
      assert.equal((await ask()).status, 401);
    });
  });

  it("let a member choose a password by their link, sign in with it and change it", async () => {
    for (const javaScriptEnabled of [true, false]) {
      const email = `pat-${javaScriptEnabled}@demo.test`;
      const member = await api("POST", "/v1/agents", { name: "Pat", email, role: "agent" });
      const page = await open(browser, undefined, { ...looks[0], javaScriptEnabled });
      const press = (name) => goes(page, () => page.getByRole("button", { name, exact: true }).click());
      await page.goto(await linkFor(member));
      if (javaScriptEnabled) await inspect(page);
      await page.locator("#password").fill("short");
      await press("Sign in");
      assert.match(await page.locator("#password-error").innerText(), /8 to 200 characters/);
      page.complaints.length = 0; // The refusal (422) in the browser's console.
      if (javaScriptEnabled) await inspect(page);
      await page.locator("#password").fill("correct horse");
      await press("Sign in");
      await page.goto(`${address}/settings/password`);
      await page.locator("#password-old").fill("wrong horse");
      await page.locator("#password-new").fill("battery staple");
      await press("Save password");
      assert.match(await page.locator("#password-old-error").innerText(), /not your password/);
      await page.locator("#password-old").fill("correct horse");
      await page.locator("#password-new").fill("battery staple");
      await press("Save password");
      assert.match(await flash(page), /Your password is saved/);
      await page.context().clearCookies();
      await page.goto(`${address}/inbox`);
      await page.locator("#email").fill(email);
      await page.locator("#password").fill("battery staple");
      await press("Sign in");
      assert.equal(new URL(page.url()).pathname, "/inbox");
      await page.context().close();
    }
  });

  it("name the workspace and its zone", async () => {
    const before = await api("GET", "/v1/workspace");
    await plainly(async (page, word) => {
      await page.goto(`${address}/settings/workspace`);
      await page.locator("#workspace-time_zone").fill("Nowhere");
      await goes(page, () => page.getByRole("button", { name: "Save" }).click());
      assert.match(await page.locator("#workspace-time_zone-error").innerText(), /such as Europe\/Berlin/);
      await page.locator("#workspace-time_zone").fill("Europe/Lisbon");
      await page.locator("#workspace-name").fill(`Renamed ${word}`);
      await goes(page, () => page.getByRole("button", { name: "Save" }).click());
      assert.match(await flash(page), /workspace is saved/);
      const { name, time_zone } = await api("GET", "/v1/workspace");
      assert.deepEqual([name, time_zone], [`Renamed ${word}`, "Europe/Lisbon"]);
      await api("PATCH", "/v1/workspace", { name: before.name, time_zone: before.time_zone });
    });
  });
});
