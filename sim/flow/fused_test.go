package flow

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"
)

var (
	fused = regexp.MustCompile(`\(([^()]*\.go:\d+)\)\s.*\bFN?M(?:ADD|SUB)[DS]\b`)
	// judging is what is reckoned from results that are there already.
	judging = regexp.MustCompile(`results/(difference|trials_\w+)\.go:`)
)

// TestNothingIsFused: a product that something is added to is rounded first. The compiler may do both at once where a processor can (arm64, and amd64 with
// GOAMD64=v3), which rounds differently in the last bit, and in a crowd the last bit of one viewer's time is everybody's day. Hiding products from
// it with float64() is the language's way (Go specification, floating-point operators); so are the products of JavaScript, which the viewer repeats.
func TestNothingIsFused(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles for another processor: half a minute the first time")
	}
	compile := exec.Command("go", "build", "-gcflags=swarmlab/...=-S", ".")
	compile.Env = append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	listing, err := compile.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %.2000s", err, listing)
	}
	if !strings.Contains(string(listing), "FMULD") {
		t.Fatal("no product at all in the listing: it is not what this test takes it for")
	}
	seen := map[string]bool{}
	for _, m := range fused.FindAllStringSubmatch(string(listing), -1) {
		if at := m[1]; !judging.MatchString(at) && !seen[at] {
			seen[at] = true
			t.Errorf("%s: a product is fused with a sum; write float64(a*b) + c", at)
		}
	}
}
