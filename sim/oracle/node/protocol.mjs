// The kinds of frames and actions. protocol.go has the same lists, in the same order.
const number = (names) => Object.fromEntries(names.map((name, i) => [name, i]));

// What the world tells: calls of the player, events of the network.
export const IN = number([
  "drain", "hasSegment", "isSegmentLoadable",
  "create", "setManifestURL", "addStream", "updateStream", "loadSegment", "abortSegmentLoading", "updatePlayback",
  "setActiveLevelBitrate", "setIsLive", "destroy",
  "timer", "fetchHeaders", "fetchBody", "fetchDone",
  "peer", "peerConnected", "peerCommand", "peerData", "peerBufferedAmountLow", "peerClosed", "trackerWarning", "trackerError",
]);

// What the core wants done, and what it tells. The first three end a frame: the other side has the word.
export const OUT = number([
  "end", "askRandom", "askBufferedAmount",
  "setTimer", "clearTimer", "fetch", "cancelFetch", "startTracker", "destroyTracker", "sendCommand", "sendData", "close",
  "loaded", "failed",
  "segmentStart", "segmentLoaded", "segmentError", "segmentAbort", "chunkDownloaded", "chunkUploaded",
  "peerConnect", "peerClose", "peerError", "trackerError", "trackerWarning",
  "discarded", "uploadLost", "storage", "fault",
]);
