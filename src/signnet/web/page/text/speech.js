// Speaks Bangla words, where the device has a voice of its own.
//
// Only local voices: others would send the text to their maker.

let voice = null;
const listeners = new Set();

function findVoice() {
  const voices = globalThis.speechSynthesis?.getVoices() ?? [];
  voice = voices.find(({ lang, localService }) => localService && /^bn\b/i.test(lang)) ?? null;
  for (const listener of listeners) listener(voice !== null);
}

/** Call a function with whether there is a voice, now and when that changes. */
export function onVoice(listener) {
  listeners.add(listener);
  listener(voice !== null);
}

/** Say a text, after those that are being said. */
export function speak(text) {
  if (!voice) return;
  const utterance = new SpeechSynthesisUtterance(text);
  utterance.voice = voice;
  utterance.lang = voice.lang;
  speechSynthesis.speak(utterance);
}

/** Stop speaking. */
export const hush = () => globalThis.speechSynthesis?.cancel();

globalThis.speechSynthesis?.addEventListener?.("voiceschanged", findVoice);
findVoice();
