// The viewing page: reads its options, plays, shows what happens, and tells it to whoever asks window.swarmlab.
import { connections } from "./connections.js";
import { engine, watch } from "./engine.js";
import { options } from "./options.js";
import { Record } from "./record.js";
import { rehearse } from "./rehearse.js";
import { show, showProblem, showStart } from "./show.js";

const record = new Record();
const video = document.querySelector("video");
let config;
let hls;

window.addEventListener("error", (e) => record.error(e.message));
window.addEventListener("unhandledrejection", (e) => record.error(e.reason?.stack ?? e.reason));

window.swarmlab = {
  /** snapshot is the state of this viewer now, as plain data. */
  snapshot,
  /** since gives the events from number n on: { events, next, lost }. */
  since: (n) => record.since(n),
  /** start begins to play, where ?start=no put it off. */
  start,
  /** rehearse plays another stream first, and forgets it: { manifest, tracker, seconds }. */
  rehearse: async (what) => {
    const seen = await rehearse(config, what);
    connections.length = 0;
    return seen;
  },
  /** destroy ends the player as leaving the page would, but the notes stay. */
  destroy: () => hls?.destroy(),
  video,
  get hls() { return hls; },
};

try {
  config = await options();
  document.title = `${config.scenario} · swarmlab`;
  hls = engine(config, record, video);
  watch(video, record);
  video.muted = config.muted;
  document.body.hidden = !config.show;
  if (config.start) start();
  else showStart(start);
} catch (error) {
  record.error(error.stack ?? error);
  showProblem(error.message);
}
window.swarmlab.ready = true;

setInterval(() => { if (config?.show) show(snapshot(), record, config); }, 500);

function start() {
  if (record.startedAt !== undefined) return;
  record.start();
  hls.loadSource(config.manifest);
  if (!config.play) return;
  video.play().catch((error) => {
    // A browser that plays nothing without a click says so here; the button on the video still works.
    if (error.name !== "AbortError") record.note("notPlaying", { text: error.message });
  });
}

function snapshot() {
  return {
    now: Math.round(performance.now() * 10) / 10,
    started: record.startedAt ?? null,
    startupMs: record.startupMs(),
    timeToFirstPeerMs: record.timeToFirstPeerMs(),
    ratio: record.ratio(),
    bytes: { ...record.bytes },
    segments: { ...record.segments },
    peers: [...record.peers.keys()],
    peersSeen: record.peersSeen,
    connections: connections.map((c) => ({ ...c })),
    stalls: record.stalls,
    stalledMs: record.stalledNowMs(),
    stalledNow: record.stalledSince !== undefined,
    errors: record.errors,
    playback: playback(),
  };
}

function playback() {
  const live = hls?.levels?.[Math.max(hls.currentLevel, 0)]?.details?.live ?? null;
  const quality = video.getVideoPlaybackQuality();
  return {
    currentTime: video.currentTime,
    duration: Number.isFinite(video.duration) ? video.duration : null,
    paused: video.paused,
    ended: video.ended,
    readyState: video.readyState,
    bufferSeconds: bufferAhead(),
    live,
    liveLatencySeconds: live && Number.isFinite(hls.latency) ? hls.latency : null,
    frames: quality.totalVideoFrames,
    droppedFrames: quality.droppedVideoFrames,
    audioBytes: video.webkitAudioDecodedByteCount ?? null,
  };
}

function bufferAhead() {
  for (let i = 0; i < video.buffered.length; i++) {
    // Half a second of grace: between two segments there may be a gap of a frame.
    if (video.buffered.start(i) <= video.currentTime + 0.5 && video.buffered.end(i) > video.currentTime) {
      return video.buffered.end(i) - video.currentTime;
    }
  }
  return 0;
}
