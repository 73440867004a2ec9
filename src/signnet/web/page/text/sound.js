// How words sound: spellings that are heard alike become the same, in Bangla and in Latin
// letters, and a misspelt word is told from another one.

// Bangla letters that sound alike, or that keyboards write in two ways.
const SOUND_ALIKE = [
  [/[\u0981\u0983\u09bc\u200c\u200d]/g, ""], // candrabindu, visarga, nukta, joiners
  [/ঈ/g, "ই"],
  [/ী/g, "ি"],
  [/ঊ/g, "উ"],
  [/ূ/g, "ু"],
  [/ণ/g, "ন"],
  [/[শষ]/g, "স"],
  [/য/g, "জ"],
  [/ৎ/g, "ত"],
  [/ঙ/g, "ং"],
];

// Latin spellings of one Bangla sound; the order matters.
const SPELT_ALIKE = [
  [/[^a-z]/g, ""],
  [/ee/g, "i"],
  [/oo/g, "u"],
  [/a/g, "o"],
  [/([bcdgjkpst])h/g, "$1"],
  [/ng?y/g, "n"],
  [/ph|f/g, "p"],
  [/[vw]/g, "b"],
  [/z/g, "j"],
  [/(?<=.)y/g, "i"],
  [/(.)\1+/g, "$1"],
];

const replaceAll = (text, pairs) =>
  pairs.reduce((changed, [letters, other]) => changed.replace(letters, other), text);

/** Write a text so that Bangla letters that sound alike, and cases, make no difference. */
export function fold(text) {
  const plain = text.normalize("NFD").toLowerCase();
  const words = plain.replace(/[^\p{L}\p{M}\p{N}\u200c\u200d]+/gu, " ").trim();
  return replaceAll(words.replace(/[\u0300-\u036f]/g, ""), SOUND_ALIKE);
}

/** Write Latin letters by their sound: dhonyobad and dhonnobad become the same. */
export const soundOf = (text) => replaceAll(fold(text), SPELT_ALIKE);

// Bangla letters (as fold leaves them) and the Latin letters that people type for them.
const LETTERS = {
  ...{ অ: "o", আ: "a", ই: "i", উ: "u", ঋ: "ri", এ: "e", ঐ: "oi", ও: "o", ঔ: "ou" },
  ...{ "া": "a", "ি": "i", "ু": "u", "ৃ": "ri", "ে": "e", "ৈ": "oi", "ো": "o", "ৌ": "ou" },
  ...{ ক: "k", খ: "k", গ: "g", ঘ: "g", চ: "c", ছ: "c", জ: "j", ঝ: "j", ঞ: "n" },
  ...{ ট: "t", ঠ: "t", ড: "d", ঢ: "d", ত: "t", থ: "t", দ: "d", ধ: "d", ন: "n" },
  ...{ প: "p", ফ: "p", ব: "b", ভ: "b", ম: "m", র: "r", ল: "l", স: "s", হ: "h", "ং": "ng" },
};

/** Write a word by its consonants and clear vowels: কষ্ট and kosto become the same. */
export function skeletonOf(text) {
  const latin = [...fold(text).normalize("NFC")]
    .map((letter) => LETTERS[letter] ?? letter)
    .join("");
  return soundOf(latin)
    .replace(/o/g, "")
    .replace(/(.)\1+/g, "$1");
}

/** Count the letters that must be changed, added, left out or swapped to get another word. */
function distance(one, other) {
  let [before, last] = [[], Array.from({ length: other.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= one.length; row++) {
    const next = [row];
    for (let column = 1; column <= other.length; column++) {
      const isSame = one[row - 1] === other[column - 1];
      const isSwapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      next[column] = Math.min(
        last[column] + 1,
        next[column - 1] + 1,
        last[column - 1] + (isSame ? 0 : 1),
        isSwapped ? before[column - 2] + 1 : Infinity,
      );
    }
    [before, last] = [last, next];
  }
  return last[other.length];
}

/** Tell whether a word may be another one, misspelt: one letter in four may be wrong. */
export function isNear(one, other) {
  const allowed = Math.floor(Math.min(one.length, other.length) / 4);
  return Math.abs(one.length - other.length) <= allowed && distance(one, other) <= allowed;
}
