// The advisor: sliders that answer as one moves them, the same without script, and a way to the form that saves nothing.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { address, api, inspect, launch, looks, open, signIn, visit, linkFor } from "./lib.mjs";

const ADVICE = "/settings/cases/advice";
let browser;
let state;

before(async () => {
  browser = await launch();
  const owner = (await api("GET", "/v1/agents")).data.find((agent) => agent.role === "owner");
  state = await signIn(browser, await linkFor(owner));
});
after(() => browser?.close());

for (const look of looks) {
  describe(`the advisor seen ${look.name}`, () => {
    let page;
    before(async () => {
      page = await open(browser, state, look);
    });
    after(() => page?.context().close());

    it("shows the curve, the table and what the threshold would have done", async () => {
      await visit(page, `${ADVICE}?step=5`);
      assert.match(await page.locator("#outlook").innerText(), /^Closing after 24 h would have made [\d,]+ closes/);
      assert.equal(await page.locator(".chart:visible").count(), 1, "one size of the picture is shown");
      assert.ok((await page.locator("tbody tr").count()) >= 15);
      await inspect(page);
    });

    it("answers a moved slider, keeps the focus and puts the view into the address", async () => {
      await visit(page, `${ADVICE}?step=5`);
      const slider = page.getByRole("slider", { name: /^Close after/ });
      await slider.focus();
      await page.keyboard.press("ArrowRight");
      await page.keyboard.press("ArrowRight");
      await page.locator("#outlook", { hasText: "Closing after 2 days" }).waitFor();
      assert.equal(await slider.getAttribute("aria-valuetext"), "2 days");
      assert.equal(await slider.inputValue(), "7");
      assert.equal(await slider.evaluate((element) => element === document.activeElement), true);
      await page.waitForURL((url) => url.searchParams.get("threshold") === "2880");
      await page.getByRole("slider", { name: /^Wrong closes/ }).fill("20");
      await page.locator("#rate-says", { hasText: "20 %" }).waitFor();
      assert.equal(await slider.inputValue(), "7");
      await inspect(page);
    });
  });
}

describe("what the advisor leads to", () => {
  it("is the settings form, filled in and not saved", async () => {
    const page = await open(browser, state, looks[0]);
    const before = (await api("GET", "/v1/settings/lifecycle")).auto_close;
    await visit(page, `${ADVICE}?step=9`);
    await page.getByRole("link", { name: "Use 4 days in the settings form" }).click();
    await page.waitForURL((url) => url.pathname === "/settings/cases");
    assert.equal(await page.locator("#threshold").inputValue(), "4");
    assert.equal(await page.locator("#threshold-unit").inputValue(), "days");
    assert.match(await page.locator("#suggested").innerText(), /Nothing is saved until you save/);
    await inspect(page);
    assert.deepEqual((await api("GET", "/v1/settings/lifecycle")).auto_close, before);
    await page.context().close();
  });

  it("is the same without script", async () => {
    const context = await browser.newContext({ storageState: state, javaScriptEnabled: false });
    const page = await context.newPage();
    await page.goto(`${address}${ADVICE}?step=5`);
    await page.getByRole("slider", { name: /^Close after/ }).press("ArrowRight");
    await page.getByRole("button", { name: "Show" }).click();
    await page.waitForURL((url) => url.searchParams.get("step") === "6");
    assert.match(await page.locator("#outlook").innerText(), /Closing after 36 h/);
    await context.close();
  });
});
