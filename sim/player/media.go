package player

import (
	"math"
	"time"
)

// playback is what the picture does.
type playback int

const (
	starting playback = iota // no frame was shown yet
	playing
	stalled // the buffer ran dry, or a seek waits for data
	paused
	ended
)

func (s playback) String() string {
	return [...]string{"starting", "playing", "stalled", "paused", "ended"}[s]
}

// media is the browser's media element: a buffer and a position that moves with the clock while there is something to show.
// The position is computed when asked for; one timer is set for the moment the buffer runs dry.
type media struct {
	clock
	buffer buffer
	state  playback
	ledger ledger

	position float64       // at since
	since    time.Duration // when state changed, or the picture jumped
	settled  time.Duration // so far goes the ledger
	eos      bool          // the last segment is in (MediaSource.endOfStream)
	wantsRun bool          // not paused by the viewer
	dry      timer
	onDry    func()
}

// clock is the part of the environment a media element needs.
type clock interface {
	Now() time.Duration
	After(d time.Duration, f func()) timer
}

type timer = interface{ Stop() bool }

// seconds converts to the timeline's unit.
func seconds(d time.Duration) float64 { return d.Seconds() }

// atLeast converts seconds to a duration that is not shorter, so that a timer set for "when x has passed" finds x passed.
func atLeast(s float64) time.Duration {
	return time.Duration(math.Ceil(math.Min(s, 1e9) * 1e9))
}

// now is the position of the picture.
func (m *media) now() float64 {
	if m.state != playing {
		return m.position
	}
	pos := m.moved()
	// Never past what is buffered: the dry timer may fire a nanosecond late, but no picture is shown for it.
	if end := m.buffer.at(m.position, joinTolerance).end; pos > end {
		pos = end
	}
	return pos
}

// moved is where a picture is that runs.
func (m *media) moved() float64 {
	if m.state != playing {
		return m.position
	}
	return m.position + seconds(m.Now()-m.since)
}

// settle writes the time since it did so last to the ledger. The position keeps its beginning: it must not depend on how often it is
// looked at.
func (m *media) settle() {
	now := m.Now()
	m.ledger.add(m.state, now-m.settled)
	m.settled = now
	if pos := m.now(); pos < m.moved() { // it stood at the end of the buffer
		m.moveTo(pos)
	}
}

// moveTo has the picture be somewhere.
func (m *media) moveTo(position float64) { m.position, m.since = position, m.Now() }

func (m *media) enter(s playback) {
	m.settle()
	m.moveTo(m.now())
	m.state = s
	m.armDry()
}

// armDry sets the timer for the moment the buffer runs dry, exactly.
func (m *media) armDry() {
	m.disarm()
	if m.state != playing {
		return
	}
	m.dry = m.After(atLeast(m.forward().len), m.ranDry)
}

func (m *media) disarm() {
	if m.dry != nil {
		m.dry.Stop()
		m.dry = nil
	}
}

func (m *media) ranDry() {
	m.dry = nil
	m.onDry()
}

// forward is the buffer ahead of the picture, as the picture sees it: it does not cross holes.
func (m *media) forward() ahead { return m.buffer.at(m.now(), 0) }

// playable tells whether there is a future frame to show (HAVE_FUTURE_DATA).
func (m *media) playable() bool { return m.forward().len > 0 }

// append adds a segment's stretch.
func (m *media) append(start, end float64) {
	m.settle()
	m.buffer.add(start, end)
	if m.state == playing {
		m.armDry()
	}
}

// finished tells whether the picture has shown the last frame.
func (m *media) finished() bool {
	return m.eos && m.now() >= m.buffer.end()-joinTolerance
}

// ledger is where the viewer's time went. Its fields always add up to the time since the start.
type ledger struct {
	startup, watched, stalled, paused, ended time.Duration
}

func (l *ledger) add(s playback, d time.Duration) {
	switch s {
	case starting:
		l.startup += d
	case playing:
		l.watched += d
	case stalled:
		l.stalled += d
	case paused:
		l.paused += d
	case ended:
		l.ended += d
	}
}
