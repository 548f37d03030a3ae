// The announce client is swarmlab's own, on the other side of the pipe, for both kinds of core: what is compared is the core.
// This one brings the connections it finds, wrapped in the released simple-peer as bittorrent-tracker wraps them.
import { EventEmitter } from "node:events";
import Peer from "@thaunknown/simple-peer/lite.js";
import { turn } from "./page.mjs";
import { write } from "./frames.mjs";
import { OUT } from "./protocol.mjs";
import { Payload } from "./payload.mjs";

const text = (bytes) => Buffer.from(bytes).toString("utf8");

export default class Client extends EventEmitter {
  constructor({ infoHash, peerId, announce }) {
    super();
    this.viewer = turn.viewer;
    this.infoHash = text(infoHash);
    this.peerId = text(peerId);
    this.announce = announce;
    this.id = this.viewer.clients.push(this) - 1;
  }

  start() {
    write.u8(OUT.startTracker).u32(this.id).str(this.infoHash).str(this.peerId).u32(this.announce.length);
    for (const url of this.announce) write.str(url);
  }

  destroy() {
    write.u8(OUT.destroyTracker).u32(this.id);
  }

  // found hands over a connection that is on its way.
  found(conn, idHex) {
    // As if the other side had offered, whoever did: the channel then comes with the connection, and nothing is negotiated here.
    const peer = new Peer({ trickle: false });
    peer.id = idHex;
    const pc = peer._pc;
    pc.id = conn;
    this.viewer.conns.set(conn, { peer, pc });
    // bittorrent-tracker warns of a connection that failed before it was open, and listens until then.
    const failed = () => peer.destroy();
    peer.once("error", failed);
    peer.once("connect", () => {
      peer.removeListener("error", failed);
      peer.on("data", (run) => (this.viewer.lastRun = run)); // before the core does
    });
    const close = pc.close;
    pc.close = () => {
      this.#lost(peer);
      close.call(pc);
      this.viewer.conns.delete(conn);
    };
    this.emit("peer", peer);
  }

  // lost tells how much segment data dies in the queue of messages.
  #lost(peer) {
    let bytes = 0;
    const { queue } = peer._writableState;
    for (let message; (message = queue.shift()) !== undefined; ) if (message instanceof Payload) bytes += message.byteLength;
    if (bytes > 0) write.u8(OUT.uploadLost).u32(bytes).str(peer.idUtf8 ?? "");
  }
}
