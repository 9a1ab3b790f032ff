// How fast and how heavy the demo's pages are, and what Lighthouse says of the main ones. Ends with an error where a page is
// under its goal.
import http from "node:http";
import lighthouse, { desktopConfig } from "lighthouse";
import puppeteer from "puppeteer-core";

const address = process.env.LULL_ADDRESS;
/** Answers of one page that are timed, over one connection. */
const ANSWERS = 30;
const GOALS = { answer: 50, bytes: 150_000, score: 95 };
const CATEGORIES = ["performance", "accessibility", "best-practices"];

const faults = [];
const goal = (held, what) => held || faults.push(what);
const connection = new http.Agent({ keepAlive: true, maxSockets: 1 });
/** What a browser sends that has been here before; filled by the sign-in. */
const headers = { "accept-encoding": "gzip" };

/** One answer: its status, its headers, its text, its bytes as sent, and how long it took to the last of them. */
function ask(where, { method = "GET", body } = {}) {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const form = body && { "content-type": "application/x-www-form-urlencoded", origin: address };
    const request = http.request(address + where, { agent: connection, method, headers: { ...headers, ...form } }, (answer) => {
      const chunks = [];
      answer.on("data", (chunk) => chunks.push(chunk));
      answer.on("end", () => {
        const [took, sent] = [performance.now() - started, Buffer.concat(chunks)];
        resolve({ status: answer.statusCode, headers: answer.headers, sent, took });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** The page as text; nothing is timed here, so it comes uncompressed. */
async function read(where) {
  const answer = await fetch(address + where, { headers: { cookie: headers.cookie } });
  if (answer.status !== 200) throw new Error(`${where} answers ${answer.status}`);
  return answer.text();
}

async function signIn() {
  const link = new URL(process.env.LULL_SIGN_IN).pathname;
  const answer = await ask(link, { method: "POST", body: "go=1" });
  const cookies = answer.headers["set-cookie"];
  if (!cookies) throw new Error(`signing in answers ${answer.status}`);
  headers.cookie = cookies.map((cookie) => cookie.split(";")[0]).join("; ");
}

/** Every page the navigation leads to, the settings' own list included, a case, a run, and the advisor. */
async function pages() {
  const hrefs = (html) => [...html.matchAll(/<nav[^]*?<\/nav>/g)].flatMap(([nav]) => [...nav.matchAll(/href="(\/[^"#]*)"/g)].map(([, where]) => where.replaceAll("&amp;", "&")));
  const from = ["/inbox", "/settings/cases", "/reports"];
  const linked = (await Promise.all(from.map(read))).flatMap(hrefs).filter((where) => where !== "/settings" && !/[?&](after|before|cursor)=/.test(where));
  const one = (html, pattern) => html.match(pattern)[0];
  const run = one(await read(one(await read("/settings/runs"), /\/settings\/runs\?[^"]*/).replaceAll("&amp;", "&")), /\/settings\/runs\/[a-z0-9_]+/);
  const found = one(await read("/inbox?view=all"), /\/cases\/\d+/);
  const views = new Set();
  const unlike = linked.filter((where) => !where.startsWith("/reports") || !views.has(where.split("?")[0]) && views.add(where.split("?")[0]));
  return [...new Set([...unlike, "/inbox?view=all", "/inbox?view=all&q=account", found, "/settings/cases/advice", run])];
}

const files = new Map();
/** Bytes of everything a page brings when nothing of it is known yet. */
async function weigh(where, sent) {
  const html = await read(where);
  let bytes = sent;
  for (const [, file] of html.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)) {
    if (!files.has(file)) files.set(file, (await ask(file)).sent.length);
    bytes += files.get(file);
  }
  return bytes;
}

async function measure(where) {
  await ask(where);
  const answers = [];
  for (let n = 0; n < ANSWERS; n += 1) answers.push(await ask(where));
  const times = answers.map(({ took }) => took).sort((a, b) => a - b);
  const middle = (times[ANSWERS / 2 - 1] + times[ANSWERS / 2]) / 2;
  return { middle, worst: times[ANSWERS - 1], bytes: await weigh(where, answers[0].sent.length) };
}

async function answers() {
  console.log(`\n${ANSWERS} answers of each page over one connection; all its bytes, compressed, nothing cached`);
  console.log(`${"median".padStart(8)} ${"worst".padStart(8)} ${"weight".padStart(8)}  page`);
  for (const where of await pages()) {
    const { middle, worst, bytes } = await measure(where);
    const over = worst > GOALS.answer ? `  over ${GOALS.answer} ms` : "";
    console.log(`${middle.toFixed(1).padStart(5)} ms ${worst.toFixed(1).padStart(5)} ms ${(bytes / 1000).toFixed(1).padStart(5)} kB  ${where}${over}`);
    goal(middle <= GOALS.answer, `${where} answers in ${middle.toFixed(1)} ms`);
    goal(bytes <= GOALS.bytes, `${where} weighs ${bytes} bytes`);
  }
}

/** Faults that cost points, by their title. */
function lost(report, category) {
  const refs = report.categories[category].auditRefs.filter(({ weight }) => weight > 0);
  return refs.map(({ id }) => report.audits[id]).filter(({ score }) => score !== null && score < 0.9).map(({ title }) => title);
}

/** Each page in a context of its own, in which nothing is cached and only the session is known. */
async function judge(browser, [name, where], [form, config]) {
  const context = await browser.createBrowserContext();
  const cookies = headers.cookie.split("; ").map((cookie) => ({ name: cookie.slice(0, cookie.indexOf("=")), value: cookie.slice(cookie.indexOf("=") + 1), domain: new URL(address).hostname }));
  await context.setCookie(...cookies);
  const page = await context.newPage();
  const { lhr } = await lighthouse(address + where, { onlyCategories: CATEGORIES, disableStorageReset: true, logLevel: "error" }, config, page);
  if (lhr.finalDisplayedUrl !== address + where) throw new Error(`${where} led to ${lhr.finalDisplayedUrl}`);
  const scores = CATEGORIES.map((category) => Math.round(lhr.categories[category].score * 100));
  console.log(`${scores.map((score) => String(score).padStart(13)).join(" ")}  ${name}, ${form}`);
  CATEGORIES.forEach((category, at) => {
    const titles = lost(lhr, category).join("; ");
    if (scores[at] < 100 && titles) console.log(`${" ".repeat(43)}${category}: ${titles}`);
    goal(scores[at] >= GOALS.score, `${name}, ${form}: ${category} ${scores[at]}: ${titles}`);
  });
  await context.close();
}

async function judgements() {
  console.log(`\nLighthouse\n${["performance", "accessibility", "practices"].map((word) => word.padStart(13)).join(" ")}  page`);
  const one = (await read("/inbox?view=all")).match(/\/cases\/\d+/)[0];
  const main = [["inbox", "/inbox?view=all"], ["case", one], ["settings", "/settings/cases"], ["reports", "/reports"]];
  const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-quic"] });
  try {
    for (const page of main) {
      for (const form of [["phone"], ["desktop", desktopConfig]]) await judge(browser, page, form);
    }
  } finally {
    await browser.close();
  }
}

await signIn();
await answers();
await judgements();
connection.destroy();
if (faults.length > 0) console.error(`\nunder the goal:\n  ${faults.join("\n  ")}`);
process.exitCode = faults.length > 0 ? 1 : 0;
