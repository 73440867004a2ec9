// What the page asks of the device itself: to save a file, to remember a choice, to log.

const PATIENCE = 60_000; // milliseconds in which the browser must have begun to write a file

/** Let the browser save a blob under a name. */
export function download(content, name) {
  const url = URL.createObjectURL(content);
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), PATIENCE);
}

/** Give what `remember` stored under a key, on an earlier visit perhaps; null for nothing. */
export function recall(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null; // storage may be forbidden, or damaged
  }
}

/** Store a value, as long as the browser keeps it. */
export function remember(key, value) {
  try {
    localStorage.setItem(key, JSON.stringify(value));
  } catch {
    // it then lasts as long as the page
  }
}

/** Write an error to the browser's console, for the person who runs the page. */
export function logError(error) {
  console.info(`signnet: ${error.code ?? error.name}: ${error.message}`);
}
