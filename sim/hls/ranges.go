package hls

import (
	"math"
	"strconv"
	"strings"
)

// singleRange reads a Range header: one range of bytes, understood or ignored. ok is false where the answer is the whole
// resource: no header, another unit, several ranges, or no range at all (RFC 9110 section 14.2 lets a server ignore any).
// A range that lies beyond the end is understood, and for net/http to refuse (416); it is returned as it was asked.
func singleRange(headers []string, size int64) (r ByteRange, ok bool) {
	if len(headers) != 1 {
		return ByteRange{}, false
	}
	unit, spec, found := strings.Cut(headers[0], "=")
	if !found || !strings.EqualFold(strings.TrimSpace(unit), "bytes") {
		return ByteRange{}, false
	}
	first, last, found := strings.Cut(strings.TrimSpace(spec), "-")
	if !found {
		return ByteRange{}, false
	}
	start, okStart := rangeNumber(first)
	end, okEnd := rangeNumber(last)
	switch {
	case first == "" && okEnd: // the last n bytes; of nothing, nothing can be served
		if end == 0 || size == 0 {
			return ByteRange{Start: size, End: size}, true
		}
		return ByteRange{Start: max(size-end, 0), End: size - 1}, true
	case okStart && last == "":
		return ByteRange{Start: start, End: max(size-1, start)}, true
	case okStart && okEnd && start <= end:
		if start < size {
			end = min(end, size-1)
		}
		return ByteRange{Start: start, End: end}, true
	}
	return ByteRange{}, false
}

// rangeNumber reads digits. A number too large for an int64 is as good as the largest: it is beyond every file.
func rangeNumber(text string) (int64, bool) {
	if text == "" || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return math.MaxInt64, true
	}
	return n, true
}

func rangeHeader(r ByteRange) string {
	return "bytes=" + strconv.FormatInt(r.Start, 10) + "-" + strconv.FormatInt(r.End, 10)
}
