// Frames over the two pipes: a length, then fields in an order both sides know (protocol.go has the same lists). Integers are little-endian.
import fs from "node:fs";

const STDIN = 0;
const STDOUT = 1;

let input = Buffer.alloc(1 << 16);
let from = 0;
let to = 0;

// want makes n bytes available at input[from]; false at the end of the input.
function want(n) {
  if (to - from >= n) return true;
  if (input.length - from < n) {
    const bigger = input.length < n ? Buffer.alloc(2 * n) : input;
    input.copy(bigger, 0, from, to);
    input = bigger;
    to -= from;
    from = 0;
  }
  while (to - from < n) {
    const got = fs.readSync(STDIN, input, to, input.length - to, null);
    if (got === 0) return false;
    to += got;
  }
  return true;
}

// read waits for the next frame; null at the end of the input.
export function read() {
  if (!want(4)) return null;
  const length = input.readUInt32LE(from);
  from += 4;
  if (!want(length)) return null;
  // A copy: a question in the middle of a turn reads its answer before the frame is done with.
  const frame = new Reader(Buffer.from(input.subarray(from, from + length)));
  from += length;
  return frame;
}

// Reader takes a frame's fields.
class Reader {
  at = 0;
  constructor(buffer) {
    this.buffer = buffer;
  }
  more() {
    return this.at < this.buffer.length;
  }
  u8() {
    return this.buffer[this.at++];
  }
  u32() {
    this.at += 4;
    return this.buffer.readUInt32LE(this.at - 4);
  }
  f64() {
    this.at += 8;
    return this.buffer.readDoubleLE(this.at - 8);
  }
  bytes() {
    const n = this.u32();
    this.at += n;
    return this.buffer.subarray(this.at - n, this.at);
  }
  str() {
    return this.bytes().toString("utf8");
  }
}

let output = Buffer.alloc(1 << 16);
let used = 4; // the length comes first

function room(n) {
  if (output.length - used >= n) return;
  const bigger = Buffer.alloc(2 * (output.length + n));
  output.copy(bigger, 0, 0, used);
  output = bigger;
}

export const write = {
  u8(v) {
    room(1);
    output[used++] = v;
    return write;
  },
  u32(v) {
    room(4);
    used = output.writeUInt32LE(v, used);
    return write;
  },
  f64(v) {
    room(8);
    used = output.writeDoubleLE(v, used);
    return write;
  },
  bytes(b) {
    write.u32(b.length);
    room(b.length);
    output.set(b, used);
    used += b.length;
    return write;
  },
  str(s) {
    return write.bytes(Buffer.from(s, "utf8"));
  },
};

// flush sends what was written as one frame.
export function flush() {
  output.writeUInt32LE(used - 4, 0);
  for (let sent = 0; sent < used; ) sent += fs.writeSync(STDOUT, output, sent, used - sent);
  used = 4;
}
