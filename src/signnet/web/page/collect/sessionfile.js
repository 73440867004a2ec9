// The file that `signnet import collected` reads: one session of one signer.
import { encodeNumbers } from "../engine/index.js";
import { encodeHalf } from "./half.js";

const FORMAT = "signnet collected";
const VERSION = 1;
const PARTS = ["pose", "left_hand", "right_hand"];

/**
 * Write a session as the text of one file.
 *
 * @param {Object} session see Store
 * @param {Object[]} clips its clips
 */
export function write({ signer, session, handedness, consent }, clips) {
  const head = { format: FORMAT, version: VERSION, parts: PARTS };
  const labels = { signer, session, handedness, consent };
  return JSON.stringify({ ...head, ...labels, clips: clips.map(writeClip) });
}

function writeClip({ name, gloss, repetition, recorded, aspect, times, landmarks }) {
  return {
    ...{ name, gloss, repetition, recorded, aspect },
    frames: times.length,
    times: encodeNumbers(times, "Float32"),
    landmarks: encodeHalf(landmarks),
  };
}

/** Give the name of a session's file, without its suffix. */
export const fileNameOf = ({ signer, session, id }) =>
  `collected__${[signer, session, id].map((text) => text.replace(/[^\p{L}\p{M}\p{N}-]+/gu, "-")).join("__")}`;

/** Write a table of clips' films, with which `signnet extract --index` labels them. */
export function writeTable({ signer, session }, films) {
  const cell = (text) => `"${String(text).replaceAll('"', '""')}"`;
  const rows = films.map(({ file, gloss, repetition }) => [
    ...[file, gloss, signer, session, repetition],
  ]);
  const all = [["file", "gloss", "signer", "session", "repetition"], ...rows];
  return all.map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}
