package p2pml

// microtasks are what the core has put off in a turn. They run at its end, in the order in which they were put off, until none is
// left; only then does the player get its answers. A browser's page does so: hls.js asks for the next segment in a task of its
// own, after the library has come to rest, and the scheduler's pass that a segment has caused is over by then.
type microtasks struct {
	env     Env
	queue   []func()
	answers []func()
	next    int  // in queue
	due     bool // at the end of this turn
	settle  func()
	spare   spareQueues
}

func (m *microtasks) init(env Env) { m.env, m.settle = env, m.run }

// put off a microtask.
func (m *microtasks) put(f func()) {
	m.queue = append(m.queue, f)
	m.wake()
}

// answer puts off what the player is to be told.
func (m *microtasks) answer(f func()) {
	m.answers = append(m.answers, f)
	m.wake()
}

func (m *microtasks) wake() {
	if !m.due {
		m.due = true
		m.env.Defer(m.settle)
	}
}

// last tells a microtask that it is the last one so far.
func (m *microtasks) last() bool { return m.next > 0 && m.next == len(m.queue) }

func (m *microtasks) run() {
	for m.next = 0; m.next < len(m.queue); { // they put off more
		f := m.queue[m.next]
		m.queue[m.next] = nil
		m.next++
		f()
	}
	m.queue, m.next, m.due = m.queue[:0], 0, false
	answers := m.answers
	m.answers = nil
	for _, f := range answers {
		m.env.Defer(f)
	}
}
