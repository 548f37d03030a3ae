package wire

// Encode makes the payload of a command, as the library would. It reproduces the library's defect: an announcement with a
// full 256-id block comes out undecodable (see OmitFromFullBlocks).
func Encode(c Command) []byte {
	return Append(nil, c)
}

// Append is Encode into the caller's buffer. It allocates once if dst has no room, and not at all if it has.
func Append(dst []byte, c Command) []byte {
	switch c.ID {
	case SegmentsAnnouncement:
		return appendAnnouncement(dst, c)
	case SegmentRequest:
		dst = appendField(append(dst, byte(c.ID)), fieldSegment, c.Segment)
		dst = appendField(dst, fieldRequest, c.Request)
		if c.Byte != 0 {
			dst = appendField(dst, fieldByte, c.Byte)
		}
		return dst
	case SegmentData:
		dst = appendField(append(dst, byte(c.ID)), fieldSegment, c.Segment)
		dst = appendField(dst, fieldSize, c.Size)
		return appendField(dst, fieldRequest, c.Request)
	case SegmentDataSendingCompleted, SegmentAbsent, CancelSegmentRequest:
		dst = appendField(append(dst, byte(c.ID)), fieldSegment, c.Segment)
		return appendField(dst, fieldRequest, c.Request)
	default:
		// Nobody sends such a command; receivers ignore it. The bare id is the shortest that they can read.
		return append(dst, byte(c.ID))
	}
}

func appendField(dst []byte, name byte, v int64) []byte {
	return appendInt(append(dst, name), v)
}

// appendAnnouncement leaves out empty lists: an announcement of nothing is one byte.
func appendAnnouncement(dst []byte, c Command) []byte {
	var loaded, loading grouping
	size := 1
	if len(c.Loaded) > 0 {
		loaded.group(c.Loaded)
		size += 1 + loaded.size()
	}
	if len(c.Loading) > 0 {
		loading.group(c.Loading)
		size += 1 + loading.size()
	}
	dst = grow(dst, size)
	dst = append(dst, byte(c.ID))
	if len(c.Loaded) > 0 {
		dst = loaded.append(append(dst, fieldLoaded), c.Loaded)
	}
	if len(c.Loading) > 0 {
		dst = loading.append(append(dst, fieldLoading), c.Loading)
	}
	return dst
}

// grow makes room for exactly n more bytes, so that a payload that is kept does not carry an append's surplus.
func grow(dst []byte, n int) []byte {
	if cap(dst)-len(dst) >= n {
		return dst
	}
	bigger := make([]byte, len(dst), len(dst)+n)
	copy(bigger, dst)
	return bigger
}
