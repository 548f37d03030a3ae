package player

// Warm reads what the timers' turns need; see webtorrent.Warmer.
func (p *Player) Warm(depth int) (sum int) {
	switch depth {
	case 0:
		sum = int(p.run) + int(p.media.state) + len(p.played.pending) + p.shown.level
		if !p.updateAlarm.on || p.core == nil {
			sum++
		}
		return sum
	case 1:
		sum = int(p.env.Now())
		if p.latest() != nil {
			sum++
		}
		if pending := p.played.pending; len(pending) > 0 {
			sum += int(pending[0].Start)
		}
		if spans := p.media.buffer.spans; len(spans) > 0 {
			sum += int(spans[0].start)
		}
	case 2:
		if d := p.latest(); d != nil {
			sum = int(d.sliding)
		}
	}
	if w, ok := p.core.(interface{ Warm(depth int) int }); ok {
		sum += w.Warm(depth - 1)
	}
	return sum
}
