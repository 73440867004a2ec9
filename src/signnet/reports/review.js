// Decisions about doubtful clips, by key or button; all labels as a CSV index.
"use strict";
const rows = JSON.parse(document.getElementById("rows").textContent);
const words = document.getElementById("words").content;
const cases = [...document.querySelectorAll(".case")];
const dialog = document.getElementById("relabel");
const field = document.getElementById("gloss");
const place = `signnet-review:${location.pathname}:${rows.length}`;
const decisions = remembered();
let now = 0;
let isKept = true;

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(place)) ?? {};
  } catch {
    return {}; // no storage here: decisions last as long as the page
  }
}

function keep() {
  try {
    localStorage.setItem(place, JSON.stringify(decisions));
    isKept = true;
  } catch {
    isKept = false; // as above
  }
}

// Decisions of another window on the same clips.
addEventListener("storage", ({ key }) => {
  if (key !== place) return;
  for (const clip of Object.keys(decisions)) delete decisions[clip];
  Object.assign(decisions, remembered());
  show();
});

addEventListener("beforeunload", (event) => isKept || event.preventDefault());

function show() {
  for (const one of cases) {
    const decision = decisions[one.dataset.clip];
    one.classList.toggle("done", Boolean(decision));
    one.querySelector("output").replaceChildren(...verdict(decision));
  }
  const left = cases.filter((one) => !decisions[one.dataset.clip]).length;
  document.getElementById("left").replaceChildren(wording("left", left));
}

function verdict(decision) {
  if (decision?.gloss) return [wording("relabelled"), `: ${decision.gloss}`];
  return [wording(!decision ? "undecided" : decision.drop ? "dropped" : "accepted")];
}

// One of our sentences in both languages, with a number in the digits of each.
function wording(name, number = 0) {
  const told = words.querySelector(`[data-word="${name}"]`).cloneNode(true);
  for (const one of told.children) {
    const digits = new Intl.NumberFormat(one.lang).format(number);
    one.textContent = one.textContent.replace("#", digits);
  }
  return told;
}

function go(to) {
  cases[now]?.classList.remove("now");
  now = Math.max(0, Math.min(cases.length - 1, to));
  const one = cases[now];
  if (!one) return;
  one.classList.add("now");
  one.focus({ preventScroll: true });
  one.scrollIntoView({ block: "nearest" });
}

function decide(decision) {
  const clip = cases[now].dataset.clip;
  if (decision) decisions[clip] = decision;
  else delete decisions[clip];
  keep();
  show();
  if (decision) go(now + 1);
}

function press(key) {
  if (!cases.length) return;
  if (key === "j") go(now + 1);
  else if (key === "k") go(now - 1);
  else if (key === "a") decide({ accept: true });
  else if (key === "d") decide({ drop: true });
  else if (key === "u") decide(null);
  else if (/[1-5]/.test(key)) cases[now].querySelectorAll("[data-gloss]")[key - 1]?.click();
  else if (key === "r") {
    field.value = "";
    dialog.returnValue = "";
    dialog.showModal();
  }
}

dialog.addEventListener("close", () => {
  const gloss = field.value.trim().normalize("NFC");
  if (dialog.returnValue === "yes" && gloss) decide({ gloss });
});

document.addEventListener("keydown", (event) => {
  if (dialog.open || event.ctrlKey || event.metaKey || event.altKey) return;
  if (/^[ardujk1-5]$/i.test(event.key)) {
    event.preventDefault();
    press(event.key.toLowerCase());
  }
});

for (const [number, one] of cases.entries()) {
  one.addEventListener("click", (event) => {
    go(number);
    const button = event.target.closest("button");
    if (button?.dataset.gloss) decide({ gloss: button.dataset.gloss });
    else if (button) press(button.dataset.key);
  });
}

function cell(value) {
  const text = value ?? "";
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function table() {
  const columns = [...Object.keys(rows[0] ?? { file: "", gloss: "" }), "drop"];
  const lines = rows.map((row) => {
    const decision = decisions[row.file] ?? {};
    const told = { ...row, gloss: decision.gloss ?? row.gloss, drop: decision.drop ? "yes" : "" };
    return columns.map((column) => cell(told[column])).join(",");
  });
  return `\ufeff${[columns.join(","), ...lines].join("\r\n")}\r\n`;
}

document.getElementById("save").addEventListener("click", () => {
  saveFile(table(), "text/csv", "index.csv");
  isKept = true; // in the file
});

for (const choice of document.querySelectorAll("[name=language]")) {
  choice.addEventListener("change", () => {
    document.documentElement.lang = choice.id.replace("in-", "");
  });
}

show();
go(0);
