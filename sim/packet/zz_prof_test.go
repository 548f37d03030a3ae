package packet

import (
	"os"
	"runtime/pprof"
	"testing"
)

func benchProfile(b *testing.B) {
	if p := os.Getenv("BENCHPROF"); p != "" {
		f, _ := os.Create(p + ".heap")
		_ = pprof.Lookup("heap").WriteTo(f, 0)
		_ = f.Close()
		f, _ = os.Create(p + ".goroutine")
		_ = pprof.Lookup("goroutine").WriteTo(f, 1)
		_ = f.Close()
	}
}
