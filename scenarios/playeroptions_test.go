package scenarios

import (
	"os"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPlayerOptions(t *testing.T) {
	for _, c := range []struct {
		what string
		sets []string
		want []string
	}{
		{"the defaults are nothing to paste", nil, nil},
		{"nor is a default that is written down", []string{"p2pml.core.highDemandTimeWindow=15", "p2pml.core.isP2PDisabled=false"}, nil},
		{
			"what differs is, in the schema's order, beside its default",
			[]string{"p2pml.core.p2pErrorRetries=5", "p2pml.core.highDemandTimeWindow=7.5"},
			[]string{"core highDemandTimeWindow=7.5 (15)", "core p2pErrorRetries=5 (3)"},
		},
		{"zero and false are wishes", []string{"p2pml.core.simultaneousP2PDownloads=0"}, []string{"core simultaneousP2PDownloads=0 (3)"}},
		{"text is JSON", []string{`p2pml.core.swarmId=a"b`}, []string{`core swarmId="a\"b" ()`}},
		{
			"a stream's own options differ from core's, not from the library's",
			[]string{"p2pml.core.highDemandTimeWindow=8", "p2pml.core.mainStream.highDemandTimeWindow=15", "p2pml.core.secondaryStream.highDemandTimeWindow=8"},
			[]string{"core highDemandTimeWindow=8 (15)", "core.mainStream highDemandTimeWindow=15 (8)"},
		},
		{"hls.js has its own", []string{"player.maxBufferLength=20"}, []string{"player maxBufferLength=20 ()"}},
		{"an audience is no option", []string{"peers.count=7", "tracker.interval=30s"}, nil},
	} {
		t.Run(c.what, func(t *testing.T) {
			s, err := Load("vod")
			if err != nil {
				t.Fatal(err)
			}
			if err := s.SetAll(c.sets); err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, o := range s.PlayerOptions() {
				got = append(got, o.Object+" "+o.Name+"="+string(o.Value)+" ("+o.Default+")")
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestOptionsAreTheLibrarys holds every name against the installed library's own types, where it is installed (make assets).
func TestOptionsAreTheLibrarys(t *testing.T) {
	types, err := os.ReadFile("../sim/browser/node_modules/p2p-media-loader-core/lib/types.d.ts")
	if err != nil {
		t.Skip("the library is not installed; make assets does it")
	}
	n := 0
	everyField(func(path string, f field) {
		m := regexp.MustCompile(`^p2pml\.core\.(\w+)$`).FindStringSubmatch(path)
		if m == nil {
			return
		}
		n++
		if !regexp.MustCompile(`(?m)^\s+` + m[1] + `\??:`).Match(types) {
			t.Errorf("the library has no option %s", m[1])
		}
	})
	if n < 15 {
		t.Errorf("only %d options were looked at", n)
	}
}
