// The player: hls.js with P2P Media Loader, and every event of theirs put into the record.
import "./connections.js";
import Hls from "hls.js";
import { HlsJsP2PEngine } from "p2p-media-loader-hlsjs";

/** engine makes the player on a video element. It loads nothing before loadSource. */
export function engine(config, record, video) {
  if (!Hls.isSupported()) throw new Error("this browser has no Media Source Extensions, which hls.js needs");
  const HlsWithP2P = HlsJsP2PEngine.injectMixin(Hls);
  const core = { ...config.core, ...(config.verify ? digests(record) : {}) };
  const hls = new HlsWithP2P({
    ...config.hls,
    p2p: { core, onHlsJsCreated: (made) => listen(made.p2pEngine, record) },
  });
  hls.on(Hls.Events.ERROR, (_, e) => record.note("hlsError", { type: e.details, fatal: e.fatal, text: String(e.error?.message ?? e.reason ?? "") }));
  hls.on(Hls.Events.ERROR, (_, e) => { if (e.fatal) record.error(`hls.js gave up: ${e.details}`); });
  hls.on(Hls.Events.LEVEL_SWITCHED, (_, e) => record.note("level", { level: e.level }));
  hls.on(Hls.Events.FRAG_BUFFERED, (_, e) => record.note("buffered", { url: e.frag.url, seq: e.frag.sn }));
  hls.attachMedia(video);
  return hls;
}

/** digests uses the library's validation hooks to see every segment's bytes. It never refuses and never makes anybody wait. */
function digests(record) {
  const hook = (source) => (url, byteRange, data) => {
    const range = byteRange ? `${byteRange.start}-${byteRange.end}` : undefined;
    // digest copies the bytes before it returns.
    crypto.subtle.digest("SHA-256", data).then((hash) => record.note("digest", { url, range, source, bytes: data.byteLength, sha256: hex(hash) }));
    return Promise.resolve(true);
  };
  return { validateHTTPSegment: hook("http"), validateP2PSegment: hook("p2p") };
}

const hex = (buffer) => Array.from(new Uint8Array(buffer), (b) => b.toString(16).padStart(2, "0")).join("");

/** listen notes the events of P2P Media Loader under their own names. */
function listen(p2p, record) {
  const segment = (s) => ({ url: s.url, seq: s.externalId });
  p2p.addEventListener("onSegmentStart", (e) =>
    record.note("onSegmentStart", { ...segment(e.segment), source: e.downloadSource, peer: e.peerId }));
  p2p.addEventListener("onSegmentLoaded", (e) => {
    record.segments[e.downloadSource]++;
    record.note("onSegmentLoaded", { url: e.segmentUrl, bytes: e.bytesLength, source: e.downloadSource, peer: e.peerId, stream: e.streamType });
  });
  p2p.addEventListener("onSegmentError", (e) =>
    record.note("onSegmentError", { ...segment(e.segment), type: e.error.type, text: e.error.message, source: e.downloadSource, peer: e.peerId }));
  p2p.addEventListener("onSegmentAbort", (e) =>
    record.note("onSegmentAbort", { ...segment(e.segment), source: e.downloadSource, peer: e.peerId }));
  p2p.addEventListener("onChunkDownloaded", (bytes, source, peer) => {
    record.chunk(source, bytes, peer);
    record.note("onChunkDownloaded", { bytes, source, peer });
  });
  p2p.addEventListener("onChunkUploaded", (bytes, peer) => {
    record.chunk("uploaded", bytes, peer);
    record.note("onChunkUploaded", { bytes, peer });
  });
  p2p.addEventListener("onPeerConnect", (e) => {
    record.peerConnected(e.peerId);
    record.note("onPeerConnect", { peer: e.peerId, stream: e.streamType });
  });
  p2p.addEventListener("onPeerClose", (e) => {
    record.peerClosed(e.peerId);
    record.note("onPeerClose", { peer: e.peerId, stream: e.streamType });
  });
  p2p.addEventListener("onPeerError", (e) => record.note("onPeerError", { peer: e.peerId, stream: e.streamType, text: String(e.error?.message ?? e.error) }));
  p2p.addEventListener("onTrackerError", (e) => record.note("onTrackerError", { stream: e.streamType, text: String(e.error?.message ?? e.error) }));
  p2p.addEventListener("onTrackerWarning", (e) => record.note("onTrackerWarning", { stream: e.streamType, text: String(e.warning?.message ?? e.warning) }));
}

/** watch follows the video element: the first picture, stalls, what it shows. */
export function watch(video, record) {
  video.addEventListener("playing", () => record.playing());
  // "waiting" also comes while seeking and before the first picture; a stall is a picture that stood still for want of data.
  video.addEventListener("waiting", () => {
    if (record.firstPictureAt !== undefined && !video.seeking && !video.paused && !video.ended) record.stalled();
  });
  video.addEventListener("timeupdate", () => { if (!video.paused && video.readyState > 2) record.playing(); });
  video.addEventListener("ended", () => record.note("ended"));
  video.addEventListener("error", () => record.error(`the video element: ${video.error?.message}`));
}
