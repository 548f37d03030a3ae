// The page's memory: everything the library and the player say, as events with a time, and the sums a person wants to see.

/** Events kept; a page that is left open for days forgets its oldest. */
const MOST = 50_000;

/** Record is one viewer's notes. */
export class Record {
  constructor() {
    this.events = [];
    this.forgotten = 0; // events dropped from the front
    this.bytes = { http: 0, p2p: 0, uploaded: 0 };
    this.segments = { http: 0, p2p: 0 };
    this.peers = new Map(); // by id: { since, down, up }
    this.peersSeen = 0;
    this.startedAt = undefined; // ms, like all times since the page was opened
    this.firstPictureAt = undefined;
    this.firstPeerAt = undefined;
    this.stalls = 0;
    this.stalledMs = 0;
    this.stalledSince = undefined;
    this.errors = 0;
    this.seconds = []; // bytes by second since the start: { http, p2p, uploaded }
  }

  /** note keeps an event. */
  note(kind, fields = {}) {
    this.events.push({ ms: round(performance.now()), kind, ...fields });
    if (this.events.length > MOST) {
      const drop = MOST / 10;
      this.events.splice(0, drop);
      this.forgotten += drop;
    }
  }

  start() {
    this.startedAt = performance.now();
    this.note("start");
  }

  /** since gives the events from number n on, and the number to ask from next time. */
  since(n) {
    const from = Math.max(n - this.forgotten, 0);
    return { events: this.events.slice(from), next: this.forgotten + this.events.length, lost: Math.max(this.forgotten - n, 0) };
  }

  chunk(direction, bytes, peerId) {
    this.bytes[direction] += bytes;
    this.second()[direction] += bytes;
    const peer = this.peers.get(peerId);
    if (peer) peer[direction === "uploaded" ? "up" : "down"] += bytes;
  }

  second() {
    const at = Math.floor((performance.now() - (this.startedAt ?? 0)) / 1000);
    while (this.seconds.length <= at) this.seconds.push({ http: 0, p2p: 0, uploaded: 0 });
    return this.seconds[at];
  }

  peerConnected(id) {
    this.firstPeerAt ??= performance.now();
    this.peersSeen++;
    this.peers.set(id, { since: performance.now(), down: 0, up: 0 });
  }

  peerClosed(id) {
    this.peers.delete(id); // the library says it twice where it closes itself
  }

  stalled() {
    if (this.stalledSince !== undefined) return;
    this.stalls++;
    this.stalledSince = performance.now();
    this.note("stall");
  }

  playing() {
    if (this.firstPictureAt === undefined) {
      this.firstPictureAt = performance.now();
      this.note("firstPicture");
    }
    if (this.stalledSince === undefined) return;
    this.stalledMs += performance.now() - this.stalledSince;
    this.stalledSince = undefined;
    this.note("resumed");
  }

  error(text) {
    this.errors++;
    this.note("error", { text: String(text).slice(0, 500) });
  }

  startupMs() { return this.since0(this.firstPictureAt); }
  timeToFirstPeerMs() { return this.since0(this.firstPeerAt); }
  since0(at) { return at === undefined || this.startedAt === undefined ? null : round(at - this.startedAt); }

  stalledNowMs() {
    return round(this.stalledMs + (this.stalledSince === undefined ? 0 : performance.now() - this.stalledSince));
  }

  /** ratio is the P2P ratio by bytes received, as P2P Media Loader's own demo counts it; null before the first byte. */
  ratio() {
    const all = this.bytes.http + this.bytes.p2p;
    return all === 0 ? null : this.bytes.p2p / all;
  }
}

const round = (ms) => Math.round(ms * 10) / 10;
