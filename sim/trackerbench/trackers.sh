#!/usr/bin/env bash
# Compares the trackers that can be had from registries with the embedded one: bittorrent-tracker (npm) and aquatic_ws (the Rust
# registry; built once, which takes some minutes, and kept). Arguments go to swarmlab tracker: flags, and addresses of other
# trackers that run already, such as wt-tracker's. What this script started, it ends.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly aquatic_version=0.9.0
readonly cache=results/runs/aquatic-$aquatic_version # ignored by git
readonly packages=sim/browser/node_modules
started=()
addresses=()
work=$(mktemp -d)

cleanup() {
  exec 3>&- # that is what ends bittorrent-tracker
  for pid in ${started[@]+"${started[@]}"}; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

say() { echo "trackers.sh: $*" >&2; }

# line FILE waits for a first line in it.
line() {
  for _ in $(seq 100); do
    if [[ -s $1 ]]; then
      head -n 1 "$1"
      return
    fi
    sleep 0.1
  done
  return 1
}

bittorrent_tracker() {
  command -v node >/dev/null || { say "without bittorrent-tracker: Node is missing"; return; }
  sim/browser/install.sh
  mkfifo "$work/alive"
  node sim/trackerbench/bittorrent-tracker.mjs "$packages" <"$work/alive" >"$work/bittorrent-tracker" &
  started+=($!)
  exec 3>"$work/alive"
  addresses+=("$(line "$work/bittorrent-tracker")") || { say "bittorrent-tracker has not started"; exit 1; }
}

aquatic_ws() {
  if [[ ! -x $cache/bin/aquatic_ws ]]; then
    command -v cargo >/dev/null || { say "without aquatic_ws: Rust is missing (https://rustup.rs), cmake and a C compiler are needed too"; return; }
    say "building aquatic_ws $aquatic_version, once; this takes some minutes"
    # Without its default feature prometheus: the locked version of a crate of it does not compile any more (metrics 0.22.3 since Rust 1.88).
    cargo install aquatic_ws --version "$aquatic_version" --locked --no-default-features --features mimalloc --root "$cache" ||
      { say "without aquatic_ws: it cannot be built here"; return; }
  fi
  local port
  port=$(free_port)
  "$cache/bin/aquatic_ws" -p | sed "s/^address = .*/address = \"127.0.0.1:$port\"/" >"$work/aquatic.toml"
  # It asks for 256 MiB of locked memory for io_uring, and lives with less where it must.
  (ulimit -l 262144 2>/dev/null || true; exec "$cache/bin/aquatic_ws" -c "$work/aquatic.toml") >"$work/aquatic" 2>&1 &
  started+=($!)
  for _ in $(seq 100); do
    if (exec 4<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      addresses+=("ws://127.0.0.1:$port")
      return
    fi
    sleep 0.1
  done
  say "without aquatic_ws: it has not started. It needs Linux 5.8 or newer and io_uring, which many containers forbid:"
  cat "$work/aquatic" >&2
}

# free_port is one that nobody listens on now.
free_port() {
  local port
  for port in $(seq 3000 3100); do
    if ! (exec 4<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
  say "no port from 3000 to 3100 is free"
  return 1
}

go build -o results/runs/swarmlab ./cmd/swarmlab
bittorrent_tracker
aquatic_ws
results/runs/swarmlab tracker ${addresses[@]+"${addresses[@]}"} embedded "$@"
