// The whole product in Debian's chromium: every office page looked over at phone and desktop width
// (accessibility, nothing wider than the screen, nothing refused by the content policy), and the
// loop of a new user from the first page to a printed report, with and without JavaScript.
//
//   node run.mjs BINARY                      run everything
//   node run.mjs BINARY --screenshots DIR    and keep pictures of the demo's pages in DIR
//                      (--full: of their whole length)
//   node run.mjs BINARY --only pages|plan|loop    run a part

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, mkdirSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";
import { lookOver, memberAnswers, newUser, openDemo, planDemo } from "./steps.mjs";

const [binary, ...rest] = process.argv.slice(2);
const option = (name) => (rest.includes(name) ? rest[rest.indexOf(name) + 1] : undefined);
const screenshots = option("--screenshots");
const only = option("--only");
const whole = rest.includes("--full");
if (screenshots) mkdirSync(screenshots, { recursive: true });

/** Widths of an old phone and of an office screen. */
const sizes = [
  { name: "phone", viewport: { width: 360, height: 740 } },
  { name: "desktop", viewport: { width: 1366, height: 768 } },
];

/** Starts the program on a fresh data folder and waits until it answers. */
async function serve(words, base) {
  const folder = mkdtempSync(join(tmpdir(), "lantoa-browser-"));
  const port = base + Math.floor(Math.random() * 4000);
  const args = [...words, "--data", folder, "--listen", `127.0.0.1:${port}`, "--log", "warn"];
  const program = spawn(resolve(binary), args, { stdio: ["ignore", "ignore", "inherit"] });
  const address = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries += 1) {
    const answer = await fetch(`${address}/readyz`).catch(() => undefined);
    if (answer?.ok) break;
    if (tries > 600 || program.exitCode !== null) throw new Error(`${args.join(" ")}: no answer`);
    await new Promise((again) => setTimeout(again, 100));
  }
  const stop = async () => {
    program.kill("SIGTERM");
    await new Promise((gone) => program.once("exit", gone));
    rmSync(folder, { recursive: true, force: true });
    if (program.exitCode !== 0) throw new Error(`the program ended with ${program.exitCode}`);
  };
  return { address, stop };
}

const path = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((place) => existsSync(place));
const browser = await chromium.launch({ executablePath: path, args: ["--no-sandbox"] });
let failed = 0;

/** Runs one check and says how it went. */
async function check(name, act) {
  try {
    await act();
    console.log(`ok    ${name}`);
  } catch (fault) {
    failed += 1;
    console.log(`FAIL  ${name}\n      ${String(fault.message ?? fault).replaceAll("\n", "\n      ")}`);
  }
}

try {
  if (only === undefined || only === "pages") {
    const demo = await serve(["demo"], 21000);
    for (const size of sizes) await lookOver({ browser, address: demo.address, size, check, screenshots, whole });
    await check("a member answers on a phone without JavaScript", () =>
      memberAnswers({ browser, address: demo.address, size: sizes[0] }),
    );
    await demo.stop();
  }
  if (only === undefined || only === "plan") {
    const demo = await serve(["demo"], 31000);
    for (const [size, javaScriptEnabled] of [[sizes[0], true], [sizes[1], false], [sizes[1], true]]) {
      const way = `${size.name}, ${javaScriptEnabled ? "with" : "without"} JavaScript`;
      await check(`a new user gets an accepted timetable and repairs a lost Sunday (${way})`, () =>
        planDemo({ browser, address: demo.address, size, javaScriptEnabled }),
      );
    }
    await demo.stop();
  }
  if (only === undefined || only === "loop") {
    const empty = await serve([], 26000);
    await check("the first page of an empty installation opens the demo", () =>
      openDemo({ browser, address: empty.address }),
    );
    await empty.stop();
    for (const size of sizes) {
      for (const javaScriptEnabled of [true, false]) {
        const empty = await serve([], 26000);
        const way = `${size.name}, ${javaScriptEnabled ? "with" : "without"} JavaScript`;
        await check(`a new user gets from the first page to a printed report (${way})`, () =>
          newUser({ browser, address: empty.address, size, javaScriptEnabled }),
        );
        await empty.stop();
      }
    }
  }
} finally {
  await browser.close();
}
console.log(failed === 0 ? "all is well" : `${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
