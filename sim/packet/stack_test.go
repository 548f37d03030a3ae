package packet

import (
	"testing"
	"time"
)

// TestTheCertificateServesAnyClock: whichever run of a process makes it, under a virtual clock or the real one, the others use it.
func TestTheCertificateServesAnyClock(t *testing.T) {
	c, err := certificate()
	if err != nil {
		t.Fatal(err)
	}
	if farOff := time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC); c.Expires().Before(farOff) {
		t.Errorf("the certificate expires at %v; made under a virtual clock in the year 2000 or a real one, it must serve on both", c.Expires())
	}
}
