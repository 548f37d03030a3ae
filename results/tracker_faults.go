package results

// TrackerFaults is what a tracker did when it was mistreated, one kind of mistreatment after the other, while a control group of
// well-behaved viewers went on.
type TrackerFaults struct {
	Seed uint64 `json:"seed"`
	// ControlPeers is the size of the control group.
	ControlPeers int `json:"controlPeers"`
	// Calm is the control group before anything was done.
	Calm  TrackerControl `json:"calm"`
	Cases []TrackerFault `json:"cases"`
	// Stopped is why there are fewer cases than asked for.
	Stopped string `json:"stopped,omitempty"`
}

// TrackerFault is one kind of mistreatment.
type TrackerFault struct {
	Name string `json:"name"`
	Doc  string `json:"doc"` // what was done, in a line
	// Attempts is how often it was done, in how many variants.
	Attempts int `json:"attempts"`
	// Reactions counts what the tracker did about the attempts: "error" (it said so), "close", "silence", "accepted" (as if nothing
	// were wrong) or "deaf" (it said nothing more on that connection); and words of single cases, told in Doc.
	Reactions map[string]int `json:"reactions"`
	// Said is one of its error messages, shortened.
	Said string `json:"said,omitempty"`
	// Note is what else was seen.
	Note string `json:"note,omitempty"`
	// Alive: it took a new viewer afterwards, and answered.
	Alive bool `json:"alive"`
	// Restarted: it was started again, because it was dead or because that is the case.
	Restarted bool `json:"restarted,omitempty"`
	// RecoveryMs is from then until the control group had an offer delivered again.
	RecoveryMs float64 `json:"recoveryMs,omitempty"`
	// RSSBeforeBytes and RSSPeakBytes are of its process; 0: unknown.
	RSSBeforeBytes int64          `json:"rssBeforeBytes,omitempty"`
	RSSPeakBytes   int64          `json:"rssPeakBytes,omitempty"`
	Control        TrackerControl `json:"control"`
}

// TrackerControl is how the control group fared for a while. Latency is from an announce to the arrival of each of its offers.
type TrackerControl struct {
	Seconds   float64        `json:"seconds"`
	Announces int            `json:"announces"`
	Expected  int            `json:"offersExpected"`
	Delivered int            `json:"offersDelivered"`
	Closed    int            `json:"closed"` // connections that broke off
	OfferMs   TrackerLatency `json:"offerMs"`
}

// Lost is how many of the control group's offers did not arrive.
func (c TrackerControl) Lost() int { return c.Expected - c.Delivered }

// Survived reports whether the tracker lived and the control group lost nothing. A restart is not held against it.
func (f TrackerFault) Survived() bool {
	return f.Alive && (f.Restarted || f.Control.Lost() == 0 && f.Control.Closed == 0)
}
