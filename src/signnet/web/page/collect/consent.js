// The consent that a signer gives: a text in a stated version, so that it can be shown later
// what was agreed to.

export const VERSION = "1 (2026-11)"; // of the text that comes with the page

/**
 * Name the version of a text: the page's own, what the collector typed, or a hash.
 *
 * @param {string} text what the signer reads
 * @param {string} typed the collector's name of the version; may be empty
 * @param {string[]} own the page's text in its languages
 */
export async function versionOf(text, typed, own) {
  if (own.includes(text)) return VERSION;
  if (typed.trim()) return typed.trim();
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  const bytes = [...new Uint8Array(digest)].slice(0, 6);
  return `sha256 ${bytes.map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
