// Segment data never crosses the pipe: only its size does. Each run of bytes that comes in has a number, and each complete
// segment has one, by which the other side knows whose bytes they are.

// Payload stands for the bytes [from, to) of a complete segment. The library takes slices of it and asks for its length.
export class Payload {
  constructor(id, from, to) {
    this.id = id;
    this.from = from;
    this.to = to;
    this.byteLength = to - from;
  }

  // slice is ArrayBuffer's.
  slice(from = 0, to = this.byteLength) {
    const clamp = (i) => Math.min(Math.max(i < 0 ? this.byteLength + i : i, 0), this.byteLength);
    const [a, b] = [clamp(from), clamp(to)];
    return new Payload(this.id, this.from + a, this.from + Math.max(a, b));
  }
}

const numbers = new WeakMap(); // of runs, by their ArrayBuffer or view; of segments, by their ArrayBuffer
let zeros = new ArrayBuffer(1 << 20);

// httpRun is a chunk of a body. The library copies it; all share one store of zeros.
export function httpRun(size, number) {
  if (zeros.byteLength < size) zeros = new ArrayBuffer(2 * size);
  const run = new Uint8Array(zeros, 0, size);
  numbers.set(run, number);
  return run;
}

// peerRun is a data-channel message. simple-peer wants an ArrayBuffer and makes the view itself.
export function peerRun(size, number) {
  const run = new ArrayBuffer(size);
  numbers.set(run, number);
  return run;
}

// numberOf is a run's.
export const numberOf = (run) => numbers.get(run) ?? numbers.get(run.buffer);

// name gives a segment's data a number.
export const name = (data, number) => numbers.set(data, number);

// payloadOf is what the storage keeps in place of a segment's data.
export const payloadOf = (data) => (data instanceof Payload ? data : new Payload(numbers.get(data), 0, data.byteLength));
