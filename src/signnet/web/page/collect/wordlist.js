// The words to collect, from pasted lines or from a table.
import { cleanWord } from "../engine/index.js";

const COLUMNS = ["gloss", "word", "words", "শব্দ"]; // a first line with one of these is a header
const SEPARATORS = [",", ";", "\t"];

/**
 * Read words from a text.
 *
 * @param {string} text a word a line; or a table, whose words stand in the column gloss, word
 *   or শব্দ, or else in the first
 * @param {boolean} isTable whether the text is known to be a table; otherwise its first line
 *   must name such a column
 * @returns {string[]} each word once, in NFC and without superfluous spaces
 */
export function readWords(text, isTable = false) {
  const lines = text.replace(/^\ufeff/, "").split(/\r\n|\r|\n/);
  const separator = separatorOf(lines[0]);
  const header = cellsOf(lines[0], separator).map((cell) => cell.toLowerCase());
  const column = header.findIndex((cell) => COLUMNS.includes(cell));
  const hasHeader = column >= 0;
  if (!hasHeader && !isTable) return distinct(lines);
  const rows = hasHeader ? lines.slice(1) : lines;
  return distinct(rows.map((line) => cellsOf(line, separator)[Math.max(0, column)] ?? ""));
}

const distinct = (words) => [
  ...new Set(words.map((gloss) => cleanWord({ gloss }).gloss).filter(Boolean)),
];

function separatorOf(line) {
  const countOf = (separator) => line.split(separator).length;
  return SEPARATORS.reduce((best, one) => (countOf(one) > countOf(best) ? one : best));
}

/** Split a line into cells; one in quotation marks may hold the separator. */
function cellsOf(line, separator) {
  const cells = [""];
  let isQuoted = false;
  for (const character of line) {
    if (character === '"') isQuoted = !isQuoted;
    else if (character === separator && !isQuoted) cells.push("");
    else cells[cells.length - 1] += character;
  }
  return cells.map((cell) => cell.trim());
}
