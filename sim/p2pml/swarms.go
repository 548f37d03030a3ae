package p2pml

import "slices"

// swarms holds a loader's swarms: the current rendition's, and those of renditions left a short while ago, which go on announcing
// and uploading but are not downloaded from.
//
// P2P Media Loader 2.3 behaviour: loader lifetime on rendition switch.
type swarms struct {
	loader  *hybridLoader
	current *swarm
	all     []*swarm
}

// use makes a rendition current. The one before is destroyed: at once if nothing of it is stored, otherwise after a while.
func (ss *swarms) use(r *rendition) {
	if old := ss.current; old != nil {
		if ss.loader.core.shelfOf(old.rendition).len() == 0 {
			ss.destroy(old)
		} else {
			old.expiry = ss.loader.core.env.After(ss.loader.cfg.P2PInactiveLoaderDestroyTimeout, func() { ss.destroy(old) })
		}
	}
	for _, s := range ss.all {
		if s.rendition == r {
			s.stopExpiry()
			ss.current = s
			return
		}
	}
	ss.current = newSwarm(ss.loader, r)
	ss.all = append(ss.all, ss.current)
}

func (ss *swarms) destroy(s *swarm) {
	ss.all = slices.DeleteFunc(ss.all, func(o *swarm) bool { return o == s })
	s.destroy()
}

func (ss *swarms) destroyAll() {
	for len(ss.all) > 0 {
		ss.destroy(ss.all[0])
	}
}
