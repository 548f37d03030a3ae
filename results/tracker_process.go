package results

// TrackerProcess is what the tracker's process, its threads and children cost, from its side of the operating system.
type TrackerProcess struct {
	PID     int    `json:"pid"`
	Command string `json:"command,omitempty"`
	// CPU is user and system time in the window.
	CPUSeconds           float64 `json:"cpuSeconds"`
	CPUUsPerAnnounce     float64 `json:"cpuUsPerAnnounce"`
	CPUUsPerRelayed      float64 `json:"cpuUsPerRelayedMessage"` // an offer or an answer
	CPUShare             float64 `json:"cpuShare"`               // of one core; above 1 if it used several
	RSSBytesBefore       int64   `json:"rssBytesBefore"`         // before the first connection
	RSSBytes             int64   `json:"rssBytes"`               // when the window began
	RSSBytesAfter        int64   `json:"rssBytesAfter"`          // when it ended
	PSSBytes             int64   `json:"pssBytes,omitempty"`     // when it began; 0 if not to be had
	RSSPerConnection     float64 `json:"rssBytesPerConnection"`
	VoluntarySwitches    int64   `json:"voluntarySwitches"` // in the window
	InvoluntarySwitches  int64   `json:"involuntarySwitches"`
	Threads              int     `json:"threads"`
	Descriptors          int     `json:"descriptors"`
	ExitedDuringTheRound bool    `json:"exitedDuringTheRound,omitempty"`
}
