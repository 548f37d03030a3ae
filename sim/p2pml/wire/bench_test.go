package wire

import "testing"

// A viewer 20 minutes into a VOD of 4 s segments, as it announces to every peer whenever its storage changes.
func benchmarkCommand() Command {
	return Command{Loaded: run(0, 255), Loading: []int64{300}}
}

func BenchmarkEncodeAnnouncement(b *testing.B) {
	c := benchmarkCommand()
	b.ReportAllocs()
	for b.Loop() {
		Encode(c)
	}
}

func BenchmarkAppendAnnouncement(b *testing.B) {
	c := benchmarkCommand()
	buffer := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buffer = Append(buffer[:0], c)
	}
}

func BenchmarkDecodeAnnouncement(b *testing.B) {
	payload := Encode(benchmarkCommand())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Decode(payload); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRequestThereAndBack(b *testing.B) {
	c := Command{ID: SegmentRequest, Segment: 1746403200, Request: 194, Byte: 65535}
	b.ReportAllocs()
	for b.Loop() {
		var j Joiner
		payload, _, err := j.Add(Frames(Encode(c), DefaultMaxMessageSize)[0])
		if err != nil {
			b.Fatal(err)
		}
		if _, err := Decode(payload); err != nil {
			b.Fatal(err)
		}
	}
}
