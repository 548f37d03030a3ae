package hls

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Problem is a rule of RFC 8216 that a playlist breaks.
type Problem struct {
	Line    int    // from 1; 0: the playlist as a whole
	Section string // of the RFC
	Text    string
}

func (p Problem) String() string {
	return fmt.Sprintf("line %d: %s (RFC 8216 section %s)", p.Line, p.Text, p.Section)
}

// CheckMedia holds a media playlist against what RFC 8216 asks of a server. It is stricter than [ParseMedia], which has to live
// with what servers do.
func CheckMedia(playlist []byte) []Problem {
	m, lines, err := parseMedia("playlist", playlist, func(uri string) (string, error) { return uri, nil })
	if err != nil {
		var parse *ParseError
		if !errors.As(err, &parse) {
			return []Problem{{0, "4", err.Error()}}
		}
		return []Problem{{parse.Line, "4", parse.Text}}
	}
	var problems []Problem
	for i, s := range m.Segments {
		if s.Duration.Round(time.Second) > m.TargetDuration {
			problems = append(problems, Problem{lines[i], "4.3.3.1",
				fmt.Sprintf("a segment of %v is longer than the target duration of %v", s.Duration, m.TargetDuration)})
		}
	}
	if !m.EndList && m.Length() < 3*m.TargetDuration {
		problems = append(problems, Problem{0, "6.2.2",
			fmt.Sprintf("a live playlist of %v is shorter than three target durations of %v", m.Length(), m.TargetDuration)})
	}
	if m.PlaylistType == "VOD" && !m.EndList {
		problems = append(problems, Problem{0, "4.3.3.5", "a VOD cannot change, but the playlist has no EXT-X-ENDLIST"})
	}
	return append(problems, checkLines(playlist, m.Version)...)
}

// checkLines checks what the reader forgets: where tags stand, and the version they need.
func checkLines(playlist []byte, version int) []Problem {
	var problems []Problem
	reader, err := newLineReader("playlist", playlist)
	if err != nil {
		return []Problem{{1, "4.1", err.Error()}}
	}
	ended, iFrames := false, strings.Contains(string(playlist), "\n#EXT-X-I-FRAMES-ONLY")
	for {
		tag, value, ok, err := reader.next()
		if err != nil || !ok {
			return problems
		}
		if ended {
			problems = append(problems, Problem{reader.line, "4.3.3.4", "something follows EXT-X-ENDLIST"})
		}
		ended = tag == "#EXT-X-ENDLIST"
		if need := versionOf(tag, value, iFrames); version < need {
			problems = append(problems, Problem{reader.line, "7", fmt.Sprintf("%s needs EXT-X-VERSION %d, not %d", tag[1:], need, version)})
		}
	}
}

func versionOf(tag, value string, iFrames bool) int {
	switch {
	case tag == "#EXTINF" && strings.Contains(strings.SplitN(value, ",", 2)[0], "."):
		return 3
	case tag == "#EXT-X-BYTERANGE" || tag == "#EXT-X-I-FRAMES-ONLY":
		return 4
	case tag == "#EXT-X-MAP" && iFrames:
		return 5
	case tag == "#EXT-X-MAP":
		return 6
	default:
		return 1
	}
}

// CheckReload holds a playlist against the one loaded before it.
func CheckReload(before, after *Media) []Problem {
	var problems []Problem
	fail := func(section, format string, args ...any) {
		problems = append(problems, Problem{0, section, fmt.Sprintf(format, args...)})
	}
	if before.TargetDuration != after.TargetDuration {
		fail("6.2.1", "the target duration changed from %v to %v", before.TargetDuration, after.TargetDuration)
	}
	if after.MediaSequence < before.MediaSequence {
		fail("6.2.2", "the media sequence went back from %d to %d", before.MediaSequence, after.MediaSequence)
		return problems
	}
	endBefore, endAfter := before.MediaSequence+int64(len(before.Segments)), after.MediaSequence+int64(len(after.Segments))
	if endAfter < endBefore {
		fail("6.2.1", "segment %d was taken from the playlist's end", endBefore-1)
	}
	if before.EndList && (!after.EndList || endAfter != endBefore || after.MediaSequence != before.MediaSequence) {
		fail("6.2.1", "the playlist changed after EXT-X-ENDLIST")
	}
	seams := before.DiscontinuitySequence
	for _, s := range before.Segments {
		if s.Seq < after.MediaSequence {
			if s.Discontinuity {
				seams++
			}
			continue
		}
		if i := int(s.Seq - after.MediaSequence); i < len(after.Segments) && !sameSegment(s, after.Segments[i]) {
			fail("6.2.1", "segment %d changed from %s to %s", s.Seq, describe(s), describe(after.Segments[i]))
		}
	}
	// Only where the two overlap is it known how many discontinuities went by.
	if after.MediaSequence <= endBefore && after.DiscontinuitySequence != seams {
		fail("6.2.2", "the discontinuity sequence is %d, not %d", after.DiscontinuitySequence, seams)
	}
	return problems
}

func sameSegment(a, b MediaSegment) bool {
	sameMap := a.Map == b.Map || a.Map != nil && b.Map != nil && a.Map.URI == b.Map.URI && sameRange(a.Map.Range, b.Map.Range)
	return a.URI == b.URI && a.Duration == b.Duration && sameRange(a.Range, b.Range) && a.Discontinuity == b.Discontinuity && sameMap
}

func describe(s MediaSegment) string {
	text := fmt.Sprintf("%s of %v", quote(s.URI), s.Duration)
	if s.Range != nil {
		text += fmt.Sprintf(" at %d-%d", s.Range.Start, s.Range.End)
	}
	if s.Discontinuity {
		text += " after a discontinuity"
	}
	return text
}
