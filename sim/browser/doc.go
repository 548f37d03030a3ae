// Package browser answers: what does the real library do, in a real browser, in the same swarm?
//
// It drives Chromium: pages of package page, each with a cache and an identity of its own, and what they say of themselves. The
// viewing libraries and bittorrent-tracker are npm packages that install.sh puts into node_modules here (make assets); Chromium is
// the machine's. The tests of this package put real pages, scripted peers and virtual viewers into one swarm (make interop).
//
// Limits: pages of one Chromium share its network process and the machine's processors; nothing is shaped. A page's clock is
// its own: event times are milliseconds since that page was opened.
package browser
