// Every page a care team starts with, in light, in dark and on a phone.
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, describe, it } from "node:test";
import { address, api, inspect, launch, looks, open, signIn, toldCase, visit } from "./lib.mjs";

let browser;
let state;

before(async () => {
  browser = await launch();
  state = await signIn(browser);
});
after(() => browser?.close());

for (const look of looks) {
  describe(`seen ${look.name}`, () => {
    let page;
    before(async () => {
      page = await open(browser, state, look);
    });
    after(() => page?.context().close());

    it("the inbox lists cases", async () => {
      await visit(page, "/inbox");
      assert.ok((await caseLinks(page).count()) > 0, "the demo has cases");
      await inspect(page);
    });

    it("a case shows its conversation", async () => {
      await visit(page, `/cases/${await toldCase()}`);
      const told = await page.locator("#entries").innerText();
      assert.match(told, /Closed by Lull after .* without activity/);
      assert.match(told, /Reopened by Lull: .* wrote within .*; back to /);
      await inspect(page);
    });

    it("the audit trail tells who did what", async () => {
      await visit(page, "/audit?event=CASE_AUTO_CLOSED");
      const entry = page.locator(".log li").first();
      assert.match(await entry.innerText(), /Lull closed case \d+ after .* without activity/);
      await entry.locator("summary").click();
      assert.match(await entry.innerText(), /"reason":"inactivity"/);
      await inspect(page);
    });

    it("the case settings show both switches", async () => {
      await visit(page, "/settings/cases");
      const text = await page.locator("main").innerText();
      assert.match(text, /auto close inactive cases/i);
      assert.match(text, /auto status changes/i);
      await inspect(page);
    });
  });
}

const cookie = () => state.cookies.map(({ name, value }) => `${name}=${value}`).join("; ");

const read = async (where) => (await fetch(address + where, { headers: { cookie: cookie() } })).text();

/** Every page the navigation leads to, the settings' own list included, and a case. */
const pages = async () => {
  const linked = (html) => [...html.matchAll(/<nav[^]*?<\/nav>/g)].flatMap(([nav]) => [...nav.matchAll(/href="(\/[^"#]*)"/g)].map(([, where]) => where));
  const inbox = await read("/inbox?view=all");
  const behind = (await read("/reports")).match(/href="(\/reports\/cases\?[^"]*)"/)[1].replaceAll("&amp;", "&");
  const from = await Promise.all(["/inbox", "/settings/cases", "/reports", "/audit"].map(async (where) => [where, ...linked(await read(where))]));
  const paths = from.flat().filter((where) => !where.includes("&amp;")).map((where) => where.split("?")[0]);
  return [...new Set([...paths, inbox.match(/\/cases\/\d+/)[0], "/settings/cases/advice", behind])].filter((where) => where !== "/settings");
};

describe("on a screen of 360 px", () => {
  it("no page is wider than the screen", async () => {
    const phone = await open(browser, state, looks[2]);
    assert.equal(looks[2].viewport.width, 360);
    const wide = [];
    for (const where of [...(await pages()), "/inbox?view=all"]) {
      await visit(phone, where);
      const over = await phone.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (over > 0) wide.push(`${where}: ${over} px`);
    }
    assert.deepEqual(wide, []);
    await phone.context().close();
  });
});

describe("what goes over the wire", () => {
  /** Bytes of a compressed answer's body, and the text it was. */
  const weigh = (where) =>
    new Promise((resolve, reject) => {
      const headers = { cookie: cookie(), "accept-encoding": "gzip" };
      http.get(address + where, { headers }, (answer) => {
        let bytes = 0;
        answer.on("data", (chunk) => (bytes += chunk.length));
        answer.on("end", () => resolve({ bytes, status: answer.statusCode, encoding: answer.headers["content-encoding"] }));
      }).on("error", reject);
    });

  /** The files a page names: `["/assets/…", "css" | "js" | "svg"]`. */
  const filesOf = (html) => [...html.matchAll(/(?:href|src)="(\/assets\/[^"?]+\.(css|js|svg)[^"]*)"/g)].map(([, where, kind]) => [where, kind]);

  it("stays within the budget on every page", async () => {
    const known = new Map();
    const weight = async (where) => known.get(where) ?? known.set(where, await weigh(where)).get(where);
    const all = await pages();
    assert.ok(all.length >= 6, `too few pages to be all: ${all}`);
    for (const where of all) {
      const html = await read(where), sum = { css: 0, js: 0, svg: 0 };
      for (const [file, kind] of filesOf(html)) {
        const { bytes, status, encoding } = await weight(file);
        assert.deepEqual([status, encoding], [200, "gzip"], file);
        sum[kind] += bytes;
      }
      const own = await weigh(where), total = own.bytes + sum.css + sum.js + sum.svg;
      assert.equal(own.status, 200, where);
      assert.ok(sum.css > 3_000 && sum.css <= 10_000, `style of ${where} is ${sum.css} bytes`);
      assert.ok(sum.js > 3_000 && sum.js <= 20_000, `script of ${where} is ${sum.js} bytes`);
      assert.ok(total < 150_000, `${where} is ${total} bytes in all`);
    }
  });

  it("stays within the budget of an inbox of 50 and of a case", async () => {
    const inbox = await read("/inbox?view=all");
    assert.equal(inbox.match(/data-row/g).length, 50);
    const [list, talk] = [await weigh("/inbox?view=all"), await weigh(inbox.match(/\/cases\/\d+/)[0])];
    assert.ok(list.bytes <= 20_000, `an inbox of 50 is ${list.bytes} bytes`);
    assert.ok(talk.bytes <= 30_000, `a case is ${talk.bytes} bytes`);
  });
});

function caseLinks(page) {
  return page.locator('main a[href^="/cases/"]');
}
