// Puts the files that the package ships beside its pages into vendor/.
// Runs after `npm ci --prefix src/signnet/web`; nothing else of node_modules is shipped.
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const vendor = join(here, "vendor");

const files = {
  "noto-sans-bengali-400.woff2":
    "@fontsource/noto-sans-bengali/files/noto-sans-bengali-bengali-400-normal.woff2",
  "noto-sans-bengali-600.woff2":
    "@fontsource/noto-sans-bengali/files/noto-sans-bengali-bengali-600-normal.woff2",
  "noto-sans-bengali.LICENSE.txt": "@fontsource/noto-sans-bengali/LICENSE",
  "vision_bundle.mjs": "@mediapipe/tasks-vision/vision_bundle.mjs",
  "vision_wasm_internal.js": "@mediapipe/tasks-vision/wasm/vision_wasm_internal.js",
  "vision_wasm_internal.wasm": "@mediapipe/tasks-vision/wasm/vision_wasm_internal.wasm",
  "ort.wasm.bundle.min.mjs": "onnxruntime-web/dist/ort.wasm.bundle.min.mjs",
  "ort-wasm-simd-threaded.wasm": "onnxruntime-web/dist/ort-wasm-simd-threaded.wasm",
  "Apache-2.0.LICENSE.txt": "flatbuffers/LICENSE", // tasks-vision ships no text of its licence
};

// Their packages carry no licence text or name it only in package.json.
const notices = {
  "@mediapipe/tasks-vision": "The MediaPipe Authors; Apache-2.0.LICENSE.txt has the text.",
  "onnxruntime-web": "Copyright (c) Microsoft Corporation; the MIT licence.",
  "@fontsource/noto-sans-bengali": "noto-sans-bengali.LICENSE.txt has the text.",
};

function notice(name) {
  const { version, license } = JSON.parse(
    readFileSync(join(modules, name, "package.json"), "utf8"),
  );
  return `${name} ${version} (${license}): ${notices[name]}\n`;
}

mkdirSync(vendor, { recursive: true });
for (const [name, source] of Object.entries(files)) {
  copyFileSync(join(modules, source), join(vendor, name));
}
writeFileSync(join(vendor, "THIRD-PARTY.txt"), Object.keys(notices).map(notice).join(""));
