// Every page a care team starts with, in light, in dark and on a phone.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { inspect, launch, looks, open, picture, signIn, visit } from "./lib.mjs";

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
      await picture(page, `inbox-${look.name}`);
      await inspect(page);
    });

    it("a case shows its conversation", async () => {
      await visit(page, "/inbox");
      await visit(page, await caseLinks(page).first().getAttribute("href"));
      await picture(page, `case-${look.name}`);
      await inspect(page);
    });

    it("the case settings show both switches", async () => {
      await visit(page, "/settings/cases");
      const text = await page.locator("main").innerText();
      assert.match(text, /auto close inactive cases/i);
      assert.match(text, /auto status changes/i);
      await picture(page, `settings-${look.name}`);
      await inspect(page);
    });
  });
}

function caseLinks(page) {
  return page.locator('main a[href^="/cases/"]');
}
