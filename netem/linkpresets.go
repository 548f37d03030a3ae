package netem

import "time"

// Link presets, for what people have. Delay is half the round trip to the nearest exchange or CDN edge; jitter is the
// standard deviation of the one-way delay of an idle line; queues are the bottleneck's full drop-tail queue. Where
// sources disagree the median is taken; what no public source gives is an engineering choice and says "assumed".
//
// To add one: write a line here with its source. TestLinkPresets checks it.

type linkPreset struct {
	link   Link
	source string
}

var linkPresets = newRegistry[linkPreset]("link preset")

// LinkPreset returns the named preset.
func LinkPreset(name string) (Link, bool) {
	p, ok := linkPresets.lookup(name)
	return p.link, ok
}

// LinkPresetNames lists the presets in the order people would look for them.
func LinkPresetNames() []string { return linkPresets.list() }

// LinkPresetSource says where the preset's numbers come from; "" if there is no such preset.
func LinkPresetSource(name string) string {
	p, _ := linkPresets.lookup(name)
	return p.source
}

func preset(name string, down, up Rate, rttMs, jitterMs, lossPercent float64, queueDownMs, queueUpMs int, source string) {
	linkPresets.register(name, linkPreset{source: source, link: Link{
		Down: down, Up: up,
		Delay:     time.Duration(rttMs / 2 * float64(time.Millisecond)),
		Jitter:    time.Duration(jitterMs * float64(time.Millisecond)),
		Loss:      lossPercent / 100,
		QueueDown: QueueTime(time.Duration(queueDownMs) * time.Millisecond),
		QueueUp:   QueueTime(time.Duration(queueUpMs) * time.Millisecond),
	}})
}

func init() {
	// What households and offices have.     RTT jit loss% qDown qUp
	preset("fiber", 300*Mbit, 150*Mbit, 9, 1, .01, 40, 40,
		"Ookla fixed medians 2021-2023; ~10 ms RTT; Ofcom: FTTP keeps 96-98 % at peak; spread assumed")
	preset("cable", 200*Mbit, 15*Mbit, 20, 4, .05, 100, 250,
		"Ookla US medians; upstream queue ~250 ms without AQM: Comcast, arXiv 2107.13968")
	preset("cable-aqm", 200*Mbit, 15*Mbit, 20, 4, .05, 100, 25,
		"as cable, with DOCSIS-PIE upstream (15-30 ms under load): Comcast, arXiv 2107.13968; a short drop-tail queue stands for PIE")
	preset("dsl", 40*Mbit, 9*Mbit, 28, 3, .1, 150, 300,
		"VDSL/FTTC: Ofcom 2016-2023 (33-59 Mbit/s delivered, 9-10 up); queues assumed")
	preset("adsl", 8*Mbit, 800*Kbit, 40, 5, .2, 300, 800,
		"ADSL2+ 8.4 Mbit/s: Ofcom 2016; uplink and queues assumed")
	preset("lte", 25*Mbit, 8*Mbit, 55, 12, .1, 300, 500,
		"Opensignal 2019 (14-21 down, 2.4-7 up, 58-70 ms), CellSmart 2022 (~20 up); between them")
	preset("lte-congested", 5*Mbit, 1500*Kbit, 110, 30, .5, 800, 1200,
		"assumed, between DevTools Slow 4G and Fast 4G; bufferbloat per Jiang et al. 2012")
	preset("5g", 200*Mbit, 18*Mbit, 42, 8, .05, 150, 300,
		"Ookla global 5G median Q3-2023 (203 down), US H1-2024 (14.6 up, 47 ms)")
	preset("3g", 1600*Kbit, 750*Kbit, 200, 40, .5, 1000, 1500,
		"WebPageTest 3G family and Apple NLC 3G; queues of about a second: Alfredsson et al. 2013")
	preset("starlink", 90*Mbit, 12*Mbit, 47, 8, .3, 100, 200,
		"Ookla US Q2-2021 (97/14, 45 ms), UCLouvain 2022; handover outages are not modelled")
	preset("geo", 19*Mbit, 2800*Kbit, 670, 15, .2, 500, 1000,
		"HughesNet and Viasat, Ookla Q2-2021 (18-20 down, 2.4-3.4 up, 630-724 ms)")
	preset("office", 100*Mbit, 100*Mbit, 8, 2, .02, 30, 30, "assumed: one seat's share of a leased line")
	preset("campus-wifi", 60*Mbit, 40*Mbit, 12, 8, .2, 60, 60, "assumed")

	// What web performance tools call slow. Their namesakes differ between tools: see each tool's own definition.
	preset("wpt-cable", 5*Mbit, 1*Mbit, 28, 0, 0, 100, 100, "WebPageTest connectivity.ini.sample, Cable")
	preset("wpt-lte", 12*Mbit, 12*Mbit, 70, 0, 0, 100, 100, "WebPageTest connectivity.ini.sample, LTE")
	preset("lighthouse-slow4g", 1638400, 750*Kbit, 150, 0, 0, 100, 100,
		"Lighthouse core/config/constants.js, mobileSlow4G (1.6 * 1024 kbit/s)")
	preset("devtools-fast4g", 8100*Kbit, 1350*Kbit, 165, 0, 0, 100, 100,
		"Chromium DevTools NetworkManager.ts 2024, Fast 4G (9 and 1.5 Mbit/s * 0.9, 60 ms * 2.75)")

	// Servers.
	preset("origin", 1*Gbit, 1*Gbit, 1, 0, 0, 50, 50, "assumed: one server port in a data centre, half a millisecond off the edge")
	preset("tracker", 1*Gbit, 1*Gbit, 1, 0, 0, 50, 50, "assumed: as origin")
	preset("unlimited", 0, 0, 0, 0, 0, 0, 0, "nothing is emulated: to see what the network costs a result")
}
