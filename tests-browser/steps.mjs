// What is looked at and done in the browser.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Password of the demo's accounts. */
const DEMO_PASSWORD = "lantoa-demo";

/** Signs in at the sign-in page. */
export async function signIn(page, address, name, password) {
  await page.goto(`${address}/sign-in`);
  await page.fill("[name=name]", name);
  await page.fill("[name=password]", password);
  await page.click("main form button");
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}

/** Fails where the page is not fit for everyone, or does not fit the screen, or shows a bare key. */
export async function fit(page) {
  const faults = [];
  const wide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  if (wide > 0) {
    const widest = await page.evaluate(() => {
      const edge = document.documentElement.clientWidth;
      const inScroll = (e) => e.closest(".scroll");
      const found = [...document.querySelectorAll("main *")].find(
        (e) => e.getBoundingClientRect().right > edge + 1 && !inScroll(e),
      );
      return found ? found.outerHTML.slice(0, 120) : "?";
    });
    faults.push(`${wide} px wider than the screen: ${widest}`);
  }
  const text = await page.evaluate(() => document.body.innerText);
  const bare = text.match(/⟦[^⟧]*⟧/);
  if (bare) faults.push(`a text is missing: ${bare[0]}`);
  // Evaluated from outside: the page's own content policy forbids scripts written into it.
  await page.evaluate(axe);
  const result = await page.evaluate(() =>
    window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"] }),
  );
  for (const violation of result.violations) {
    const where = violation.nodes.slice(0, 3).map((node) => node.html.slice(0, 140));
    faults.push(`${violation.id}: ${violation.help}\n  ${where.join("\n  ")}`);
  }
  if (faults.length > 0) throw new Error(faults.join("\n"));
}

/** Follows the first link in `main` whose address matches. */
async function first(page, address, list, pattern) {
  await page.goto(address + list);
  const hrefs = await page.$$eval("main a", (links) => links.map((a) => a.getAttribute("href")));
  const found = hrefs.find((href) => pattern.test(href));
  if (!found) throw new Error(`no link ${pattern} on ${list}`);
  return found;
}

/** Looks over every kind of page of the demo. */
export async function lookOver({ browser, address, size, check, screenshots, whole }) {
  const context = await browser.newContext({ viewport: size.viewport, locale: "vi-VN" });
  const page = await context.newPage();
  const complaints = [];
  page.on("console", (line) => {
    if (line.type() === "error") complaints.push(line.text());
  });
  page.on("pageerror", (fault) => complaints.push(String(fault)));

  const look = (name, path) =>
    check(`${name} is fit for everyone (${size.name})`, async () => {
      complaints.length = 0;
      const answer = await page.goto(address + path);
      if (answer.status() !== 200) throw new Error(`${path}: ${answer.status()}`);
      if (screenshots) {
        await page.screenshot({ path: join(screenshots, `${name}-${size.name}.png`), fullPage: whole });
      }
      await fit(page);
      if (complaints.length > 0) throw new Error(complaints.join("\n"));
    });

  await look("sign-in", "/sign-in");
  await signIn(page, address, "canbo.vuban", DEMO_PASSWORD);
  const id = "[0-9a-f-]{36}";
  const run = await first(page, address, "/activities?kind=mobile_run", new RegExp(`^/activities/${id}$`));
  const pages = [
    ["board", "/"],
    ["coverage", "/coverage"],
    ["campaigns", "/campaigns"],
    ["campaign", await first(page, address, "/campaigns", new RegExp(`^/campaigns/${id}$`))],
    ["campaign-new", "/campaigns/new"],
    ["plan-inputs", (await first(page, address, "/campaigns", new RegExp(`^/campaigns/${id}$`))) + "/plan"],
    ["plan-clear", (await first(page, address, "/campaigns", new RegExp(`^/campaigns/${id}$`))) + "/activities/clear"],
    ["activities", "/activities"],
    ["activity", await first(page, address, "/activities", new RegExp(`^/activities/${id}$`))],
    ["activity-new", "/activities/new"],
    ["run-activity", run],
    ["run", `${run}/run`],
    ["run-stop", await first(page, address, `${run}/run`, new RegExp(`/run/stops/${id}/edit$`))],
    ["run-sheet", `${run}/run-sheet`],
    ["calendar-month", "/calendar"],
    ["calendar-week", "/calendar?view=week"],
    ["calendar-day", "/calendar?view=day&day=2023-09-16"],
    ["calendar-agenda", "/calendar?view=agenda"],
    ["conflicts", "/calendar/conflicts"],
    ["roster", await first(page, address, "/rosters", new RegExp(`^/activities/${id}/roster$`))],
    ["attendance", await first(page, address, "/rosters?show=attendance", new RegExp(`^/activities/${id}/roster$`))],
    ["rosters-gaps", "/rosters"],
    ["rosters-answers", "/rosters?show=answers"],
    ["rosters-attendance", "/rosters?show=attendance"],
    ["rosters-phone", "/rosters?show=phone"],
    ["encounters", "/encounters"],
    ["encounter", await first(page, address, "/encounters", new RegExp(`^/encounters/${id}$`))],
    ["encounter-new", "/encounters/new"],
    ["units", "/units"],
    ["unit", await first(page, address, "/units", new RegExp(`^/units/${id}$`))],
    ["opening", (await first(page, address, "/units", new RegExp(`^/units/${id}$`))) + "/opening"],
    ["hours", (await first(page, address, "/units", new RegExp(`^/units/${id}$`))) + "/hours/loudspeaker"],
    ["closed-new", (await first(page, address, "/units", new RegExp(`^/units/${id}$`))) + "/closed/new"],
    ["hamlets", "/hamlets"],
    ["hamlet-new", "/hamlets/new"],
    ["venues", "/venues"],
    ["venue", await first(page, address, "/venues", new RegExp(`^/venues/${id}$`))],
    ["teams", "/teams"],
    ["members", "/members"],
    ["assets", "/assets"],
    ["catalogue", "/catalogue"],
    ["topics", await first(page, address, "/catalogue", new RegExp(`^/catalogue/lists/`))],
    ["reports", "/reports"],
    ["report", await first(page, address, "/reports", new RegExp(`^/reports/${id}$`))],
    ["exchange", "/exchange"],
    ["trash", "/trash"],
    ["me", "/me"],
    ["feeds", "/me/feeds"],
  ];
  for (const [name, path] of pages) await look(name, path);
  await context.clearCookies();
  await signIn(page, address, "quantri", DEMO_PASSWORD);
  for (const [name, path] of [
    ["accounts", "/accounts"],
    ["account-new", "/accounts/new"],
    ["account-member", `${await first(page, address, "/accounts", new RegExp(`^/accounts/${id}$`))}/member`],
    ["reminders", "/rosters/reminders"],
    ["audit", "/audit"],
  ]) {
    await look(name, path);
  }
  await context.clearCookies();
  await signIn(page, address, "thanhvien.quangtrung", DEMO_PASSWORD);
  await look("board-member", "/");
  await look("my-work", "/my-work");
  await look("notices", "/notices");
  await look("availability", "/availability");
  await context.close();
}

/** Fills in fields by name. */
async function fill(page, fields) {
  for (const [name, value] of Object.entries(fields)) {
    const field = page.locator(`main form [name="${name}"]`).first();
    if ((await field.evaluate((e) => e.tagName)) === "SELECT") await field.selectOption(value);
    else await field.fill(value);
  }
}

/** Does what leads to another page, and waits until that is there. */
async function going(page, act) {
  await Promise.all([page.waitForEvent("framenavigated", { timeout: 10_000 }), act()]);
  await page.waitForLoadState("load");
}

/** Sends the page's form and fails with what it says where it was refused. */
async function send(page) {
  await going(page, () => page.click("main form.entry .actions button"));
  const refused = await page.$$eval("main .refused, main .error", (all) => all.map((e) => e.innerText));
  if (refused.length > 0) throw new Error(`${page.url()}: ${refused.join(" / ")}`);
}

/** Follows a link or button by its words. */
async function follow(page, words) {
  await going(page, () =>
    page.locator("main a, main button").filter({ hasText: words, visible: true }).first().click(),
  );
}

/** Opens a place of the menu, which is folded on a phone. */
async function open(page, words) {
  const fold = page.locator("details.places-fold");
  if (!(await fold.evaluate((e) => e.open))) await fold.locator("summary").click();
  await going(page, () => page.locator("nav.places a").getByText(words, { exact: true }).click());
}

/** Fails unless the page shows these words. */
async function shows(page, words) {
  const text = await page.evaluate(() => document.querySelector("main").innerText);
  if (!text.includes(words)) throw new Error(`${page.url()} does not show "${words}":\n${text.slice(0, 1500)}`);
}

/** A new user, from the first page of an empty installation to a printed report. */
export async function newUser({ browser, address, size, javaScriptEnabled }) {
  const context = await browser.newContext({ viewport: size.viewport, locale: "vi-VN", javaScriptEnabled });
  const page = await context.newPage();
  const look = async () => {
    if (javaScriptEnabled) await fit(page);
  };
  await page.goto(address);
  await look();
  await follow(page, "Tìm đơn vị của tôi");
  await page.fill("[name=q]", "hien khanh");
  await page.click("main form button");
  await look();
  await follow(page, "Xã Hiển Khánh");
  await fill(page, {
    display_name: "Trần Thị Thử",
    sign_in_name: "thu",
    new: "mật khẩu để thử",
    again: "mật khẩu để thử",
  });
  await look();
  await send(page);
  await fill(page, { name: "thu", password: "mật khẩu để thử" });
  await page.click("main form button");
  await page.waitForURL(/start\/next/);
  await look();
  await follow(page, "Thêm thôn, xóm");
  await fill(page, { code: "01", kind: "thon", name: "Thôn Thử", households: "120", population: "480", adults: "350" });
  await look();
  await send(page);
  await open(page, "Đợt tuyên truyền");
  await follow(page, "Đợt cao điểm hai tháng");
  await look();
  await fill(page, { name: "Đợt thử của người mới" });
  await send(page);
  await shows(page, "Đợt thử của người mới");
  await look();
  await follow(page, "Thêm hoạt động");
  await fill(page, { kind: "hall_evening", title: "Tối nhà văn hóa", from: "00:00", to: "00:10" });
  await page.locator("main form [name=unit]").selectOption({ label: await page
    .locator("main form [name=unit] option").filter({ hasText: "Thôn Thử" }).innerText() });
  // Midnight is outside the allowed hours: it is said, and a reason lets it stand.
  await going(page, () => page.click("main form.entry .actions button"));
  await shows(page, "ngoài giờ được phép");
  await look();
  await fill(page, { clash_reason: "Chỉ để thử" });
  await send(page);
  await shows(page, "Chỉ để thử");
  await shows(page, "Tối nhà văn hóa");
  await fill(page, { state: "held", headcount: "25" });
  await send(page);
  await shows(page, "Đã tổ chức");
  await follow(page, "Ghi lượt hướng dẫn");
  const numbers = ["0912 345 678", "0987654321", "036 099 123 456"];
  for (const number of numbers) {
    await look();
    await fill(page, { person: number });
    const topic = page.locator('main form [name="topic"]').first();
    if (!(await topic.isChecked())) await topic.check();
    // As a practised clerk does: the number, then Enter.
    await going(page, () => page.locator("main form [name=person]").press("Enter"));
    await shows(page, "Đã ghi");
  }
  await page.goto(address);
  await shows(page, "3 / 350");
  await look();
  await open(page, "Độ phủ");
  await shows(page, "3 / 350");
  await open(page, "Báo cáo");
  await follow(page, "Đợt thử của người mới");
  await shows(page, "3 người trên 350");
  await look();
  const href = await page.locator("main a").filter({ hasText: "PDF" }).getAttribute("href");
  const pdf = await context.request.get(address + href);
  const bytes = await pdf.body();
  if (pdf.status() !== 200 || bytes.subarray(0, 5).toString() !== "%PDF-") throw new Error("no PDF");
  await context.close();
}

/** Waits until a search has ended; its page looks again by itself, with and without JavaScript. */
async function searched(page) {
  await page.waitForSelector("main:not([data-refresh]) .tiles", { timeout: 60_000 });
}

/**
 * From the demo's campaign with its activities removed to an accepted timetable, then a lost
 * Sunday repaired: a new user has five minutes for the first part.
 */
export async function planDemo({ browser, address, size, javaScriptEnabled }) {
  const began = Date.now();
  const context = await browser.newContext({ viewport: size.viewport, locale: "vi-VN", javaScriptEnabled });
  const page = await context.newPage();
  const look = async () => {
    if (javaScriptEnabled) await fit(page);
  };
  await signIn(page, address, "canbo.vuban", DEMO_PASSWORD);
  await open(page, "Đợt tuyên truyền");
  await follow(page, "Đợt cao điểm tuyên truyền");
  const campaign = page.url();
  await follow(page, "Bỏ các hoạt động dự kiến");
  await look();
  await page.check("main form [name=confirmed]");
  await send(page);
  await shows(page, "Sẽ xếp");
  await look();
  await going(page, () => page.locator("main form.entry button").first().click());
  await look();
  await searched(page);
  const plan = page.url().split("?")[0];
  for (const view of ["calendar", "vehicles", "teams", "map", "list"]) {
    await page.goto(`${plan}?view=${view}`);
    await look();
  }
  await page.goto(`${plan}?view=list&vehicle=0`);
  await follow(page, "Xóm");
  await shows(page, "Vì sao ngày này?");
  await look();
  await page.goto(plan);
  await follow(page, "Nếu thêm hoặc bớt");
  await look();
  await page.goto(plan);
  await follow(page, "Đưa vào lịch hoạt động");
  await look();
  await send(page);
  await shows(page, "Lịch này đã đưa vào lịch hoạt động");
  if (Date.now() - began > 300_000) throw new Error("more than five minutes");
  await follow(page, "Có gì thay đổi?");
  await look();
  await fill(page, { from: "2023-09-24" });
  await going(page, () => page.click("main form.entry .actions button"));
  await searched(page);
  await shows(page, "Không tổ chức ngày 24/09/2023");
  await shows(page, "Cũ và mới");
  await look();
  await page.goto(`${campaign}/plan`);
  await shows(page, "Đã đưa vào lịch");
  await look();
  await context.close();
}

/** From the first page into the demo, and on to its board. */
export async function openDemo({ browser, address }) {
  const context = await browser.newContext({ locale: "vi-VN" });
  const page = await context.newPage();
  await page.goto(address);
  await Promise.all([
    page.waitForURL(/sign-in/, { timeout: 120_000 }),
    page.locator("main button").filter({ hasText: "Mở bản dùng thử" }).click(),
  ]);
  await shows(page, "canbo.vuban");
  await signIn(page, address, "canbo.vuban", DEMO_PASSWORD);
  await shows(page, "Bản đồ độ phủ");
  await context.close();
}

/** A member of the demo answers for themselves on a phone without JavaScript. */
export async function memberAnswers({ browser, address, size }) {
  const context = await browser.newContext({ viewport: size.viewport, locale: "vi-VN", javaScriptEnabled: false });
  const page = await context.newPage();
  await signIn(page, address, "thanhvien.quangtrung", DEMO_PASSWORD);
  await page.goto(`${address}/my-work`);
  const waiting = await page.locator("main button").filter({ hasText: "Tôi đi được" }).count();
  if (waiting === 0) throw new Error("no work of the member waits for an answer");
  await follow(page, "Tôi đi được");
  const left = await page.locator("main button").filter({ hasText: "Tôi đi được" }).count();
  if (left !== waiting - 1) throw new Error(`${left} of ${waiting} still wait`);
  await page.locator("main .card summary").first().click();
  await follow(page, "Ốm");
  await shows(page, "Không đi được");
  await context.close();
}
