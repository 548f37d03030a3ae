package player

// Warm reads what the timers' turns need; see webtorrent.Warmer.
func (p *Player) Warm(depth int) int {
	switch depth {
	case 0:
		sum := int(p.run) + int(p.media.state) + len(p.played.pending) + p.shown.level
		if !p.updateAlarm.on || p.core == nil {
			sum++
		}
		return sum
	case 1:
		if p.latest() == nil || p.env.Now() < 0 {
			return 1
		}
		if len(p.played.pending) > 0 && p.played.pending[0].Start < 0 {
			return 1
		}
		if spans := p.media.buffer.spans; len(spans) > 0 && spans[0].start > 0 {
			return 1
		}
	case 2:
		if d := p.latest(); d != nil && !d.live {
			return 1
		}
	}
	if w, ok := p.core.(interface{ Warm(depth int) int }); ok {
		return w.Warm(depth - 1)
	}
	return 0
}
