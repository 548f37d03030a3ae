// Watches the page's WebRTC connections from outside: this module replaces RTCPeerConnection by a subclass that keeps notes and
// changes nothing. P2P Media Loader takes the constructor when its module is loaded, so this module is imported before it.

/** What became of each peer connection: made an offer or answered one, got through or not. */
export const connections = [];

const Original = window.RTCPeerConnection;

window.RTCPeerConnection = class extends Original {
  constructor(...args) {
    super(...args);
    const note = { role: "", state: "new", channel: "", closed: false, steps: {} };
    connections.push(note);
    this.note = note;
    step(note, "made");
    this.addEventListener("connectionstatechange", () => { note.state = this.connectionState; step(note, this.connectionState); });
    this.addEventListener("icegatheringstatechange", () => { if (this.iceGatheringState === "complete") step(note, "gathered"); });
    this.addEventListener("datachannel", (event) => follow(note, event.channel));
  }

  createDataChannel(...args) {
    const channel = super.createDataChannel(...args);
    follow(this.note, channel);
    return channel;
  }

  setLocalDescription(description) {
    this.note.role = description?.type === "answer" ? "answerer" : "offerer";
    step(this.note, "described");
    return super.setLocalDescription(description);
  }

  setRemoteDescription(description) {
    step(this.note, "heard");
    return super.setRemoteDescription(description);
  }

  close() {
    this.note.closed = true;
    super.close();
  }
};

function follow(note, channel) {
  note.channel = channel.readyState;
  for (const name of ["open", "closing", "close"]) {
    channel.addEventListener(name, () => {
      note.channel = name === "open" ? "open" : "closed";
      if (name === "open") step(note, "open");
    });
  }
}

/** step notes when something first happened to a connection, in ms since the page was opened. */
function step(note, name) {
  note.steps[name] ??= Math.round(performance.now() * 10) / 10;
}
