// Gives the visitor a file.

const PATIENCE = 60_000; // milliseconds in which the browser must have begun to write it

/** Let the browser save a blob under a name. */
export function download(content, name) {
  const url = URL.createObjectURL(content);
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), PATIENCE);
}
