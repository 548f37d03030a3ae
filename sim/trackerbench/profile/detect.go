package profile

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// Conn is one connection to a tracker, with whole messages. Whoever makes it bounds their size.
type Conn interface {
	Send(ctx context.Context, text []byte) error
	Receive(ctx context.Context) ([]byte, error)
}

// Detection is what was found out.
type Detection struct {
	Profile  Profile
	Evidence string        // why it is that profile, in a few words
	Interval time.Duration // between announces, as the tracker asks for; 0 if it did not say
}

// patience is how long one reply may take. No tracker of the field thinks; a second is the network's, two are for a busy machine.
const patience = 3 * time.Second

// swarmlabSays is how our own tracker refuses an event that there is not.
const swarmlabSays = "unknown event"

// Detect finds out over one fresh connection which tracker is at its other end. It joins a swarm of its own with a random name,
// asks for its counts and leaves again: what any client may do. A tracker that does not fit gets the generic profile, and
// Evidence says what was odd. Only a connection that breaks before the first reply is an error.
//
// Nothing here is malformed: a single bad frame ends some trackers' processes.
func Detect(ctx context.Context, conn Conn, rng *rand.Rand) (Detection, error) {
	q := questioner{conn: conn, own: randomID(rng, ""), other: randomID(rng, ""), peer: randomID(rng, "-PM0203-")}
	joined, err := q.ask(ctx, q.announce("started"))
	if err != nil {
		return Detection{}, fmt.Errorf("no reply to a first announce: %w", err)
	}
	d := Detection{Interval: joined.interval()}
	if joined.Failure != "" || joined.Interval == nil {
		return d.as(Generic, "a plain announce was not answered as one: %.200q", joined.raw), nil
	}
	name, why := q.recognise(ctx)
	return d.as(name, "%s", why), nil
}

func (d Detection) as(name, format string, args ...any) Detection {
	d.Profile, _ = ByName(name) // our own constant
	d.Evidence = fmt.Sprintf(format, args...)
	return d
}

// questioner is one peer of one swarm that nobody else is in.
type questioner struct {
	conn      Conn
	own, peer string
	other     string // a swarm that nobody is in
}

// recognise asks what the trackers answer differently, the most harmless question first.
func (q *questioner) recognise(ctx context.Context) (name, why string) {
	counts, err := q.ask(ctx, message{"action": "scrape", "info_hash": []string{q.own, q.other}})
	_, knowsOwn := counts.Files[q.own]
	_, knowsOther := counts.Files[q.other]
	switch {
	case err != nil:
		return Generic, "a scrape of two swarms was not answered"
	case counts.Flags.MinRequestInterval != nil:
		return BittorrentTracker, "its scrape has flags.min_request_interval"
	case knowsOwn && !knowsOther:
		return AquaticWS, "its scrape leaves out swarms that nobody is in"
	case !knowsOwn:
		return Generic, "its scrape leaves out a swarm that somebody is in"
	}
	// Who does not answer a stop can only be told by what comes instead: the scrape that was sent behind it.
	if err := q.send(ctx, q.announce("stopped")); err != nil {
		return Generic, "the connection ended with a stop"
	}
	left, err := q.ask(ctx, message{"action": "scrape", "info_hash": q.own})
	switch {
	case err != nil:
		return Generic, "neither a stop nor a scrape was answered"
	case left.Files != nil:
		return WTTracker, "it does not answer a stop"
	}
	if _, err := q.receive(ctx); err != nil {
		return Generic, "a scrape after a stop was not answered"
	}
	// By now it is none of those whom an unknown word would annoy.
	refused, err := q.ask(ctx, q.announce("detect"))
	if err == nil && refused.Failure == swarmlabSays {
		return Swarmlab, "it refuses an event as swarmlab's own tracker does"
	}
	return Generic, "it is none of those that are known"
}

func (q *questioner) announce(event string) message {
	return message{"action": "announce", "info_hash": q.own, "peer_id": q.peer, "event": event,
		"numwant": 0, "uploaded": 0, "downloaded": 0, "offers": []any{}}
}

// message is one of ours. Our ids are plain ASCII, so encoding/json writes them as the protocol wants them.
type message map[string]any

// reply is what a tracker says, as far as it tells trackers apart.
type reply struct {
	Interval *float64       `json:"interval"`
	Failure  string         `json:"failure reason"`
	Files    map[string]any `json:"files"`
	Flags    struct {
		MinRequestInterval *float64 `json:"min_request_interval"`
	} `json:"flags"`
	raw []byte
}

func (r reply) interval() time.Duration {
	if r.Interval == nil || !(*r.Interval > 0) || *r.Interval > (24*time.Hour).Seconds() {
		return 0
	}
	return time.Duration(*r.Interval * float64(time.Second))
}

func (q *questioner) ask(ctx context.Context, m message) (reply, error) {
	if err := q.send(ctx, m); err != nil {
		return reply{}, err
	}
	return q.receive(ctx)
}

func (q *questioner) send(ctx context.Context, m message) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return q.conn.Send(ctx, text)
}

var errNoObject = errors.New("not a JSON object")

func (q *questioner) receive(ctx context.Context) (reply, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	text, err := q.conn.Receive(ctx)
	if err != nil {
		return reply{}, err
	}
	r := reply{raw: text}
	if err := json.Unmarshal(text, &r); err != nil {
		return reply{}, fmt.Errorf("%w: %.200q: %w", errNoObject, text, err)
	}
	return r, nil
}

// randomID is 20 plain characters, as P2P Media Loader's info hashes and peer ids are.
func randomID(rng *rand.Rand, prefix string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
	id := []byte(prefix)
	for len(id) < 20 {
		id = append(id, letters[rng.IntN(len(letters))])
	}
	return string(id)
}
