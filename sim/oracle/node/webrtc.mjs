// What simple-peer uses of WebRTC. A connection begins where the tracker client hands it over: descriptions are exchanged on
// the other side of the pipe, so this one only opens, carries messages and ends.
import { ask } from "./page.mjs";
import { write } from "./frames.mjs";
import { OUT } from "./protocol.mjs";
import { Payload } from "./payload.mjs";

class Channel {
  label = "";
  readyState = "open";
  bufferedAmountLowThreshold = 0;

  constructor(id) {
    this.id = id;
  }

  // bufferedAmount counts whole messages, as the world does.
  get bufferedAmount() {
    write.u8(OUT.askBufferedAmount).u32(this.id);
    return ask();
  }

  send(message) {
    if (message instanceof Payload) write.u8(OUT.sendData).u32(this.id).u32(message.id).u32(message.from).u32(message.to);
    else write.u8(OUT.sendCommand).u32(this.id).bytes(message);
  }

  close() {
    this.readyState = "closed";
  }
}

// The report in which simple-peer looks for the pair of candidates in use.
const report = [
  { type: "transport", selectedCandidatePairId: "pair" },
  { type: "candidate-pair", id: "pair", localCandidateId: "local", remoteCandidateId: "remote" },
];

export class RTCPeerConnection {
  iceConnectionState = "new";
  iceGatheringState = "complete";
  connectionState = "new";
  signalingState = "stable";
  gone = false; // closed by either side

  async getStats() {
    return report;
  }

  // open is the moment at which the data channel can be used.
  open(id) {
    this.channel = new Channel(id);
    this.ondatachannel({ channel: this.channel });
    this.iceConnectionState = this.connectionState = "connected";
    this.oniceconnectionstatechange();
    this.channel.onopen();
  }

  // lost is the end from without. That the other side has closed, Chromium tells as an error of the channel.
  lost(byOther, error) {
    this.gone = true;
    if (byOther && this.channel) {
      this.channel.readyState = "closed";
      this.channel.onerror?.({ error: new Error("User-Initiated Abort, reason=Close called") });
      this.channel?.onclose?.();
    } else if (error) {
      this.iceConnectionState = this.connectionState = "failed";
      this.oniceconnectionstatechange?.();
      this.onconnectionstatechange?.();
    } else if (this.channel) {
      this.channel.readyState = "closed";
      this.channel.onclose?.();
    } else {
      this.iceConnectionState = this.connectionState = "closed";
      this.oniceconnectionstatechange?.();
    }
  }

  close() {
    if (this.gone) return;
    this.gone = true;
    write.u8(OUT.close).u32(this.id);
  }
}

export class RTCSessionDescription {}
export class RTCIceCandidate {}
