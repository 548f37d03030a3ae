package hls

import (
	"cmp"
	"net/http"
)

// recorder stands between a handler and the network and counts one request. Bytes are counted before they are handed over, and
// taken back if they could not be: so a viewer never has a byte that a snapshot of the counters has not. It hides ReadFrom on
// purpose, since sendfile would tell only when all is over.
type recorder struct {
	http.ResponseWriter
	origin  *Origin
	res     Resource
	part    ResourceKind // of what a range names in a file of several, "" if none is known
	status  int
	offset  int64 // where in the resource a partial answer begins
	written int64
	touched map[segmentKey]bool // the segments that this request is counted for
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
		w.origin.countRequest(cmp.Or(w.part, w.res.Kind), status)
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	begin := w.written
	if w.status == http.StatusPartialContent {
		begin += w.offset
	}
	w.count(begin, int64(len(p)), 1)
	n, err := w.ResponseWriter.Write(p)
	w.count(begin+int64(n), int64(len(p)-n), -1)
	w.written += int64(n)
	return n, err
}

// count adds (or with sign -1 takes back) n bytes of the resource from an offset on.
func (w *recorder) count(offset, n, sign int64) {
	switch {
	case n <= 0:
	case w.status != http.StatusOK && w.status != http.StatusPartialContent:
		w.origin.addBytes(KindOther, sign*n)
	case w.res.Kind == KindFile:
		w.origin.stream.eachPart(w.res, ByteRange{offset, offset + n - 1}, func(kind ResourceKind, variant int, seq, bytes int64) {
			w.add(kind, variant, seq, sign*bytes)
		})
	default:
		w.add(w.res.Kind, w.res.Variant, w.res.Seq, sign*n)
	}
}

func (w *recorder) add(kind ResourceKind, variant int, seq, bytes int64) {
	w.origin.addBytes(kind, bytes)
	if kind != KindSegment {
		return
	}
	requests, key := int64(0), segmentKey{variant, seq}
	if !w.touched[key] {
		if w.touched == nil {
			w.touched = make(map[segmentKey]bool)
		}
		w.touched[key], requests = true, 1
	}
	w.origin.countSegment(variant, seq, requests, bytes)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
