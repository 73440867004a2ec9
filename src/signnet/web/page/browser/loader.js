// Fetches the large files once, shows how far it is, checks and keeps them.
//
// They are stored packed (.gz), since many hosts do not pack what they do not know. A host
// that unpacks on the way is fine too. Their names carry a hash of their content, so a
// kept file never goes stale; the service worker answers from the same store.
import { Problem } from "./problem.js";

export const STORE = `signnet files ${new URL(".", document.baseURI).pathname}`;

/**
 * Load files, reporting bytes as they arrive.
 *
 * @param {Object<string, {path: string, bytes: number, sha256: string}>} files by name;
 *   `bytes` packed, `sha256` of the content unpacked
 * @param {(done: number, total: number) => void} onProgress in packed bytes
 * @returns {Promise<Object<string, ArrayBuffer>>} the contents, unpacked
 */
export async function loadAll(files, onProgress) {
  const names = Object.keys(files);
  const total = names.reduce((sum, name) => sum + files[name].bytes, 0);
  const done = Object.fromEntries(names.map((name) => [name, 0]));
  const report = (name, bytes) => {
    done[name] = Math.min(bytes, files[name].bytes);
    onProgress(
      Object.values(done).reduce((sum, bytes) => sum + bytes, 0),
      total,
    );
  };
  const store = await openStore();
  const contents = await Promise.all(
    names.map((name) => load(files[name], store, (bytes) => report(name, bytes))),
  );
  return Object.fromEntries(names.map((name, place) => [name, contents[place]]));
}

async function openStore() {
  try {
    return await globalThis.caches?.open(STORE);
  } catch {
    return undefined; // private windows may forbid it; then nothing is kept
  }
}

async function load(file, store, onBytes) {
  const kept = await store?.match(file.path);
  const content = kept && (await unpack(await kept.arrayBuffer()).catch(() => null));
  if (content && (await isGenuine(content, file))) {
    onBytes(file.bytes);
    return content;
  }
  return (
    (await fetchGenuine(file, store, onBytes, "default")) ??
    (await fetchGenuine(file, store, onBytes, "reload")) ??
    damaged(file)
  );
}

function damaged(file) {
  throw new Problem("damaged", file.path);
}

async function fetchGenuine(file, store, onBytes, cache) {
  const packed = await fetchBytes(file, onBytes, cache);
  const content = await unpack(packed).catch(() => null);
  if (!content || !(await isGenuine(content, file))) return null;
  await store?.put(file.path, new Response(packed)).catch(() => {}); // no room: works, not kept
  return content;
}

async function fetchBytes(file, onBytes, cache) {
  let received = 0;
  const counter = new TransformStream({
    transform(chunk, controller) {
      received += chunk.byteLength;
      onBytes(received);
      controller.enqueue(chunk);
    },
  });
  let response;
  try {
    response = await fetch(file.path, { cache });
    if (response.ok) return await new Response(response.body.pipeThrough(counter)).arrayBuffer();
  } catch (error) {
    throw new Problem("network", `${file.path}: ${error}`);
  }
  throw new Problem("missing", `${file.path}: ${response.status}`);
}

async function unpack(bytes) {
  const [first, second] = new Uint8Array(bytes, 0, Math.min(2, bytes.byteLength));
  if (first !== 0x1f || second !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

async function isGenuine(content, file) {
  if (!globalThis.crypto?.subtle) return true; // only on plain http, where no camera is given either
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") === file.sha256;
}

/** Fetch a small JSON file of the site. */
export async function loadJson(path) {
  let response;
  try {
    response = await fetch(path);
  } catch (error) {
    throw new Problem("network", `${path}: ${error}`);
  }
  if (!response.ok) throw new Problem("missing", `${path}: ${response.status}`);
  return response.json().catch((error) => {
    throw new Problem("damaged", `${path}: ${error}`);
  });
}
