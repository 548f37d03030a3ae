// N unmodified cores of the released library in one process. The calls of a player and the events of the network come in frames;
// "drain" ends a turn: all microtasks run, and what the core wants done goes back. doc.go has the whole.
import { register } from "node:module";
import { flush, read, write } from "./frames.mjs";
import { install, turn } from "./page.mjs";
import { IN, OUT } from "./protocol.mjs";

const { setImmediate, process } = globalThis;
register("./hooks.mjs", import.meta.url);
install();
const { Viewer } = await import("./viewer.mjs");

const viewers = new Map();
const range = (f) => (f.u8() ? { start: f.f64(), end: f.f64(), total: f.f64() } : undefined);
const answer = (yes) => write.u8(OUT.end).u8(yes ? 1 : 0);

// Each takes its fields from the frame. Order matters: arguments are evaluated from left to right.
const handlers = {
  hasSegment: (v, f) => answer(v.hasSegment(f.str())),
  isSegmentLoadable: (v, f) => answer(v.isSegmentLoadable(f.str())),
  setManifestURL: (v, f) => v.setManifestURL(f.str()),
  addStream: (v, f) => v.addStream(JSON.parse(f.str())),
  updateStream: (v, f) => v.updateStream(f.str(), JSON.parse(f.str()), JSON.parse(f.str())),
  loadSegment: (v, f) => v.loadSegment(f.str(), f.u32()),
  abortSegmentLoading: (v, f) => v.abortSegmentLoading(f.str()),
  updatePlayback: (v, f) => v.updatePlayback(f.f64(), f.f64()),
  setActiveLevelBitrate: (v, f) => v.setActiveLevelBitrate(f.f64()),
  setIsLive: (v, f) => v.setIsLive(f.u8() === 1),
  destroy: (v) => v.destroy(),
  timer: (v, f) => v.timer(f.u32()),
  fetchHeaders: (v, f) => v.fetchHeaders(f.u32(), f.u32(), f.f64(), range(f)),
  fetchBody: (v, f) => v.fetchBody(f.u32(), f.u32(), f.u32()),
  fetchDone: (v, f) => v.fetchDone(f.u32(), f.str()),
  peer: (v, f) => v.peer(f.u32(), f.u32(), f.str()),
  peerConnected: (v, f) => v.peerConnected(f.u32()),
  peerCommand: (v, f) => v.peerCommand(f.u32(), f.bytes()),
  peerData: (v, f) => v.peerData(f.u32(), f.u32(), f.u32()),
  peerBufferedAmountLow: (v, f) => v.peerBufferedAmountLow(f.u32()),
  peerClosed: (v, f) => v.peerClosed(f.u32(), f.u8() === 1, f.u8() === 1),
  trackerWarning: (v, f) => v.trackerWarning(f.u32(), f.str()),
  trackerError: (v, f) => v.trackerError(f.u32(), f.str()),
};
const byKind = Object.entries(IN).map(([name]) => handlers[name]);

// What a page would print to its console and survive.
function fault(error) {
  write.u8(OUT.fault).str(String(error?.stack ?? error));
}
process.on("unhandledRejection", fault);
process.on("uncaughtException", fault);

function handle(kind, id, now, frame) {
  if (kind === IN.create) viewers.set(id, new Viewer(JSON.parse(frame.str())));
  const viewer = viewers.get(id);
  viewer.enter(now);
  if (kind === IN.create) return;
  try {
    byKind[kind](viewer, frame);
  } catch (error) {
    fault(error);
  }
}

// work takes frames until a turn ends; what a frame holds runs as one task of the page. Node runs all microtasks before it comes
// to an immediate, and tells of errors in them before it comes to another.
function work() {
  for (let frame; (frame = read()) !== null; ) {
    let kind;
    while (frame.more()) {
      kind = frame.u8();
      if (kind === IN.drain) return setImmediate(setImmediate, orDie(endTurn));
      handle(kind, frame.u32(), frame.f64(), frame);
    }
    if (kind === IN.hasSegment || kind === IN.isSegmentLoadable) flush();
  }
  process.exit(0);
}

function endTurn() {
  turn.viewer.account();
  turn.atOnce = false;
  write.u8(OUT.end).u8(0);
  flush();
  work();
}

// orDie keeps an error of this room from passing for one of the library's.
function orDie(f) {
  return () => {
    try {
      f();
    } catch (error) {
      console.error(error);
      process.exit(1);
    }
  };
}

orDie(work)();
