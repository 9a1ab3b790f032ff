// The reports: seen in every look, by keyboard, without script, on paper; and that a page, its CSV and the API say the same.
import assert from "node:assert/strict";
import http from "node:http";
import { after, before, describe, it } from "node:test";
import { address, api, goes, inspect, launch, linkFor, looks, open, signIn, visit } from "./lib.mjs";

const TABS = ["/reports", "/reports/agents", "/reports/queues", "/reports/channels", "/reports/tags"];
/** The demo's history is two weeks long: both halves of the comparison have something in them. */
const WEEK = "?period=7d";
/** Bytes of a compressed report page: six pictures, each for a screen, a phone and paper, with their tables. */
const BUDGET = 40_000;

let browser;
let state;

before(async () => {
  browser = await launch();
  const owner = (await api("GET", "/v1/agents")).data.find((agent) => agent.role === "owner");
  state = await signIn(browser, await linkFor(owner));
});
after(() => browser?.close());

const narrowest = { name: "narrow phone", viewport: { width: 360, height: 740 }, colorScheme: "dark", hasTouch: true };

for (const look of [...looks, narrowest]) {
  describe(`seen ${look.name}`, () => {
    let page;
    before(async () => {
      page = await open(browser, state, look);
    });
    after(() => page?.context().close());

    for (const tab of TABS) {
      it(`${tab} shows its figures and pictures`, async () => {
        await visit(page, tab + WEEK);
        assert.ok((await page.locator("figure").count()) > 0);
        for (const figure of await page.locator("figure").all()) {
          assert.equal(await figure.locator("svg.chart:visible").count(), 1, "one drawing fits each width");
          assert.match(await figure.locator("figcaption p").first().innerText(), /\.$/, "the finding is a sentence");
        }
        await inspect(page);
      });
    }

    it("the cases behind a figure are listed", async () => {
      await visit(page, `/reports/cases${WEEK}&figure=total_cases_closed`);
      assert.ok((await page.locator("tbody tr").count()) > 0);
      await inspect(page);
    });

  });
}

describe("with the reader's own few colours", () => {
  for (const colorScheme of ["light", "dark"]) {
    it(`reasons and text stand out from each other and from the ${colorScheme} ground`, async () => {
      const page = await open(browser, state, { ...looks[0], colorScheme, forcedColors: "active" });
      try {
        await visit(page, "/reports" + WEEK);
        const chart = page.locator("#closed-over-time svg.chart:visible");
        const fill = (of) => chart.locator(of).first().evaluate((part) => getComputedStyle(part).fill);
        const ground = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
        const fills = [ground, await fill(".people"), await fill(".inactivity")];
        assert.equal(new Set(fills).size, 3, fills.join(" | "));
        assert.notEqual(await fill("text"), ground);
        assert.deepEqual(page.complaints, []);
      } finally {
        await page.context().close();
      }
    });
  }
});

describe("a report", () => {
  let page;
  before(async () => {
    page = await open(browser, state, looks[0]);
  });
  after(() => page?.context().close());

  it("says what the API says", async () => {
    await visit(page, `/reports/agents${WEEK}`);
    const zone = (await api("GET", "/v1/workspace")).time_zone;
    assert.match(await page.locator(".period").innerText(), new RegExp(`Days of ${zone}`));
    const first = (await page.locator("#groups tbody tr").first().innerText()).split(/\t|\n/).map((cell) => cell.trim());
    const csv = await (await page.request.get(address + (await page.locator("a[href*='figures.csv']").getAttribute("href")))).text();
    const lines = csv.trim().split("\r\n").map((line) => line.split(","));
    assert.equal(lines.length - 1, await page.locator("#groups tbody tr").count(), "a line for every row");
    const line = lines.find((cells) => cells[1] === first[0]);
    const number = (name) => Number(line[lines[0].indexOf(name)]);
    assert.deepEqual(
      [number("cases_opened"), number("total_cases_closed"), number("closed_manual"), number("closed_inactivity")],
      first.slice(1, 5).map((cell) => Number(cell.replace(",", ""))),
    );
  });

  it("is narrowed and sorted by keyboard, and everything stands in its address", async () => {
    await visit(page, `/reports/agents${WEEK}`);
    await page.getByRole("link", { name: "Opened", exact: true }).focus();
    await Promise.all([page.waitForURL(/sort=-cases_opened/), page.keyboard.press("Enter")]);
    assert.equal(await page.locator("th[aria-sort]").innerText().then((text) => text.trim()), "Opened");
    await page.locator(".picker summary").focus();
    await page.keyboard.press("Enter");
    await page.locator("#p-closed_reason").selectOption("inactivity");
    await page.locator("#p-closed_reason").press("Enter");
    await page.getByRole("button", { name: "Show" }).press("Enter");
    await page.waitForURL(/closed_reason=inactivity/);
    assert.match(page.url(), /sort=-cases_opened/);
    assert.match(page.url(), /period=7d/);
    assert.equal(await page.locator("#groups tfoot td").nth(2).innerText(), "0", "nothing was closed by people");
    await page.getByRole("link", { name: "Clear filters" }).click();
    await page.waitForURL((url) => !url.search.includes("closed_reason"));
  });

  it("shows the fields of other days only for other days, and says what is wrong with them", async () => {
    await visit(page, `/reports${WEEK}`);
    assert.equal(await page.locator("#p-first").isVisible(), false);
    await page.locator("#p-period").selectOption("custom");
    await page.locator("#p-first").fill("2026-11-23");
    await page.locator("#p-last").fill("2026-11-01");
    await goes(page, () => page.getByRole("button", { name: "Show" }).click());
    assert.match(await page.locator("#dates-error").innerText(), /must not be after/);
    page.complaints.length = 0; // The refusal (422) in the browser's console.
    await inspect(page);
  });

  it("leads from a figure to as many cases, and from a group to its own report", async () => {
    await visit(page, `/reports${WEEK}`);
    const link = page.getByRole("link", { name: /Show the .* reopenings/ });
    const [, number] = (await link.innerText()).match(/([\d,]+) reopenings/);
    await link.click();
    await page.waitForURL(/figure=cases_reopened/);
    assert.match(await page.locator("footer.pages").innerText(), new RegExp(`\\b${number}$`, "m"));
    await visit(page, `/reports/queues${WEEK}`);
    const queue = page.locator("#groups tbody th a").first();
    const name = await queue.innerText();
    await queue.click();
    await page.waitForURL(/queue=que_/);
    assert.match(await page.locator(".set").innerText(), new RegExp(`Queue: ${name}`));
  });

  it("gives its pictures as files that stand alone", async () => {
    await visit(page, `/reports${WEEK}`);
    const files = await page.locator("figure .downloads a").evaluateAll((links) => links.map((link) => link.getAttribute("href")));
    assert.equal(files.length, 12);
    for (const file of files) {
      const answer = await page.request.get(address + file);
      assert.equal(answer.status(), 200, file);
      assert.match(answer.headers()["content-disposition"], /^attachment; filename="[a-z-]+-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.(svg|png)"$/);
    }
    const svg = await (await page.request.get(address + files[0])).text();
    const drawn = await page.context().newPage();
    await drawn.setContent(`<img src="data:image/svg+xml,${encodeURIComponent(svg)}">`);
    await drawn.locator("img").evaluate((image) => image.decode());
    assert.ok((await drawn.locator("img").evaluate((image) => image.naturalWidth)) >= 1_000);
    await drawn.close();
  });

  it("works without script", async () => {
    const plain = await open(browser, state, { ...looks[0], javaScriptEnabled: false });
    await visit(plain, `/reports${WEEK}`);
    await plain.locator("#p-period").selectOption("28d");
    await plain.locator("#p-bucket").selectOption("week");
    await goes(plain, () => plain.getByRole("button", { name: "Show" }).click());
    await plain.locator("#closed-over-time summary").click();
    assert.match(await plain.locator("#closed-over-time tbody").innerText(), /Week of/);
    await plain.context().close();
  });

  it("stays within its budget", async () => {
    const cookie = state.cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
    const bytes = await new Promise((resolve, reject) => {
      http.get(`${address}/reports`, { headers: { cookie, "accept-encoding": "gzip" } }, (answer) => {
        let sum = 0;
        answer.on("data", (chunk) => (sum += chunk.length));
        answer.on("end", () => resolve(sum));
      }).on("error", reject);
    });
    assert.ok(bytes <= BUDGET, `an overview is ${bytes} bytes`);
  });
});

describe("on paper", () => {
  it("a report is figures, whole pictures and open tables, without the way around, in light colours", async () => {
    const page = await open(browser, state, { name: "paper", viewport: { width: 718, height: 1_040 }, colorScheme: "dark" });
    await visit(page, `/reports${WEEK}`);
    await page.emulateMedia({ media: "print" });
    for (const gone of ["nav", ".picker", ".downloads", "#clockbar", ".picture summary"]) {
      assert.equal(await page.locator(gone).first().isVisible(), false, `${gone} is not printed`);
    }
    for (const figure of await page.locator("figure").all()) {
      assert.equal(await figure.locator("svg.chart:visible").count(), 1);
      assert.ok(await figure.locator("tbody tr").last().isVisible(), "the table is open");
      const [drawing, sheet] = [await figure.locator("svg.chart:visible").boundingBox(), page.viewportSize()];
      assert.ok(drawing.x >= 0 && drawing.x + drawing.width <= sheet.width, "nothing is cut at the side");
      assert.equal(await figure.evaluate((element) => getComputedStyle(element).breakInside), "avoid");
    }
    const ink = await page.locator("body").evaluate((body) => getComputedStyle(body).color);
    assert.equal(ink, "rgb(0, 0, 0)");
    const people = await page.locator("rect.people:visible").first().evaluate((bar) => getComputedStyle(bar).fill);
    assert.equal(people, "rgb(7, 63, 82)");
    const pdf = await page.pdf({ format: "A4", margin: { top: "12mm", right: "12mm", bottom: "12mm", left: "12mm" } });
    assert.ok(pdf.subarray(0, 5).toString() === "%PDF-" && pdf.length > 20_000);
    await page.context().close();
  });
});
