// Rehearsing: a page that has just been opened compiles the libraries, starts a decoder and makes its first certificate when it first
// plays, which on a machine that opens many pages at once takes as long as connecting does. A viewer who has watched something before
// has that behind it.
import { engine, watch } from "./engine.js";
import { Record } from "./record.js";

/** How long a rehearsal may last beyond its time, if there was no picture or nobody to meet yet: opening is slow on a busy machine. */
const LATEST = 30_000; // ms

/**
 * rehearse plays another stream, in another swarm, for some seconds, and forgets it: nothing of it comes into the page's notes, and
 * nothing of it stays but compiled code. The stream must have URLs of its own, or the browser's cache would have the real one's segments.
 */
export async function rehearse(config, { manifest, tracker, seconds }) {
  const record = new Record();
  const video = document.createElement("video");
  video.muted = true;
  const hls = engine({ ...config, core: { ...config.core, announceTrackers: [tracker], swarmId: manifest } }, record, video);
  watch(video, record);
  hls.loadSource(manifest);
  video.play().catch(() => {}); // whether it played is in the answer
  const enough = performance.now() + seconds * 1000;
  const ready = () => record.firstPictureAt !== undefined && record.peersSeen > 0;
  while (performance.now() < enough || (!ready() && performance.now() < enough + LATEST)) {
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  hls.destroy();
  video.removeAttribute("src");
  video.load();
  return { peersSeen: record.peersSeen, segments: record.segments, picture: record.firstPictureAt !== undefined };
}
