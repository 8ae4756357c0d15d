// Installs the packages when the lock file has changed, builds the pages when a source has, and never twice at once: several builds of the server
// (engines, configurations, test projects) may come here together.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL(".", import.meta.url));
const obj = join(root, "obj");
const lock = join(obj, "build.lock");
const stamp = join(obj, "web.stamp");
const installed = join(obj, "install.stamp");
const page = join(root, "dist", "demo", "index.html");
const waitMs = 10 * 60_000;

try {
  main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

function main() {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) throw new Error(`The web pages need Node.js 20.19 or newer; ${process.execPath} is ${process.versions.node}.`);
  mkdirSync(obj, { recursive: true });
  acquire();
  try {
    if (isCurrent()) touch();
    else build();
  } finally {
    rmSync(lock, { force: true });
  }
}

function build() {
  const packages = createHash("sha256").update(readFileSync(join(root, "package-lock.json"))).digest("hex");
  if (!existsSync(join(root, "node_modules")) || textOf(installed) !== packages) {
    rmSync(installed, { force: true });
    npm("ci", "--no-audit", "--no-fund");
    writeFileSync(installed, packages);
  }
  const begun = new Date();
  npm("run", "build");
  writeFileSync(stamp, `${begun.toISOString()}\n`);
}

/** Whether another process has built what is here now, while this one waited. */
function isCurrent() {
  if (!existsSync(stamp) || !existsSync(page)) return false;
  const built = Date.parse(textOf(stamp).trim());
  return newestSource() < built;
}

/** MSBuild compares times: what is current must also be newer. */
function touch() {
  const now = new Date();
  for (const file of [stamp, page]) utimesSync(file, now, now);
}

function newestSource() {
  const files = ["package.json", "package-lock.json", "vite.config.ts", "build.mjs"].map((name) => join(root, name));
  for (const folder of ["client", "demo"]) {
    for (const entry of readdirSync(join(root, folder), { recursive: true })) files.push(join(root, folder, String(entry)));
  }
  return Math.max(...files.map((file) => statSync(file).mtimeMs));
}

function npm(...args) {
  const { status } = spawnSync("npm", args, { cwd: root, stdio: "inherit", shell: process.platform === "win32" });
  if (status !== 0) throw new Error(`npm ${args.join(" ")} failed in src/Rcc.Web.`);
}

/** Waits for the lock; a lock whose process is gone was left by a build that was killed. */
function acquire() {
  const giveUpAt = Date.now() + waitMs;
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    const holder = Number(textOf(lock));
    if (holder > 0 && !isAlive(holder)) rmSync(lock, { force: true });
    else if (Date.now() > giveUpAt) throw new Error(`Another build of the web pages (process ${holder}) has not ended for ten minutes; if there is none, remove ${lock}.`);
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

function textOf(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
