// A page's globals, as the library finds them in a browser: time, chance, timers and HTTP of the viewer whose turn it is.
import { flush, read, write } from "./frames.mjs";
import { OUT } from "./protocol.mjs";

// turn is whose turn it is and when, and whether it is that of a timer without delay.
export const turn = { viewer: undefined, now: 0, atOnce: false };

// ask hands the word to the other side in the middle of a turn, with all that was written so far, and returns its answer.
export function ask() {
  flush();
  return read().f64();
}

// Pending is what a viewer's page waits for, by number.
class Pending {
  #next = 1;
  #byID = new Map();
  add(x) {
    this.#byID.set(this.#next, x);
    return this.#next++;
  }
  get(id) {
    return this.#byID.get(id);
  }
  take(id) {
    const x = this.#byID.get(id);
    this.#byID.delete(id);
    return x;
  }
}

export class Page {
  timers = new Pending();
  fetches = new Pending();
}

// A browser's timer counts whole milliseconds. One of no delay that is set by another takes time there; here it must, lest time stand
// still for whoever waits for it to pass.
function setTimer(callback, delay = 0, ...args) {
  const asked = Math.max(0, Math.trunc(delay));
  const milliseconds = asked === 0 && turn.atOnce ? 1 : asked;
  const id = turn.viewer.page.timers.add(() => {
    turn.atOnce = milliseconds === 0;
    callback(...args);
  });
  write.u8(OUT.setTimer).u32(id).f64(milliseconds);
  return id;
}

function clearTimer(id) {
  if (id === undefined || id === null || !turn.viewer.page.timers.take(id)) return;
  write.u8(OUT.clearTimer).u32(id);
}

// FetchRequest is what the library uses of a Request.
class FetchRequest {
  constructor(url, { headers, signal }) {
    this.url = url;
    this.headers = headers;
    this.signal = signal;
  }
}

// Transfer is one running fetch, and its response's body.
class Transfer {
  #chunks = [];
  #over = false; // the body ended or failed
  #error;
  #waiting; // a read that waits for the next chunk

  constructor(resolve, reject) {
    this.resolve = resolve;
    this.reject = reject;
  }

  headers(status, length, range) {
    const headers = new Headers();
    if (length >= 0) headers.set("Content-Length", String(length));
    if (range) headers.set("Content-Range", `bytes ${range.start}-${range.end}/${range.total < 0 ? "*" : range.total}`);
    const body = { getReader: () => ({ read: () => this.#read() }) };
    this.resolve({ ok: status >= 200 && status <= 299, status, statusText: "", headers, body });
  }

  body(chunk) {
    if (this.#waiting) this.#settle(({ resolve }) => resolve({ done: false, value: chunk }));
    else this.#chunks.push(chunk);
  }

  done(error) {
    this.#over = true;
    this.#error = error;
    this.reject(error ?? new TypeError("no answer")); // changes nothing once the headers are in
    if (this.#waiting) this.#settle((w) => this.#finish(w));
  }

  #settle(how) {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    how(waiting);
  }

  #finish({ resolve, reject }) {
    if (this.#error) reject(this.#error);
    else resolve({ done: true, value: undefined });
  }

  #read() {
    return new Promise((resolve, reject) => {
      if (this.#chunks.length) resolve({ done: false, value: this.#chunks.shift() });
      else if (this.#over) this.#finish({ resolve, reject });
      else this.#waiting = { resolve, reject };
    });
  }
}

function fetch(request) {
  return new Promise((resolve, reject) => {
    const { signal } = request;
    if (signal.aborted) return reject(signal.reason);
    const { page } = turn.viewer;
    const transfer = new Transfer(resolve, reject);
    const id = page.fetches.add(transfer);
    signal.addEventListener("abort", () => {
      if (!page.fetches.take(id)) return;
      write.u8(OUT.cancelFetch).u32(id);
      transfer.done(new DOMException("aborted", "AbortError"));
    });
    write.u8(OUT.fetch).u32(id).str(request.url).str(request.headers.get("Range") ?? "");
  });
}

const define = (name, value) => Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });

// install puts the page in place of Node's own globals. What Node itself needs of them it took before.
export function install() {
  define("window", globalThis);
  // A desktop browser: on others the library asks one tracker only, or keeps less.
  define("navigator", { userAgent: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36" });
  define("performance", { now: () => turn.now });
  Date.now = () => turn.now;
  Math.random = () => {
    write.u8(OUT.askRandom);
    return ask();
  };
  define("setTimeout", setTimer);
  define("clearTimeout", clearTimer);
  // simple-peer alone has an interval, and looks there for channels that are stuck while closing. None is in this world.
  define("setInterval", () => 0);
  define("clearInterval", () => {});
  define("Request", FetchRequest);
  define("fetch", fetch);
}
