// Keeps the page for use without a network.
//
// The page itself is kept per version, all at once. The large files are put into a store
// of their own by loader.js when they are first needed, the words' figures at once; their
// names carry a hash of their content, so they stay when a new version still names them.
const VERSION = "draft";

const SCOPE = new URL(self.registration.scope).pathname;
const SHELL = `signnet page ${SCOPE} ${VERSION}`;
const STORE = `signnet files ${SCOPE}`;
const INDEX = "files.json";

async function keepShell() {
  const fresh = { cache: "no-cache" };
  const index = await fetch(INDEX, fresh);
  const { shell, large } = await index.clone().json();
  const store = await caches.open(SHELL);
  const paths = ["./", ...shell.filter((path) => path !== INDEX)];
  await store.addAll(paths.map((path) => new Request(path, fresh)));
  await store.put(INDEX, index);
  await keepFigures(large.motions.path).catch(() => {}); // then they are loaded when viewed
}

async function keepFigures(path) {
  const store = await caches.open(STORE);
  if (!(await store.match(path))) await store.add(path);
}

async function dropOld() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith(`signnet page ${SCOPE} `) && name !== SHELL);
  await Promise.all(old.map((name) => caches.delete(name)));
  const index = await (await caches.open(SHELL)).match(INDEX);
  const { large } = await index.json();
  const wanted = new Set(
    Object.values(large).map(({ path }) => new URL(path, self.registration.scope).href),
  );
  const store = await caches.open(STORE);
  const stale = (await store.keys()).filter(({ url }) => !wanted.has(url));
  await Promise.all(stale.map((request) => store.delete(request)));
  await self.clients.claim();
}

async function answer(request) {
  const shell = await caches.open(SHELL);
  const kept = await shell.match(request, { ignoreSearch: request.mode === "navigate" });
  return kept ?? fetch(request);
}

self.addEventListener("install", (event) => event.waitUntil(keepShell()));
self.addEventListener("activate", (event) => event.waitUntil(dropOld()));
self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const isOwn = url.origin === location.origin && url.pathname.startsWith(SCOPE);
  if (event.request.method === "GET" && isOwn) event.respondWith(answer(event.request));
});
