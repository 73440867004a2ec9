// A recorded clip as it is kept and exported: the joints of body and hands in the frames that
// the camera gave, and when it gave them.

const VALUES = 553 * 3; // numbers in a frame of the tracker
export const KEPT_JOINTS = 75; // the body's 33 joints, and 21 of each hand
const KEPT = KEPT_JOINTS * 3;

/**
 * Take what is kept from a clip at an even rate, whose missing frames are NaN.
 *
 * @param {{landmarks: Float32Array, frames: number, fps: number}} recorded see SeenClip
 * @returns {{times: Float32Array, landmarks: Float32Array}} seconds since the first frame;
 *   [frame, 75, 3] in picture heights, NaN where unseen
 */
export function compact({ landmarks, frames, fps }) {
  const all = Array.from({ length: frames }, (_, index) => index);
  const frameOf = (index) => landmarks.subarray(index * VALUES, index * VALUES + KEPT);
  const seen = all.filter((index) => frameOf(index).some(Number.isFinite));
  const kept = new Float32Array(seen.length * KEPT);
  seen.forEach((index, place) => kept.set(frameOf(index), place * KEPT));
  return { times: Float32Array.from(seen, (index) => (index - seen[0]) / fps), landmarks: kept };
}

/** Count the frames a second of a kept clip. */
export const rateOf = ({ times }) => (times.length - 1) / times.at(-1) || 0;

/** Give a kept clip as a motion that Player.show takes. */
export function motionOf({ times, landmarks }) {
  const frames = Array.from(times, (_, index) => {
    const joints = new Float32Array(VALUES).fill(NaN);
    joints.set(landmarks.subarray(index * KEPT, (index + 1) * KEPT));
    return joints;
  });
  return frames.length > 1 ? { frames, fps: rateOf({ times }) } : null;
}

/**
 * Name a clip: the labels, and the session's id, so that no two devices use one name.
 *
 * @param {{signer: string, session: string, id: string}} session
 * @param {{gloss: string, repetition: number}} prompt
 */
export function nameOf({ signer, session, id }, { gloss, repetition }) {
  const plain = (text) => text.replace(/[/\\:*?"<>|\p{Cc}]|__+/gu, "-");
  return [plain(gloss), plain(signer), plain(session), `${repetition}_${id}`].join("__");
}
