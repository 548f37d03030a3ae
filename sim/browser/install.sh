#!/usr/bin/env bash
# Installs what a real browser needs to watch. Without arguments: the npm packages of the viewing page and of the tests, at the
# versions of package-lock.json, into node_modules beside this script. With --browser also Debian's Chromium and ffmpeg, by
# apt-get, where they are missing; with --shell also Chromium without windows, for calibration. What is there already is left alone.
set -euo pipefail
cd "$(dirname "$0")"

fail() {
  echo "install.sh: $*" >&2
  exit 1
}

packages() {
  local stamp=node_modules/.installed
  if [[ -f $stamp ]] && cmp -s "$stamp" package-lock.json; then
    return
  fi
  command -v npm >/dev/null || fail "npm is missing: install Node 18 or newer with npm (on Debian: apt-get install nodejs npm)"
  # No install scripts: one of bittorrent-tracker's dependencies would fetch or compile a WebRTC library for Node, which nothing here uses.
  npm ci --ignore-scripts --no-audit --no-fund
  cp package-lock.json "$stamp"
}

# debian PACKAGE... installs Debian packages, as root or with sudo.
debian() {
  command -v apt-get >/dev/null || fail "$* missing, and there is no apt-get to install it: install it by hand"
  local as=()
  if [[ $(id -u) -ne 0 ]]; then
    command -v sudo >/dev/null || fail "$* missing: run this script as root once, or install sudo"
    as=(sudo)
  fi
  "${as[@]}" apt-get update
  "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$@"
}

browser() {
  local missing=()
  if [[ -z ${SWARMLAB_CHROMIUM:-} ]] && ! command -v chromium >/dev/null; then
    missing+=(chromium)
  fi
  command -v ffmpeg >/dev/null || missing+=(ffmpeg)
  if [[ ${#missing[@]} -gt 0 ]]; then
    debian "${missing[@]}"
  fi
}

shell() {
  if [[ -z ${SWARMLAB_CHROMIUM:-} ]] && ! command -v chromium-headless-shell >/dev/null; then
    debian chromium-headless-shell
  fi
}

case "${1:-}" in
"") packages ;;
--browser) packages && browser ;;
--shell) packages && browser && shell ;;
*) fail "usage: install.sh [--browser | --shell]" ;;
esac
