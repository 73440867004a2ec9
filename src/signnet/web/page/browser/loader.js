// Downloads the site's files: shows progress, checks hashes, caches the large ones.
//
// Large files are stored packed (.gz), since many hosts do not pack what they do not know.
// A host that unpacks on the way is fine too. Their names carry a hash of their content, so
// a cached file is never out of date; the service worker answers from the same cache.
import { Problem } from "./problem.js";

/** The folder that holds the engine's own folders, wherever the page that uses it lies. */
export const ROOT = new URL("../", import.meta.url).href;

/**
 * Load large files and report progress in packed bytes.
 *
 * @param {Object<string, {path: string, bytes: number, sha256?: string,
 *   content?: ArrayBuffer}>} files by name; `bytes` packed, `sha256` of the unpacked content:
 *   without it nothing is checked and cached; `content` if it is there already
 * @param {(done: number, total: number) => void} onProgress
 * @returns {Promise<Object<string, ArrayBuffer>>} the unpacked contents, by name
 * @throws {Problem} network, missing or damaged
 */
export async function loadAll(files, onProgress) {
  const names = Object.keys(files);
  const total = names.reduce((sum, name) => sum + files[name].bytes, 0);
  const received = Object.fromEntries(names.map((name) => [name, 0]));
  const report = (name, bytes) => {
    received[name] = Math.min(bytes, files[name].bytes);
    onProgress(
      Object.values(received).reduce((sum, bytes) => sum + bytes, 0),
      total,
    );
  };
  const cache = await openCache();
  const contents = await Promise.all(
    names.map((name) => load(files[name], cache, (bytes) => report(name, bytes))),
  );
  return Object.fromEntries(names.map((name, index) => [name, contents[index]]));
}

/**
 * Give a function that loads a large file and reads it: once, and again after a failure.
 *
 * @param {Object} file see `loadAll`
 * @param {(content: ArrayBuffer) => any} read
 * @returns {() => Promise<any>} rejected with a Problem: network, missing or damaged
 */
export function loaderOf(file, read) {
  let loading = null;
  const load = async () => {
    try {
      return read((await loadAll({ file }, () => {})).file);
    } catch (error) {
      loading = null;
      throw error;
    }
  };
  return () => (loading ??= load());
}

/** Count the packed bytes of files that are not stored on this device yet. */
export async function missingBytes(files) {
  const cache = await openCache();
  const missing = Object.values(files).map(async ({ path, bytes, content }) =>
    content || (await cache?.match(path)) ? 0 : bytes,
  );
  return (await Promise.all(missing)).reduce((sum, bytes) => sum + bytes, 0);
}

async function openCache() {
  try {
    return await globalThis.caches?.open(
      `signnet files ${new URL(".", document.baseURI).pathname}`,
    );
  } catch {
    return undefined; // private windows may forbid it; then nothing is cached
  }
}

async function load(file, cache, onBytes) {
  if (file.content) return file.content.slice(0); // what is given moves to a worker
  const cached = file.sha256 && (await cache?.match(file.path));
  const content = cached && (await unpack(await cached.arrayBuffer()).catch(() => null));
  if (content && (await hasRightHash(content, file))) {
    onBytes(file.bytes);
    return content;
  }
  const fetched =
    (await fetchChecked(file, cache, onBytes, "default")) ??
    (await fetchChecked(file, cache, onBytes, "reload"));
  if (!fetched) throw new Problem("damaged", file.path);
  return fetched;
}

/** Fetch a file and cache it; null if its hash is wrong. */
async function fetchChecked(file, cache, onBytes, mode) {
  const packed = await fetchBytes(file, onBytes, mode);
  const content = await unpack(packed).catch(() => null);
  if (!content || !(await hasRightHash(content, file))) return null;
  // Without room, or without a hash to know it by, it works uncached.
  if (file.sha256) await cache?.put(file.path, new Response(packed)).catch(() => {});
  return content;
}

async function fetchBytes(file, onBytes, mode) {
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
    response = await fetch(file.path, { cache: mode });
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

async function hasRightHash(content, file) {
  if (!file.sha256 || !globalThis.crypto?.subtle) return true; // see hashOf
  return (await hashOf(content)) === file.sha256;
}

/** Compute a content's sha256; not on plain http, which gets no camera either. */
export async function hashOf(content) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Fetch a file without a cache of our own; throws a Problem: network or missing. */
export async function loadBlob(path) {
  return (await fetchFound(path)).blob();
}

/** Fetch a small JSON file of the site; throws a Problem: network, missing or damaged. */
export async function loadJson(path) {
  const response = await fetchFound(path);
  return response.json().catch((error) => {
    throw new Problem("damaged", `${path}: ${error}`);
  });
}

async function fetchFound(path) {
  let response;
  try {
    response = await fetch(path);
  } catch (error) {
    throw new Problem("network", `${path}: ${error}`);
  }
  if (!response.ok) throw new Problem("missing", `${path}: ${response.status}`);
  return response;
}
