// Puts the files that the package ships beside its pages into vendor/.
// Runs after `npm ci --prefix src/signnet/web`; nothing else of node_modules is shipped.
import { copyFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const font = join(here, "node_modules", "@fontsource", "noto-sans-bengali");
const files = {
  "noto-sans-bengali-400.woff2": "files/noto-sans-bengali-bengali-400-normal.woff2",
  "noto-sans-bengali.LICENSE.txt": "LICENSE",
};

mkdirSync(join(here, "vendor"), { recursive: true });
for (const [name, source] of Object.entries(files)) {
  copyFileSync(join(font, source), join(here, "vendor", name));
}
