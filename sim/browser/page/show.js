// What a person sees.
const byId = (id) => document.getElementById(id);
const SVG = "http://www.w3.org/2000/svg";

/** show draws the state, twice a second. */
export function show(now, record, config) {
  byId("scenario").textContent = config.scenario;
  const p = now.playback;
  tile("ratio", now.ratio === null ? "–" : `${(100 * now.ratio).toFixed(1)} %`);
  byId("ratio-bar").style.width = `${100 * (now.ratio ?? 0)}%`;
  tile("peers", now.peers.length, now.peersSeen > now.peers.length ? `${now.peersSeen} seen` : "");
  tile("buffer", seconds(p.bufferSeconds));
  where(p);
  tile("stalls", now.stalls, now.stalls > 0 ? `${(now.stalledMs / 1000).toFixed(1)} s in all` : "");
  byId("stalls").classList.toggle("bad", now.stalls > 0);
  tile("startup", now.startupMs === null ? "–" : seconds(now.startupMs / 1000));
  tile("first-peer", now.timeToFirstPeerMs === null ? "–" : seconds(now.timeToFirstPeerMs / 1000));
  byId("start").hidden ||= now.started !== null;
  byId("from-http").textContent = bytes(now.bytes.http);
  byId("from-p2p").textContent = bytes(now.bytes.p2p);
  byId("to-p2p").textContent = bytes(now.bytes.uploaded);
  draw(byId("chart"), record.seconds);
  peers(byId("peer-list"), record.peers);
  byId("no-peers").hidden = record.peers.size > 0;
  byId("peer-table").hidden = record.peers.size === 0;
  byId("options").textContent = JSON.stringify({ manifest: config.manifest, core: config.core, hls: config.hls }, null, 2);
  byId("trouble").textContent = troubles(record);
  byId("no-trouble").hidden = byId("trouble").textContent !== "";
}

/** showProblem says what keeps the page from playing. */
export function showProblem(text) {
  byId("problem").textContent = text;
  byId("problem").hidden = false;
}

/** showStart offers a button where the page was told not to start by itself. */
export function showStart(start) {
  const button = byId("start");
  button.hidden = false;
  button.addEventListener("click", () => { button.hidden = true; start(); });
}

/** where is the distance from the live edge, or the position in a recording. */
function where(p) {
  byId("where-title").textContent = p.live ? "Latency" : "Position";
  if (p.live) tile("where", p.liveLatencySeconds === null ? "–" : seconds(p.liveLatencySeconds));
  else tile("where", seconds(p.currentTime), p.duration === null ? "" : `of ${seconds(p.duration)}`);
}

function tile(id, value, note = "") {
  byId(id).textContent = value;
  byId(`${id}-note`).textContent = note;
}

const LEAST = 30; // seconds in the drawing
const MOST = 120;

/** draw stacks bytes by source, a bar a second, newest at the right; what was uploaded hangs below the line. */
function draw(svg, all) {
  const span = Math.min(Math.max(all.length, LEAST), MOST);
  const shown = all.slice(-span);
  const up = Math.max(1, ...shown.map((s) => s.http + s.p2p));
  const down = Math.max(0, ...shown.map((s) => s.uploaded));
  const { width, height } = svg.viewBox.baseVal;
  const scale = (height - 18) / (up + down);
  const zero = up * scale + 14;
  const step = width / span;
  const bars = [];
  shown.forEach((s, i) => {
    const x = width - (shown.length - i) * step;
    const http = s.http * scale;
    const p2p = s.p2p * scale;
    if (http > 0) bars.push(bar("http", x, zero - http, step, http));
    if (p2p > 0) bars.push(bar("p2p", x, zero - http - p2p, step, p2p));
    if (s.uploaded > 0) bars.push(bar("uploaded", x, zero + 1, step, s.uploaded * scale));
  });
  const line = document.createElementNS(SVG, "line");
  for (const [k, v] of Object.entries({ x1: 0, x2: width, y1: zero, y2: zero })) line.setAttribute(k, v);
  svg.replaceChildren(...bars, line);
  byId("chart-left").textContent = `${span} s ago`;
  byId("chart-top").textContent = up > 1 ? `highest bar: ${bytes(up)}` : "";
}

function bar(kind, x, y, width, height) {
  const rect = document.createElementNS(SVG, "rect");
  rect.setAttribute("class", kind);
  for (const [k, v] of Object.entries({ x, y, width: Math.max(width - 1, 1), height })) rect.setAttribute(k, v.toFixed(2));
  return rect;
}

function peers(body, known) {
  const rows = [...known].map(([id, p]) => {
    const row = document.createElement("tr");
    for (const text of [id, bytes(p.down), bytes(p.up)]) {
      const cell = document.createElement("td");
      cell.textContent = text;
      row.append(cell);
    }
    return row;
  });
  body.replaceChildren(...rows);
}

const TROUBLE = new Set(["error", "hlsError", "onSegmentError", "onPeerError", "onTrackerError", "onTrackerWarning", "notPlaying"]);

/** troubles are the last things that went wrong, newest first. */
function troubles(record) {
  const lines = [];
  for (let i = record.events.length - 1; i >= 0 && lines.length < 8; i--) {
    const e = record.events[i];
    if (TROUBLE.has(e.kind)) {
      lines.push(`${seconds(e.ms / 1000)}  ${e.kind}  ${[e.type, e.source, e.text].filter(Boolean).join(", ").slice(0, 160)}`);
    }
  }
  return lines.join("\n");
}

const seconds = (s) => `${s.toFixed(1)} s`;

function bytes(n) {
  for (const [unit, size] of [["GB", 1e9], ["MB", 1e6], ["kB", 1e3]]) {
    if (n >= size) return `${(n / size).toFixed(n >= 100 * size ? 0 : 1)} ${unit}`;
  }
  return `${n} B`;
}
