// Tables that the reader sorts and filters, and charts saved as SVG files. The page is
// whole without it.
"use strict";
const KEPT = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin"];
const FEWEST_ROWS = 8; // of a table worth filtering
const words = document.getElementById("words").content;

function wording(name) {
  return words.querySelector(`[data-word="${name}"]`).cloneNode(true);
}

// The text of a cell in one language only: numbers stand there in both.
function textOf(cell) {
  const copy = cell.cloneNode(true);
  for (const other of copy.querySelectorAll(".bn")) other.remove();
  return copy.textContent.trim();
}

// The number that a text begins with, "9 / 10" as a share of one; null for a name.
function numberOf(text) {
  const [, minus, first, second] =
    /^[<\s+]*([-−]?)([\d.]+)(?![\w.])(?:\s*\/\s*(\d+))?/.exec(text) ?? [];
  if (first === undefined) return text === "–" || text === "" ? -Infinity : null;
  return (minus ? -1 : 1) * (Number(first) / (Number(second) || 1));
}

function compare(one, other) {
  if (one.number !== null && other.number !== null) {
    return one.number === other.number ? 0 : one.number - other.number;
  }
  return one.text.localeCompare(other.text, ["bn", "en"], { numeric: true });
}

function sort(table, head) {
  const falls = head.getAttribute("aria-sort") === "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  head.setAttribute("aria-sort", falls ? "descending" : "ascending");
  table.querySelector(".order")?.remove();
  const rows = [...table.tBodies[0].rows].map((row) => {
    const text = textOf(row.cells[head.cellIndex]);
    return { row, text, number: numberOf(text) };
  });
  rows.sort((one, other) => (falls ? compare(other, one) : compare(one, other)));
  table.tBodies[0].append(...rows.map(({ row }) => row));
}

function makeSortable(table) {
  for (const head of table.querySelectorAll("thead th")) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(table, head));
    head.append(button);
  }
}

function makeFilterable(box, table) {
  const label = wording("filter");
  const field = label.querySelector("input");
  const rows = [...table.tBodies[0].rows];
  field.addEventListener("input", () => {
    const wanted = field.value.trim().normalize("NFC").toLowerCase();
    for (const row of rows) {
      row.hidden = !row.textContent.normalize("NFC").toLowerCase().includes(wanted);
    }
    const left = rows.filter((row) => !row.hidden).length;
    const digits = new Intl.NumberFormat(document.documentElement.lang);
    label.querySelector("output").textContent = wanted
      ? `${digits.format(left)} / ${digits.format(rows.length)}`
      : "";
  });
  box.before(label);
}

// A copy that looks the same elsewhere: each element carries its own colours and fonts.
function standalone(drawing) {
  const copy = drawing.cloneNode(true);
  const copies = [...copy.querySelectorAll("*")];
  for (const [index, element] of [...drawing.querySelectorAll("*")].entries()) {
    const style = getComputedStyle(element);
    const own = copies[index];
    if (element.localName === "title") continue;
    if (style.display === "none") own.remove();
    for (const name of KEPT) own.setAttribute(name, style.getPropertyValue(name));
    if (!/^t(ext|span)$/.test(element.localName)) continue;
    own.setAttribute("font-family", style.fontFamily);
    own.setAttribute("font-size", style.fontSize);
    own.setAttribute("text-anchor", style.textAnchor);
  }
  return copy;
}

// One picture of a drawing, or of several side by side, on the colour of its card.
function picture(drawings) {
  const make = (name) => document.createElementNS(drawings[0].namespaceURI, name);
  const whole = make("svg");
  const ground = whole.appendChild(make("rect"));
  let width = 0;
  let height = 0;
  for (const drawing of drawings) {
    const size = drawing.viewBox.baseVal;
    const copy = standalone(drawing);
    for (const name of ["class", "role", "aria-hidden"]) copy.removeAttribute(name);
    copy.setAttribute("x", width);
    copy.setAttribute("width", size.width);
    copy.setAttribute("height", size.height);
    whole.append(copy);
    width += size.width;
    height = Math.max(height, size.height);
  }
  for (const [name, length] of Object.entries({ width, height })) {
    whole.setAttribute(name, length);
    ground.setAttribute(name, length);
  }
  const card = drawings[0].closest("section");
  ground.setAttribute("fill", getComputedStyle(card).backgroundColor);
  return new XMLSerializer().serializeToString(whole);
}

function makeSaveable(drawing) {
  const button = wording("save");
  button.addEventListener("click", () => {
    const parts = drawing.matches("svg") ? [drawing] : drawing.querySelectorAll("svg");
    saveFile(picture([...parts]), "image/svg+xml", `${drawing.dataset.name}.svg`);
  });
  drawing.after(button);
}

for (const box of document.querySelectorAll(".sortable")) {
  const table = box.querySelector("table");
  if (table.tBodies[0].rows.length < 2) continue;
  makeSortable(table);
  if (table.tBodies[0].rows.length >= FEWEST_ROWS) makeFilterable(box, table);
}
for (const drawing of document.querySelectorAll("[data-name]")) makeSaveable(drawing);
const labelled = document.querySelectorAll("[data-bn]");
for (const one of labelled) one.dataset.en = one.ariaLabel;
for (const choice of document.querySelectorAll("[name=language]")) {
  choice.addEventListener("change", () => {
    const language = choice.id.replace("in-", "");
    document.documentElement.lang = language;
    for (const one of labelled) one.ariaLabel = one.dataset[language];
    for (const field of document.querySelectorAll(".filter input")) {
      field.dispatchEvent(new Event("input"));
    }
  });
}
