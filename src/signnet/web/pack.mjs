// Puts the engine into a new folder as the npm package signnet: node pack.mjs OUT
//
// The package holds every module that the door (engine/index.js) reaches, the programs that
// run in them, types, a README and an example. Version and licence are those of pyproject.toml.
import { createHash } from "node:crypto";
import { copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "..", "..", "..");

const DOOR = "engine/index.js";
const WORKERS = ["capture/tracker.worker.js", "capture/carry.js", "recognise/recogniser.worker.js"];
const VENDOR = [
  "vision_bundle.mjs",
  "vision_wasm_internal.js",
  "ort.wasm.bundle.min.mjs",
  "Apache-2.0.LICENSE.txt",
];
const PROGRAMS = { tracker: "vision_wasm_internal.wasm", runtime: "ort-wasm-simd-threaded.wasm" };
const FONT = /^@fontsource.*\n/gm; // the package holds no font

/** List modules of the page and those that they import, one by one or through others. */
function closureOf(files) {
  const found = new Set();
  const follow = (file) => {
    if (found.has(file) || file.startsWith("vendor/")) return;
    found.add(file);
    const code = readFileSync(join(here, "page", file), "utf8");
    for (const [, address] of code.matchAll(/from "(\.[^"]+)"/g))
      follow(posix.join(posix.dirname(file), address));
  };
  files.forEach(follow);
  return [...found].sort();
}

/** Give a text field of the first table [project] of pyproject.toml. */
function projectField(name) {
  const text = readFileSync(join(root, "pyproject.toml"), "utf8").split("[project]\n")[1];
  return new RegExp(`^${name} = "(.+)"$`, "m").exec(text)[1];
}

function copy(from, to) {
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}

/** Describe a program as files.json of a site does; the engine finds it there. */
function describe(name) {
  const content = readFileSync(join(here, "vendor", name));
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { path: `vendor/${name}`, bytes: content.length, sha256 };
}

function describePackage() {
  const door = { types: "./signnet.d.ts", default: `./${DOOR}` };
  return {
    name: projectField("name"),
    version: projectField("version"),
    description: "Sign recognition in the browser: models of signnet, taught and live",
    license: projectField("license"),
    keywords: ["sign language", "BdSL", "MediaPipe", "landmarks", "recognition"],
    type: "module",
    exports: { ".": door, "./package.json": "./package.json" },
    types: door.types,
    sideEffects: false,
  };
}

const out = process.argv[2];
if (!out) throw new Error("say where to: node pack.mjs OUT");
if (existsSync(out)) throw new Error(`${out} exists already; choose a new folder`);
for (const file of closureOf([DOOR, ...WORKERS])) copy(join(here, "page", file), join(out, file));
for (const name of [...VENDOR, ...Object.values(PROGRAMS)])
  copy(join(here, "vendor", name), join(out, "vendor", name));
const notices = readFileSync(join(here, "vendor", "THIRD-PARTY.txt"), "utf8").replace(FONT, "");
writeFileSync(join(out, "vendor", "THIRD-PARTY.txt"), notices);
const large = Object.entries(PROGRAMS).map(([name, file]) => [name, describe(file)]);
const write = (name, content) =>
  writeFileSync(join(out, name), `${JSON.stringify(content, null, 2)}\n`);
write("files.json", { large: Object.fromEntries(large) });
write("package.json", describePackage());
copyFileSync(join(root, "LICENSE"), join(out, "LICENSE"));
cpSync(join(here, "npm"), out, { recursive: true });
