// Speaks Bangla words, where the system has a voice of its own.
//
// Only voices of the device: others would send the text to their maker.

let voice = null;
const listeners = new Set();

function look() {
  const voices = globalThis.speechSynthesis?.getVoices() ?? [];
  voice = voices.find(({ lang, localService }) => localService && /^bn\b/i.test(lang)) ?? null;
  for (const listener of listeners) listener(voice !== null);
}

/** Call a function with whether there is a voice, now and when that changes. */
export function onVoice(listener) {
  listeners.add(listener);
  listener(voice !== null);
}

export function speak(text) {
  if (!voice) return;
  const utterance = new SpeechSynthesisUtterance(text);
  utterance.voice = voice;
  utterance.lang = voice.lang;
  speechSynthesis.speak(utterance);
}

export const hush = () => globalThis.speechSynthesis?.cancel();

globalThis.speechSynthesis?.addEventListener?.("voiceschanged", look);
look();
