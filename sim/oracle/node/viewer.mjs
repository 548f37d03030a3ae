// One viewer: a released core, what it is told, and what it tells.
import { Core } from "./node_modules/p2p-media-loader-core/lib/core.js";
import { SegmentMemoryStorage } from "./node_modules/p2p-media-loader-core/lib/segment-storage/segment-memory-storage.js";
import { P2PTrackerClient } from "./node_modules/p2p-media-loader-core/lib/p2p/tracker-client.js";
import { Page, turn } from "./page.mjs";
import { write } from "./frames.mjs";
import { OUT } from "./protocol.mjs";
import { httpRun, name, numberOf, payloadOf, peerRun } from "./payload.mjs";

// Storage is the released one; it keeps Payloads in place of the bytes.
class Storage extends SegmentMemoryStorage {
  storeSegment(swarmId, streamId, segmentId, data, ...rest) {
    const stored = super.storeSegment(swarmId, streamId, segmentId, payloadOf(data), ...rest);
    let bytes = 0;
    for (const item of this.cache.values()) bytes += item.data.byteLength;
    write.u8(OUT.storage).f64(bytes);
    return stored;
  }
}

export class Viewer {
  page = new Page();
  clients = [];
  conns = new Map();
  peerIDs = new Map(); // what a page of its own would have
  requests = new Map(); // unfinished requests that hold bytes: how many
  segments = 0;
  lastRun;

  constructor(config) {
    this.core = new Core({ ...config, customSegmentStorageFactory: () => new Storage() });
    for (const event of Object.keys(listeners)) this.core.addEventListener(event, (...args) => listeners[event](this, ...args));
  }

  // enter begins a turn of this viewer.
  enter(now) {
    turn.viewer = this;
    turn.now = now;
    // The library keeps peer ids for the whole page, and here all pages share its module.
    P2PTrackerClient.PEER_ID_BY_INFO_HASH = this.peerIDs;
  }

  hasSegment(id) {
    return this.core.hasSegment(id);
  }
  isSegmentLoadable(id) {
    return this.core.isSegmentLoadable(id);
  }
  setManifestURL(url) {
    this.core.setManifestResponseUrl(url);
  }
  addStream(stream) {
    this.core.addStreamIfNoneExists(stream);
  }
  updateStream(id, added, removed) {
    this.core.updateStream(id, added, removed);
  }
  loadSegment(id, load) {
    this.core
      .loadSegment(id, {
        onSuccess: ({ data, bandwidth }) => write.u8(OUT.loaded).u32(load).u32(payloadOf(data).id).f64(bandwidth),
        onError: (error) => write.u8(OUT.failed).u32(load).str(error.type),
      })
      .catch(() => write.u8(OUT.failed).u32(load).str("failed")); // as the integrations do with a segment that is not known
  }
  abortSegmentLoading(id) {
    this.core.abortSegmentLoading(id);
  }
  updatePlayback(position, rate) {
    this.core.updatePlayback(position, rate);
  }
  setActiveLevelBitrate(bps) {
    this.core.setActiveLevelBitrate(bps);
  }
  setIsLive(live) {
    this.core.setIsLive(live);
  }
  destroy() {
    this.destroyed = true;
    this.core.destroy();
  }

  timer(id) {
    this.page.timers.take(id)?.();
  }
  fetchHeaders(id, status, length, range) {
    this.page.fetches.get(id)?.headers(status, length, range);
  }
  fetchBody(id, size, number) {
    const run = httpRun(size, number);
    this.lastRun = run;
    this.page.fetches.get(id)?.body(run);
  }
  fetchDone(id, error) {
    this.page.fetches.take(id)?.done(error ? new TypeError(error) : undefined);
  }

  peer(client, conn, idHex) {
    this.clients[client].found(conn, idHex);
  }
  peerConnected(conn) {
    this.conns.get(conn)?.pc.open(conn);
  }
  peerCommand(conn, bytes) {
    this.#message(conn, new Uint8Array(bytes).buffer);
  }
  peerData(conn, size, number) {
    this.#message(conn, peerRun(size, number));
  }
  #message(conn, data) {
    this.conns.get(conn)?.pc.channel.onmessage?.({ data });
  }
  peerBufferedAmountLow(conn) {
    this.conns.get(conn)?.pc.channel.onbufferedamountlow?.();
  }
  peerClosed(conn, byOther, error) {
    this.conns.get(conn)?.pc.lost(byOther, error);
  }
  trackerWarning(client, text) {
    this.clients[client].emit("warning", new Error(text));
  }
  trackerError(client, text) {
    this.clients[client].emit("error", new Error(text));
  }

  // allRequests are the core's, of both kinds of stream. They are only looked at.
  *allRequests() {
    for (const loader of [this.core.mainStreamLoader, this.core.secondaryStreamLoader]) if (loader) yield* loader.requests.items();
  }

  // account tells of bytes that were thrown away in this turn: of requests that are gone, or that hold less than before. It is called
  // at the turn's end, and for one segment before another attempt at it is told.
  account(segment) {
    const present = new Set(this.allRequests());
    for (const [request, held] of this.requests) {
      if (segment !== undefined && request.segment.runtimeId !== segment) continue;
      const now = present.has(request) ? request.loadedBytes : 0;
      if (now >= held) continue;
      if (request.status !== "succeed") {
        const cause = this.#cause(request, present.has(request));
        write.u8(OUT.discarded).str(request.segment.runtimeId).str(cause);
      }
      this.requests.delete(request);
    }
    for (const request of present) if (request.loadedBytes > 0) this.requests.set(request, request.loadedBytes);
  }

  #cause(request, present) {
    if (this.destroyed) return "destroyed";
    if (!present) return "aborted";
    return request.status === "loading" && !this.starting ? "restarted" : "mismatch";
  }
}

const optional = (s) => s ?? "";

// running is the request of a segment.
function requestOf(viewer, matches) {
  for (const request of viewer.allRequests()) if (matches(request)) return request;
}

const listeners = {
  onSegmentStart(viewer, { segment, downloadSource, peerId }) {
    viewer.starting = true;
    viewer.account(segment.runtimeId);
    viewer.starting = false;
    const request = requestOf(viewer, (r) => r.segment.runtimeId === segment.runtimeId);
    write.u8(OUT.segmentStart).str(segment.runtimeId).str(downloadSource).str(optional(peerId)).f64(request?.loadedBytes ?? 0);
  },
  onSegmentLoaded(viewer, { segmentUrl, bytesLength, downloadSource, peerId }) {
    // The event has no runtime id, and a URL may have many byte ranges: the request that has just succeeded is the one.
    const request = requestOf(viewer, (r) => r.segment.url === segmentUrl && r.status === "succeed" && !numberOf(r.data));
    const number = ++viewer.segments;
    name(request.data, number);
    write.u8(OUT.segmentLoaded).str(request.segment.runtimeId).str(downloadSource).str(optional(peerId));
    write.f64(bytesLength).u32(number).u32(request.bytes.length);
    for (const run of request.bytes) write.u32(numberOf(run));
  },
  onSegmentError(_, { error, segment, downloadSource, peerId }) {
    write.u8(OUT.segmentError).str(segment.runtimeId).str(downloadSource).str(optional(peerId)).str(error.type);
  },
  onSegmentAbort(viewer, { segment, downloadSource, peerId }) {
    const request = requestOf(viewer, (r) => r.segment.runtimeId === segment.runtimeId);
    write.u8(OUT.segmentAbort).str(segment.runtimeId).str(optional(downloadSource)).str(optional(peerId)).f64(request?.loadedBytes ?? 0);
  },
  onChunkDownloaded(viewer, bytesLength, source, peerId) {
    const run = viewer.lastRun;
    const request = requestOf(viewer, (r) => r.bytes.at(-1) === run);
    write.u8(OUT.chunkDownloaded).f64(bytesLength).str(source).str(optional(peerId));
    write.u32(numberOf(run) ?? 0).str(request?.segment.runtimeId ?? "");
  },
  onChunkUploaded(_, bytesLength, peerId) {
    write.u8(OUT.chunkUploaded).f64(bytesLength).str(optional(peerId));
  },
  onPeerConnect(_, { peerId, streamType }) {
    write.u8(OUT.peerConnect).str(streamType).str(peerId);
  },
  onPeerClose(_, { peerId, streamType }) {
    write.u8(OUT.peerClose).str(streamType).str(peerId);
  },
  onPeerError(_, { peerId, streamType, error }) {
    write.u8(OUT.peerError).str(streamType).str(peerId).str(String(error.message));
  },
  onTrackerError(_, { streamType, error }) {
    write.u8(OUT.trackerError).str(streamType).str(String(error.message));
  },
  onTrackerWarning(_, { streamType, warning }) {
    write.u8(OUT.trackerWarning).str(streamType).str(String(warning.message));
  },
};
