package results

import "time"

// TrackerSchema names the layout of [TrackerRun].
const TrackerSchema = "swarmlab/tracker/v1"

// TrackerRun is a benchmark of trackers under one load: what `swarmlab tracker` leaves behind.
type TrackerRun struct {
	Schema  string    `json:"schema"`
	Version string    `json:"version"`
	Started time.Time `json:"started"`
	// Command repeats the run when typed into a shell.
	Command     string          `json:"command,omitempty"`
	Machine     TrackerMachine  `json:"machine"`
	Load        TrackerLoad     `json:"load"`
	Targets     []TrackerTarget `json:"targets"`
	Interrupted bool            `json:"interrupted,omitempty"`
}

// TrackerMachine is where the run was made: figures of two machines do not compare.
type TrackerMachine struct {
	OS     string `json:"os"`
	Arch   string `json:"arch"`
	Kernel string `json:"kernel,omitempty"`
	CPU    string `json:"cpu,omitempty"`
	Cores  int    `json:"cores"`
	Go     string `json:"go"`
}

// TrackerLoad is the load as resolved: defaults filled in, enough to run it again.
type TrackerLoad struct {
	Seed uint64 `json:"seed"`
	// Peers is viewers present at a time, each with one connection; Memberships is them times SwarmsPerSocket.
	Peers           int    `json:"peers"`
	SwarmsPerSocket int    `json:"swarmsPerSocket"`
	Swarms          string `json:"swarms"`     // one, N or zipf:N[:s]
	SwarmCount      int    `json:"swarmCount"` // that N
	Memberships     int    `json:"memberships"`
	LargestSwarm    int    `json:"largestSwarm"`
	// RatePerSecond is announces per second of all together; IntervalSeconds is what one membership waits between two.
	RatePerSecond   float64 `json:"ratePerSecond"`
	IntervalSeconds float64 `json:"intervalSeconds"`
	Timers          string  `json:"timers"`  // constant or poisson
	Arrival         string  `json:"arrival"` // constant, poisson, flash or storm
	ArrivalSeconds  float64 `json:"arrivalSeconds"`
	WarmupSeconds   float64 `json:"warmupSeconds"` // before the measured window: arrivals and settling
	WindowSeconds   float64 `json:"windowSeconds"`
	DrainSeconds    float64 `json:"drainSeconds"` // after it, for what is under way
	Offers          int     `json:"offers"`       // per announce
	AnswerShare     float64 `json:"answerShare"`  // of the offers received, 0 to 1
	ThinkMs         float64 `json:"thinkMs"`      // mean of what a viewer waits before it answers
	// LeavesPerSecond is viewers that leave, each followed by a new one; LeaveClean of them (0 to 1) say so first, LeaveSilent fall
	// silent with an open socket, the others just close.
	LeavesPerSecond float64 `json:"leavesPerSecond"`
	LeaveClean      float64 `json:"leaveClean"`
	LeaveSilent     float64 `json:"leaveSilent"`
	ScrapesPerSec   float64 `json:"scrapesPerSecond"`
	MeanOfferBytes  float64 `json:"meanOfferBytes"`  // of the session descriptions, as JSON
	MeanAnswerBytes float64 `json:"meanAnswerBytes"` // as JSON
}

// TrackerTarget is one tracker: the same load once for every round.
type TrackerTarget struct {
	Name    string          `json:"name"`
	URL     string          `json:"url"`
	Profile string          `json:"profile"`
	PID     int             `json:"pid,omitempty"`
	Rounds  []TrackerRound  `json:"rounds"`
	FindMax *TrackerFindMax `json:"findMax,omitempty"`
	Faults  *TrackerFaults  `json:"faults,omitempty"` // nil if it was not mistreated
	Error   string          `json:"error,omitempty"`  // why there are fewer rounds than asked for
	Notes   []string        `json:"notes,omitempty"`
}

// TrackerRound is one measurement of one tracker. All latencies count from the moment something was due, not from when the
// generator got round to it, and are of announces that were due within the window; connects are of the whole round.
type TrackerRound struct {
	Round   int       `json:"round"`
	Started time.Time `json:"started"`

	// ConnectMs is from a viewer's arrival to the end of the WebSocket handshake.
	ConnectMs TrackerLatency `json:"connectMs"`
	// AnnounceToResponseMs is from an announce to the tracker's reply to it.
	AnnounceToResponseMs TrackerLatency `json:"announceToResponseMs"`
	// AnnounceToFirstOfferMs is from an announce to the first of its offers that arrived at another viewer;
	// AnnounceToLastOfferMs to the last of them, of announces all of whose offers arrived.
	AnnounceToFirstOfferMs TrackerLatency `json:"announceToFirstOfferMs"`
	AnnounceToLastOfferMs  TrackerLatency `json:"announceToKthOfferMs"`
	// OfferToAnswerMs is from an announce to an answer to one of its offers back at the announcer, the answerer's thinking
	// included. AnswerRelayMs is the answer's way alone: from when it was due at the answerer.
	OfferToAnswerMs TrackerLatency `json:"offerToAnswerMs"`
	AnswerRelayMs   TrackerLatency `json:"answerRelayMs"`
	ScrapeMs        TrackerLatency `json:"scrapeMs"`
	// StalenessMs is how long after its leaving a viewer was still offered to: 0 for those that never were. Of viewers whose
	// leaving could be watched.
	StalenessMs TrackerLatency `json:"stalenessMs"`

	Delivery  TrackerDelivery  `json:"delivery"`
	Counts    TrackerCounts    `json:"counts"`
	Sockets   TrackerSockets   `json:"sockets"`
	Generator TrackerGenerator `json:"generator"`
	// LatenessMs is how much later than due the generator sent.
	LatenessMs TrackerLatency  `json:"lateness"`
	Series     []TrackerSecond `json:"series"`

	// Process is nil if the tracker's process could not be watched; Overlay if too few offers were seen.
	Process *TrackerProcess `json:"process,omitempty"`
	Overlay *TrackerOverlay `json:"overlay,omitempty"`
	// The two figures of Process that one looks for first, repeated; nil if not measured.
	TrackerCPUUsPerAnnounce *float64 `json:"trackerCpuUsPerAnnounce,omitempty"`
	TrackerRSSBytes         *int64   `json:"trackerRssBytes,omitempty"`
}

// TrackerLatency is a distribution of milliseconds, quantiles by nearest rank to three significant figures.
type TrackerLatency struct {
	TrackerQuantiles
	// Histogram is for the cumulative curve, and for merging rounds: two significant figures.
	Histogram Histogram `json:"histogram"`
}

// TrackerDelivery is the ledger of the announces that were due within the window.
type TrackerDelivery struct {
	Announces int64 `json:"announces"` // due
	// Unsent could not be sent at all: there was no connection until the window's end.
	Unsent int64 `json:"unsent"`
	// Responses that the tracker owed, got, did not give until the end of the drain, and gave without owing them. Ambiguous
	// ones came while an earlier one was missing, so that the announce they belong to is inferred.
	ResponsesExpected  int64 `json:"responsesExpected"`
	ResponsesDelivered int64 `json:"responsesDelivered"`
	ResponsesLost      int64 `json:"responsesLost"`
	ResponsesUnowed    int64 `json:"responsesUnowed"`
	ResponsesAmbiguous int64 `json:"responsesAmbiguous"`

	Offers  TrackerRelayed `json:"offers"`
	Answers TrackerRelayed `json:"answers"`

	Failures     int64            `json:"failures"` // failure reasons received in the whole round
	FailureTexts map[string]int64 `json:"failureTexts,omitempty"`
	Unreadable   int64            `json:"unreadable"` // messages that are not of the protocol, whole round
}

// Share is delivered of expected offers and answers together, 0 to 1; 1 if none was expected.
func (d TrackerDelivery) Share() float64 {
	expected := d.Offers.Expected + d.Answers.Expected
	if expected == 0 {
		return 1
	}
	return min(1, float64(d.Offers.Delivered+d.Offers.ToDeparted+d.Answers.Delivered)/float64(expected))
}

// TrackerRelayed is one kind of relayed message.
type TrackerRelayed struct {
	// Sent by the announcer or the answerer. Expected is what the tracker must pass on: of offers min(offers, other members, the
	// tracker's cap) by the members at the time; of answers those to viewers that are there.
	Sent      int64 `json:"sent"`
	Expected  int64 `json:"expected"`
	Delivered int64 `json:"delivered"` // to a viewer that was present, once
	// ToDeparted reached a viewer that had left already, but still listened: a ghost if the announce came after the leaving.
	ToDeparted int64 `json:"toDeparted"`
	Ghosts     int64 `json:"ghosts"`
	// Lost is expected, and nobody got it. Extra is delivered beyond what was expected: a viewer counted too late as a member.
	Lost       int64 `json:"lost"`
	Extra      int64 `json:"extra"`
	Duplicated int64 `json:"duplicated"`
	// Misdirected came with another swarm's info hash, to its own sender, or to a viewer it was not meant for.
	Misdirected int64 `json:"misdirected"`
	// Altered arrived with another session description than was sent.
	Altered int64 `json:"altered"`
}

// TrackerCounts compares what the tracker says about its swarms with what is so.
type TrackerCounts struct {
	// Announce responses compared; those whose complete + incomplete were right, too high or too low, given that viewers who came
	// or went within the last second may or may not be counted; and the greatest difference.
	Compared int64 `json:"compared"`
	Right    int64 `json:"right"`
	TooHigh  int64 `json:"tooHigh"`
	TooLow   int64 `json:"tooLow"`
	MostOff  int64 `json:"mostOff"`
	// The same of scrapes.
	ScrapesCompared int64 `json:"scrapesCompared"`
	ScrapesWrong    int64 `json:"scrapesWrong"`
	ScrapesLost     int64 `json:"scrapesLost"`
}

// TrackerSockets is what became of the connections, in the whole round.
type TrackerSockets struct {
	Dialled          int64            `json:"dialled"`
	Opened           int64            `json:"opened"`
	Failed           int64            `json:"failed"` // before they were open
	FailedReasons    map[string]int64 `json:"failedReasons,omitempty"`
	UnexpectedCloses int64            `json:"unexpectedCloses"` // by the tracker, after they were open
	CloseReasons     map[string]int64 `json:"closeReasons,omitempty"`
	OpenAtWindow     int              `json:"openAtWindow"` // when the window began
}

// TrackerGenerator is what the load cost here, and whether the measurement can be believed.
type TrackerGenerator struct {
	// Valid: the generator was not the bottleneck. If it was, Reasons say why, in sentences.
	Valid   bool     `json:"valid"`
	Reasons []string `json:"reasons,omitempty"`

	CPUSeconds       float64 `json:"cpuSeconds"` // user and system, in the window
	CPUShare         float64 `json:"cpuShare"`   // of the one core that it can use
	CPUUsPerAnnounce float64 `json:"cpuUsPerAnnounce"`
	// BytesPerConnection is heap in use for each open connection when the window began, the fixed tables not counted.
	BytesPerConnection float64 `json:"bytesPerConnection"`
	GCPauseMaxMs       float64 `json:"gcPauseMaxMs"`
	GCPauseTotalMs     float64 `json:"gcPauseTotalMs"`
	ShortWrites        int64   `json:"shortWrites"` // the kernel took less than given: the tracker reads too slowly
	QueueOverflows     int64   `json:"queueOverflows"`
	BytesSent          int64   `json:"bytesSent"`
	BytesReceived      int64   `json:"bytesReceived"`
	MessagesSent       int64   `json:"messagesSent"`
	MessagesReceived   int64   `json:"messagesReceived"`
	// StealShare is processor time that the host took from this machine, 0 to 1; 0 if not known.
	StealShare float64 `json:"stealShare"`
}

// TrackerSecond is one second of a round. Counts are of what was sent or arrived in it, whenever it was due.
type TrackerSecond struct {
	T             float64 `json:"t"` // seconds since the round began, at the end of the second
	InWindow      bool    `json:"inWindow"`
	Open          int     `json:"open"` // connections
	AnnouncesDue  int64   `json:"announcesDue"`
	AnnouncesSent int64   `json:"announcesSent"`
	Responses     int64   `json:"responses"`
	Offers        int64   `json:"offers"`
	Answers       int64   `json:"answers"`
	Closes        int64   `json:"closes"`
	// Of the offers that arrived in this second, from when they were due.
	OfferP50Ms float64 `json:"offerP50Ms"`
	OfferP99Ms float64 `json:"offerP99Ms"`
	OfferMaxMs float64 `json:"offerMaxMs"`
	LateMaxMs  float64 `json:"lateMaxMs"`
}

// TrackerFindMax is the search for the highest rate within a service level.
type TrackerFindMax struct {
	// The service level: AnnounceToFirstOfferMs' p99, and the share of offers and answers delivered.
	LimitP99Ms    float64 `json:"limitP99Ms"`
	LimitDelivery float64 `json:"limitDelivery"`
	// RatePerSecond is the highest that held; 0 if none did.
	RatePerSecond float64       `json:"ratePerSecond"`
	Steps         []TrackerStep `json:"steps"`
	// Ended says why the search stopped, in a sentence.
	Ended string `json:"ended"`
}

// TrackerStep is one rate of a search.
type TrackerStep struct {
	RatePerSecond     float64        `json:"ratePerSecond"`
	AchievedPerSecond float64        `json:"achievedPerSecond"` // announces whose offers arrived within the window
	Held              bool           `json:"held"`
	Why               string         `json:"why"`
	Valid             bool           `json:"valid"`
	FirstOfferMs      TrackerLatency `json:"announceToFirstOfferMs"`
	DeliveryShare     float64        `json:"deliveryShare"`
	CPUUsPerAnnounce  *float64       `json:"trackerCpuUsPerAnnounce,omitempty"`
}
