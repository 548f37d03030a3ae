// What the page plays and how: the server's word (/page/config.json), overlaid with the page's own address.
//
//   ?manifest=URL            another stream
//   ?tracker=URL             another tracker; may be repeated
//   ?swarmId=NAME            the swarm's name
//   ?config={"core":{...},"hls":{...}}   options of P2P Media Loader's core and of hls.js, as JSON
//   ?core.highDemandTimeWindow=4&hls.liveSyncDurationCount=3   the same, one by one; values are JSON, or else text
//   ?start=no                wait for the button (or a test) instead of playing at once
//   ?play=no                 load, but hold the picture
//   ?verify=yes              note the SHA-256 of every segment's bytes
//   ?show=no                 draw nothing, not even the picture: for measurements, of which drawing is no part
//   ?muted=no                with sound; browsers play that only after a click

/** options reads the configuration. */
export async function options() {
  const response = await fetch("page/config.json");
  if (!response.ok) throw new Error(`page/config.json: ${response.status} ${response.statusText}`);
  const config = await response.json();
  const query = new URLSearchParams(location.search);
  const core = { ...config.core };
  const hls = { ...config.hls };
  if (query.has("config")) {
    const given = parseConfig(query.get("config"));
    Object.assign(core, given.core);
    Object.assign(hls, given.hls);
  }
  for (const [key, text] of query) {
    if (key.startsWith("core.")) put(core, key.slice("core.".length), value(text));
    if (key.startsWith("hls.")) put(hls, key.slice("hls.".length), value(text));
  }
  if (query.has("swarmId")) core.swarmId = query.get("swarmId");
  const trackers = query.getAll("tracker");
  if (trackers.length > 0) core.announceTrackers = trackers;
  core.announceTrackers ??= [socketURL(config.tracker)];
  return {
    scenario: config.scenario,
    manifest: new URL(query.get("manifest") ?? config.manifest, location.href).href,
    core,
    hls,
    start: query.get("start") !== "no",
    play: query.get("play") !== "no",
    verify: query.get("verify") === "yes",
    show: query.get("show") !== "no",
    muted: query.get("muted") !== "no",
  };
}

function parseConfig(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`?config= must be JSON such as {"core":{"highDemandTimeWindow":4},"hls":{}}: ${error.message}`);
  }
}

function value(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** put sets a field by its path: mainStream.highDemandTimeWindow. */
function put(object, path, to) {
  const names = path.split(".");
  const last = names.pop();
  for (const name of names) object = object[name] ??= {};
  object[last] = to;
}

function socketURL(path) {
  const url = new URL(path, location.href);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}
