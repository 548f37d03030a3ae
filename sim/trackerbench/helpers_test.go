package trackerbench

import (
	"crypto/tls"
	"net/http"
)

// tlsOf is what makes a test server's client trust it.
func tlsOf(c *http.Client) *tls.Config { return c.Transport.(*http.Transport).TLSClientConfig }
