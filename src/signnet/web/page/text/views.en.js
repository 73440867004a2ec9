// What single views say in English: "Make it yours", practising, finding, keeping.
export const yours = {
  title: "Make it yours",
  lead: "Show it how you sign, one word after another. You can stop at any time and continue later.",
  knows: (words, clips, people) =>
    `It knows ${words} words, learnt from ${clips} recordings of ${people}.`,
  people: (count, shown) => (count === 1 ? "one person" : `${shown} people`),
  unknownPeople: "people who are not named",
  stranger: (times) =>
    `For a person it has never seen, its first guess is right about ${times} times in 100.`,
  shown: (times) =>
    `After that person has shown each word once, it is right about ${times} times in 100.`,
  notMeasured: "It is not known how often it is right for a person it has never seen.",
  ways: "Many words have more than one sign. If you sign a word differently, you are not wrong: it just has not seen your way yet.",
  privacy: "It keeps only a moving skeleton and numbers, on this device. It keeps no pictures.",
  cameraWelcome:
    "If you sign a word differently, show it here once, with your camera or in a video.",
  count: (done, all) => `${done} of ${all} words`,
  begin: "Begin with ten everyday words",
  goOn: "Continue",
  question: (word) => `Do you sign ${word} like this?`,
  questionWithout: (word) => `There is no figure for ${word}. Show how you sign it.`,
  way: "The figure shows one signer's way. Others sign some words differently.",
  same: "I sign it like this",
  otherwise: "I sign it differently",
  mine: "Show my sign",
  later: "Not now",
  stop: "Stop",
  sign: (word) => `Sign ${word} once, then lower your hands.`,
  kept: (word) => `Kept. The figure shows how you signed ${word}.`,
  another: (word) => `It looks like ${word}. If that is not what you meant, sign it again.`,
  next: "Next word",
  again: "Sign it again",
  ten: "The everyday words are done. Try how well it understands you now.",
  all: "All words are done. Try how well it understands you now.",
  try: "Try it now",
  skip: "Another word",
  trySign: (word, left) => `Sign ${word}. ${left}`,
  left: (count, shown) => (count === 1 ? "This is the last one." : `${shown} words to go.`),
  right: (word) => `${word} was recognised.`,
  wrong: (word, guess) => `${word} was mistaken for ${guess}.`,
  score: (now, before, all) =>
    `Its first guess was right ${now} of ${all} times. Without what you showed it: ${before} of ${all}.`,
  toLive: "Recognise signs",
  welcome: (times) =>
    `It understands about ${times} in 100 signs by a person it has never seen. Show it how you sign.`,
  welcomePlain: "Show it how you sign, and it will understand you better.",
  link: (done, all) => `Make it yours: ${done} of ${all} words`,
};

// What practising says about its check.
export const check = {
  otherwise:
    "Perhaps you sign this word differently. If so, teach it the sign you just made. If not, watch the figure and try again.",
  remember: "That is how I sign it",
  remembered: "Your sign is kept. Sign the word again to see that it is recognised.",
  shown: (missed, passed) =>
    `This check can be wrong. Of 100 correct signs it misses about ${missed}, and of 100 signs for other words it accepts at most ${passed}.`,
  stranger: (missed, passed) =>
    `This check can be wrong. Of 100 correct signs by a person it has never seen, it misses about ${missed}. Of 100 signs for other words, it accepts at most ${passed}.`,
  notMeasured: "This check can be wrong. It is not known how often that happens with this model.",
};

// What is said about keeping what was taught.
export const keep = {
  reminder: (count, shown) =>
    count === 1
      ? "One of your words is stored only in this browser, which may delete it. To be safe, export it to a file."
      : `${shown} of your words are stored only in this browser, which may delete them. To be safe, export them to a file.`,
  export: "Export to a file",
  dismiss: "Not now",
};

// What finding a word by signing it says.
export const find = {
  title: "Find a word by signing it",
  welcome: "Sign the word that you are looking for, with your camera or in a video.",
  sign: "Sign the word, then lower your hands. The five most similar words appear here.",
  found: "These words are most similar, the best match first. Was it one of them?",
  this: "It was this one",
  more: "Words from a larger collection; they are not recognised yet",
  thisLabel: (word) => `It was this one: ${word}`,
  kept: (word) => `Your sign is kept for ${word}. Sign another word, or stop here.`,
};
