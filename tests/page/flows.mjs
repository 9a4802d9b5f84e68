// Every flow of the page, in Chromium against okng-serve. Prints TAP.
// node flows.mjs MODULES SERVE FIXTURE WORK [SHOTS]: MODULES holds playwright-core, SERVE is the program, FIXTURE has the pictures of
// make_fixture, WORK is an empty folder; pictures of what was seen go to SHOTS.
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import fs from "node:fs";
import path from "node:path";
import { faults } from "./checks.mjs";

const [modules, program, fixture, work, shots] = process.argv.slice(2);
const { chromium } = createRequire(path.join(path.resolve(modules), "x"))("playwright-core");
const pictures = (folder) =>
  fs
    .readdirSync(path.join(fixture, folder))
    .sort()
    .map((name) => path.join(fixture, folder, name));
const good = pictures("mvtec/cloth/train/good").concat(pictures("mvtec/cloth/test/good")),
  bad = pictures("mvtec/cloth/test/scratch");
const WAIT = Number(process.env.WAIT || 15000);

let count = 0,
  failed = 0;
const complaints = [];
async function flow(name, act) {
  const begun = Date.now();
  count++;
  complaints.length = 0;
  try {
    await act();
    if (complaints.length) throw new Error(complaints.join("; "));
    console.log(`ok ${count} - page: ${name} # ${((Date.now() - begun) / 1000).toFixed(1)} s`);
  } catch (error) {
    failed++;
    console.log(`not ok ${count} - page: ${name}`);
    console.log(String(error.stack).replace(/^/gm, "# "));
    if (shots) await page.screenshot({ path: path.join(shots, `failed-${count}.png`), fullPage: true }).catch(() => {});
  }
}
function expect(truth, what) {
  if (!truth) throw new Error(what);
}
async function until(what, act) {
  const end = Date.now() + WAIT;
  for (;;) {
    const value = await act();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${WAIT / 1000} s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

// A server of its own folder. Resolves to {url, said, stop()} once it listens.
function serve(folder, ...options) {
  fs.mkdirSync(path.join(work, folder), { recursive: true });
  const child = spawn(program, ["serve", "--banks", path.join(work, folder), ...options], { stdio: ["ignore", "pipe", "pipe"] });
  const server = {
    said: "",
    stop: () =>
      new Promise((resolve) => {
        child.once("exit", resolve);
        child.kill("SIGKILL");
      })
  };
  process.once("exit", () => child.kill("SIGKILL"));
  return new Promise((resolve, reject) => {
    const hear = (text) => {
      server.said += text;
      server.url = /listening on (http:\/\/[^\s/]+)/.exec(server.said)?.[1];
      if (server.url) resolve(server);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("exit", (code) => reject(new Error(`okng-serve ended with ${code}: ${server.said}`)));
  });
}
fs.mkdirSync(work, { recursive: true });
const line = path.join(work, "line.yaml");
fs.writeFileSync(line, "name: press\nrecipe: 1\nrecipes: {1: cloth}\nsources:\n  gate: {kind: push}\n");
let server = await serve("banks", "--listen", "127.0.0.1:0");
const base = server.url;

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ["--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
});
// Whatever the page asks for is this server's, and nothing of it is refused by the Content-Security-Policy.
async function open(address, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, locale: "en-GB", ...options });
  const p = await context.newPage();
  p.setDefaultTimeout(WAIT);
  p.on("console", (message) => {
    if (message.type() === "error" && !/Failed to load resource/.test(message.text())) complaints.push(message.text());
  });
  p.on("pageerror", (error) => complaints.push(String(error.stack)));
  p.on("request", (request) => {
    if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(address)) complaints.push(`asked for ${request.url()}`);
  });
  p.on("dialog", (dialog) => dialog.accept());
  return p;
}
let page = await open(base);
const api = async (method, where, body, type) => {
  const response = await fetch(base + where, { method, body, headers: type ? { "Content-Type": type } : {} });
  if (!response.ok) throw new Error(`${method} ${where}: ${response.status} ${await response.text()}`);
  return (response.headers.get("content-type") || "").includes("json") ? response.json() : null;
};
const inspect = (file) => api("POST", "/v1/banks/cloth/inspect?return=json", fs.readFileSync(file), "image/png");
const go = async (where) => {
  await page.goto(`${base}/#/${where}`);
  await page.getByRole("heading", { level: 1 }).waitFor({ state: "attached" });
};
const press = (name) => page.getByRole("button", { name, exact: true }).click();
const shot = async (name) => {
  if (shots) await page.screenshot({ path: path.join(shots, `${name}.png`) });
};

await flow("a first visit: no product, the way to teach one", async () => {
  await go("");
  await page.getByText("No product has been taught yet.").waitFor();
  await page.getByRole("link", { name: "Teach the first product" }).click();
  await page.getByRole("heading", { name: "Teach a product" }).waitFor();
});

await flow("teach: upload, region, options, learning, result, found among bad parts", async () => {
  const learn = page.getByRole("button", { name: "Learn", exact: true });
  await page.getByLabel("Name", { exact: true }).fill("cloth");
  expect(await learn.isDisabled(), "Learn is offered without pictures");
  await page.locator("input[type=file]").first().setInputFiles(good);
  await page.getByText(`${good.length} pictures.`).waitFor();
  await page.locator(".regions[viewBox]").waitFor();
  await page
    .getByRole("button", { name: `Leave out ${path.basename(good[good.length - 1])}` })
    .last()
    .click();
  await page.getByText(`${good.length - 1} pictures.`).waitFor();
  const details = page.locator("details", { hasText: "Scores, thresholds, memory" });
  await details.locator("summary").click();
  expect(
    /default: 4/.test(
      await details
        .getByLabel("smoothing")
        .evaluate((e) => document.getElementById(e.getAttribute("aria-describedby")).textContent)
    ),
    "the default of smoothing is not told"
  );
  await learn.click();
  await page.getByText("Expected false alarms").waitFor({ timeout: 60000 });
  await page.getByRole("heading", { name: "Are these good?" }).waitFor();
  const result = page.getByRole("region", { name: "5. Result" });
  await result.locator("input[type=file]").last().setInputFiles(bad);
  await result.getByText(`${bad.length} pictures`).waitFor();
  await result.getByRole("button", { name: "Judge them" }).click();
  await result.getByText("Bad parts found").waitFor({ timeout: 30000 });
  await shot("teach-result");
});

await flow("teach: a drawn region is found in the other pictures", async () => {
  await go("");
  await go("teach/part");
  await page.locator("input[type=file]").first().setInputFiles(good.slice(0, 4));
  const layer = page.locator(".regions[viewBox]");
  await layer.waitFor();
  await layer.scrollIntoViewIfNeeded();
  const box = await layer.boundingBox();
  await page.mouse.move(box.x + box.width * 0.2, box.y + box.height * 0.2);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, box.y + box.height * 0.8, { steps: 4 });
  await page.mouse.up();
  const width = Number(await page.getByLabel("Width").inputValue());
  expect(Math.abs(width - 0.5 * Number((await layer.getAttribute("viewBox")).split(" ")[2])) <= 2, `the region is ${width} wide`);
  await page.getByLabel("Left").fill("3"); // the same by keys
  await page.getByLabel("Left").press("Tab");
  expect((await page.locator(".region").getAttribute("x")) === "3", "the number does not move the region");
  await press("Find it in all pictures");
  await page.getByText(/Found in all 4 pictures|Not found in/).waitFor();
  await page.getByText("match 100%").waitFor(); // in the picture that it was drawn on
  await press("Remove region-1");
  expect((await page.locator(".region").count()) === 0, "the region stays");
});

await flow("teach: pictures from the camera", async () => {
  await go("");
  await go("teach/part");
  await page.getByRole("button", { name: "Camera", exact: true }).first().click();
  const take = page.getByRole("button", { name: "Take a picture" });
  await until("the camera", () => take.isEnabled());
  await take.click();
  await page.getByRole("dialog").getByText("1 picture taken").waitFor();
  await take.click();
  await page.getByRole("dialog").getByText("2 pictures taken").waitFor();
  await press("Done");
  await page.getByText("2 pictures.").waitFor();
  const first = page.locator(".shots img").first();
  await until("the picture", () => first.evaluate((e) => e.naturalWidth > 0));
});

await flow("inspect: a chosen file, layers, zoom by keys, why beside the nearest good patch, judging", async () => {
  await go("inspect");
  await page.locator("#product").selectOption("cloth");
  await page.locator("input[type=file]").setInputFiles(bad[0]);
  await page.locator(".verdict-line .v-NG").waitFor();
  const over = page.locator(".paper .over");
  await until("the outline", () => over.evaluate((e) => !e.hidden && e.naturalWidth > 0));
  await page.locator(".stage").focus();
  await page.keyboard.press("2");
  expect(
    (await page.getByRole("button", { name: "Heat" }).getAttribute("aria-pressed")) === "true",
    "2 does not show the heat map"
  );
  await until("the heat map", () => over.evaluate((e) => !e.hidden && e.naturalWidth > 0));
  await page.getByLabel("Opacity").fill("40");
  expect((await over.evaluate((e) => e.style.opacity)) === "0.4", "the opacity stays");
  const scale = () => page.locator(".paper").evaluate((e) => new DOMMatrix(getComputedStyle(e).transform).a);
  const before = await scale();
  await page.locator(".stage").focus();
  await page.keyboard.press("+");
  expect((await scale()) > before * 1.3, "+ does not zoom");
  await page.keyboard.press("0");
  expect(Math.abs((await scale()) - before) < 1e-6, "0 does not fit");
  const place = () =>
    page.locator(".paper").evaluate((e) => {
      const at = new DOMMatrix(getComputedStyle(e).transform);
      return { x: at.e, y: at.f };
    });
  const from = await place();
  const box = await page.locator(".stage").boundingBox();
  await page.mouse.move(box.x + 100, box.y + 100);
  await page.mouse.down();
  await page.mouse.move(box.x + 160, box.y + 130, { steps: 3 });
  await page.mouse.up();
  const to = await place();
  expect(
    Math.abs(to.x - from.x - 60) < 1 && Math.abs(to.y - from.y - 30) < 1,
    "dragging does not move the picture with the pointer"
  );
  await page.mouse.wheel(0, -300);
  expect((await scale()) > before * 1.2, "the wheel does not zoom");
  await page.getByText("Nearest good:").first().waitFor();
  await until("both crops", () =>
    page
      .locator(".pair")
      .first()
      .evaluate(
        (e) =>
          [...e.querySelectorAll("canvas")].filter(
            (c) => c.width > 0 && c.getContext("2d").getImageData(c.width / 2, c.height / 2, 1, 1).data[3] === 255
          ).length === 2
      )
  );
  await press("It is NG");
  await until("the judgement", async () => (await api("GET", "/v1/inspections?judged=NG")).inspections.length === 1);
  await shot("inspect");
});

await flow("inspect: by drop, by paste, and from the camera", async () => {
  const give = (kind, target) =>
    page.evaluate(
      async ([kind, target, bytes]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([new Uint8Array(bytes)], `${kind}.png`, { type: "image/png" }));
        const event =
          kind === "drop"
            ? new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true })
            : new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true });
        document.querySelector(target).dispatchEvent(event);
      },
      [kind, target, [...fs.readFileSync(good[0])]]
    );
  await give("drop", ".drop");
  await page.getByRole("button", { name: /OK.*drop\.png/ }).waitFor();
  await give("paste", "body");
  await page.getByRole("button", { name: /OK.*paste\.png/ }).waitFor();
  await press("Camera");
  const take = page.getByRole("button", { name: "Take a picture" });
  await until("the camera", () => take.isEnabled());
  await take.click();
  await press("Done");
  await page.getByRole("button", { name: /(NG|OK|REVIEW).*camera-/ }).waitFor();
  await page
    .locator("input[type=file]")
    .setInputFiles({ name: "no.png", mimeType: "image/png", buffer: Buffer.from("no picture") });
  await page.getByRole("button", { name: /Failed.*no\.png/ }).waitFor();
  // A name is a text, whatever is in it.
  const name = "<img src=x onerror=alert(1)>.png";
  await page.locator("input[type=file]").setInputFiles({ name, mimeType: "image/png", buffer: fs.readFileSync(good[1]) });
  await page.getByRole("button", { name: /OK.*<img src=x onerror/ }).waitFor();
  expect((await page.locator("img[src=x]").count()) === 0, "a name became an element");
});

await flow("thresholds: moving re-judges the history at once, saving changes the product and is told", async () => {
  for (const file of good.slice(0, 3)) await inspect(file);
  const was = (await api("GET", "/v1/banks/cloth")).image_threshold;
  await go("product/cloth");
  const slider = page.getByRole("slider", { name: "Threshold", exact: true }),
    ng = page.locator(".figures div", { hasText: /^NG/ }).locator("dd");
  const history = (await api("GET", "/v1/inspections/scores?bank=cloth")).scores.filter((s) => s.score !== null).length;
  await page.getByRole("img", { name: new RegExp(`Scores of ${history} inspections`) }).waitFor();
  await press("Propose from what people judged");
  await page
    .getByText(/Proposed: [0-9.]+, from 0 parts judged OK and 1 judged NG/)
    .first()
    .waitFor();
  await slider.focus();
  await page.keyboard.press("Home"); // the lowest: all are NG
  expect(
    parseInt(await ng.textContent(), 10) === history,
    `${await ng.textContent()} NG of ${history} with the lowest threshold`
  );
  await page.keyboard.press("End");
  expect(parseInt(await ng.textContent(), 10) === 0, "NG above the highest threshold");
  expect((await api("GET", "/v1/banks/cloth")).image_threshold === was, "moving alone changed the product");
  await page.getByLabel("Let a person look at scores just below").check();
  await page.getByRole("slider", { name: "REVIEW from" }).focus();
  await page.keyboard.press("Home");
  await press("Save");
  const now = await until("the saved threshold", async () => {
    const bank = await api("GET", "/v1/banks/cloth");
    return bank.review && bank;
  });
  expect(now.review[1] > was && now.review[0] < was, `the band is ${now.review}`);
  await page
    .locator("section", { has: page.getByRole("heading", { name: "Changes" }) })
    .locator("tbody tr")
    .first()
    .waitFor();
  await inspect(good[0]); // which is REVIEW now
});

await flow("live: an inspection comes in by itself, with counts, NG strip and charts", async () => {
  await go("live");
  await page.getByText("Connected").waitFor();
  await page.locator("#product").selectOption("cloth");
  const dd = page.locator(".counter", { hasText: "REVIEW" }).locator("dd");
  await until("counts", async () => Number(await dd.textContent()) > 0);
  const before = Number(await dd.textContent());
  await inspect(good[1]);
  await until("the count of the new one", async () => Number(await dd.textContent()) === before + 1);
  await page.locator(".last-verdict.v-REVIEW").waitFor();
  await page.getByRole("img", { name: /inspections in all, yield/ }).waitFor();
  await page.getByRole("img", { name: /Median of the scores/ }).waitFor();
  await page.locator(".strip .shot").first().click();
  await page.getByRole("dialog", { name: "Inspection" }).waitFor();
  await page.keyboard.press("Escape");
  await shot("live");
});

await flow("operator view: one big verdict, none without a connection", async () => {
  await go("operator");
  await page.locator("#product").selectOption("cloth");
  await page.locator(".operator.v-REVIEW .big", { hasText: "REVIEW" }).waitFor();
  const tall = await page.locator(".operator .big strong").evaluate((e) => parseFloat(getComputedStyle(e).fontSize));
  expect(tall >= 120, `the verdict is ${tall} pixels tall`);
  await shot("operator");
  await server.stop();
  await page.locator(".operator.v-NO_CONNECTION", { hasText: "NO CONNECTION" }).waitFor();
  expect(
    (await page.locator(".operator .big", { hasText: /^(OK|REVIEW|NG)$/ }).count()) === 0,
    "a verdict is shown without a connection"
  );
  server = await serve("banks", "--listen", base.replace("http://", ""), "--line", line);
  await page.locator(".operator.v-REVIEW").waitFor();
});

await flow("line: its sources and sinks, and a picture that comes in by it", async () => {
  await go("live");
  const gate = page.getByRole("region", { name: "Sources" }).getByRole("row", { name: /gate/ });
  await gate.getByText("running").waitFor();
  await page.getByText("Judged by cloth, recipe 1.").waitFor();
  await api("POST", "/v1/sources/gate", fs.readFileSync(bad[1]), "image/png");
  await page.locator(".last-verdict", { hasText: "cloth" }).waitFor();
  await until("the frame's count", async () => /1/.test(await gate.getByRole("cell").nth(3).textContent()));
  await page.getByLabel("Recipe number").fill("7");
  await press("Set recipe");
  await page
    .getByText(/7.*recipe|recipe.*7/i)
    .first()
    .waitFor(); // there is none of that number, which is told
});

await flow("review: judging by keys, undoing, learning the corrections", async () => {
  await go("review");
  await until("the product of before", async () => (await page.locator("#product").inputValue()) === "cloth");
  const queue = async () => (await api("GET", "/v1/inspections?bank=cloth&verdict=REVIEW&judged=none")).inspections.length;
  const all = await queue();
  await page.getByText(`${all} to judge`).waitFor();
  await page.keyboard.press("o");
  await page.getByText(all > 1 ? `${all - 1} to judge` : "Nothing waits for a person.").waitFor();
  expect((await queue()) === all - 1, "the server has no judgement");
  await page.keyboard.press("u");
  await page.getByText(`${all} to judge`).waitFor();
  await page.keyboard.press("o");
  const learn = page.getByRole("button", { name: "Learn 1 part as good" });
  await learn.click();
  await page.locator(".progress", { hasText: "Done" }).waitFor({ timeout: 60000 });
  await page.route("**/v1/banks/cloth", async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: { ...(await response.json()), regions: 1 } });
  });
  await go("");
  await go("review");
  await page.getByText("A product with regions learns no more pictures").waitFor();
  expect((await page.getByRole("button", { name: /^Learn / }).count()) === 0, "a product with regions is offered to learn");
  await page.unroute("**/v1/banks/cloth");
});

await flow("history: filters, a record large, CSV", async () => {
  await go("history");
  await page.locator("tbody tr").first().waitFor();
  await page.getByLabel("Verdict").selectOption("NG");
  await until(
    "only NG",
    async () => (await page.locator("tbody tr:not(.row-NG)").count()) === 0 && (await page.locator("tbody tr").count()) > 0
  );
  await page.locator("tbody .link").first().click();
  await page.getByRole("dialog", { name: "Inspection" }).waitFor();
  await until("the picture", () =>
    page
      .locator("dialog .paper img")
      .first()
      .evaluate((e) => e.naturalWidth > 0)
  );
  await page.keyboard.press("Escape");
  const [file] = await Promise.all([page.waitForEvent("download"), press("Download as CSV")]);
  const lines = fs
    .readFileSync(await file.path(), "utf8")
    .trim()
    .split("\n");
  expect(
    lines.length === 1 + (await page.locator("tbody tr").count()) && /verdict/.test(lines[0]),
    `the CSV has ${lines.length} lines`
  );
});

await flow("products: overview, rename, bin and restore", async () => {
  await go("");
  await page.getByRole("heading", { name: "cloth" }).getByRole("link").click();
  await press("Rename");
  await page.getByRole("dialog").getByLabel("Name").fill("linen");
  await page.getByRole("dialog").getByRole("button", { name: "Rename" }).click();
  await page.getByRole("heading", { name: "linen", level: 1 }).waitFor();
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByText("Bin: 1 product").click();
  await press("Restore");
  await page.getByRole("heading", { name: "linen" }).waitFor();
});

await flow(
  "everybody can use every view: names, contrast, nothing wider than the window, in both languages and colours",
  async () => {
    const found = [];
    for (const [width, colorScheme, locale] of [
      [1400, "light", "en-GB"],
      [800, "dark", "ko-KR"]
    ]) {
      page = await open(base, { viewport: { width, height: 1000 }, colorScheme, locale });
      for (const view of ["", "teach", "inspect", "live", "review", "history", "users", "product/linen", "operator"]) {
        await go(view);
        await page.waitForLoadState("networkidle", { timeout: 300 }).catch(() => {}); // the stream of events never ends
        for (const fault of await page.evaluate(faults))
          found.push(`${view || "overview"} ${width} ${colorScheme} ${locale}: ${fault}`);
        const language = await page.evaluate(() => document.documentElement.lang);
        if (language !== locale.slice(0, 2)) found.push(`the page is in ${language} for ${locale}`);
      }
      await page.context().close();
    }
    page = await open(base);
    expect(!found.length, found.join("\n"));
  }
);

await flow("keyboard: skip link, menu, and a dialog that gives the focus back", async () => {
  await go("history");
  await page.locator("tbody tr").first().waitFor();
  await page.reload();
  await page.locator("tbody tr").first().waitFor();
  await page.keyboard.press("Tab");
  expect((await page.evaluate(() => document.activeElement.id)) === "skip", "the first stop is not the skip link");
  await page.keyboard.press("Enter");
  expect((await page.evaluate(() => document.activeElement.id)) === "main", "the skip link leads elsewhere");
  await page.locator("tbody .link").first().focus();
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  expect(
    await page.evaluate(() => document.querySelector("dialog").contains(document.activeElement)),
    "the focus is not in the dialog"
  );
  await page.keyboard.press("Escape");
  expect((await page.evaluate(() => document.activeElement.className)) === "link", "the focus is lost");
});

await flow("users: signing in, a user whose token is told once, what an operator may see", async () => {
  const { url, said } = await serve("guarded", "--listen", "127.0.0.1:0", "--token-file", path.join(work, "tokens"));
  const token = /[A-Za-z0-9_-]{30,}/.exec(said)?.[0];
  expect(token, `the first token is not told: ${said}`);
  page = await open(url);
  await page.goto(`${url}/#/users`);
  await page.getByLabel("Token").fill("wrong");
  await press("Sign in");
  await page.getByText("The server does not know this token.").waitFor();
  await page.getByLabel("Token").fill(token);
  await press("Sign in");
  await page.getByRole("heading", { name: "Users", level: 1 }).waitFor();
  await page.getByLabel("Name").fill("kim");
  await page.getByLabel("Role").selectOption("operator");
  await press("Add a user");
  const theirs = await page.getByRole("dialog").getByLabel("Token").inputValue();
  expect(theirs.length >= 20, "no token is told");
  await page.keyboard.press("Escape");
  await page.getByRole("cell", { name: "kim", exact: true }).waitFor();
  await page.getByRole("button", { name: /Sign out/ }).click();
  await page.getByLabel("Token").fill(theirs);
  await press("Sign in");
  await page.getByText("This needs the role Administrator.").waitFor();
  expect((await page.getByRole("link", { name: "Teach" }).count()) === 0, "an operator is offered to teach");
});

await browser.close();
await server.stop();
console.log(`1..${count}`);
process.exit(failed ? 1 : 0);
