package testcard_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"swarmlab/sim/hls"
	"swarmlab/sim/hls/testcard"
)

// needTools skips where ffmpeg is not installed; CI installs it.
func needTools(t *testing.T) {
	t.Helper()
	for _, tool := range []string{"ffmpeg", "ffprobe"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed (Debian: apt-get install ffmpeg): nobody but our own reader looks at the segments", tool)
		}
	}
}

func run(t *testing.T, name string, args ...string) []byte {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil || errs.Len() > 0 {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, errs.String())
	}
	return out.Bytes()
}

// probed is what ffprobe says of a stream.
type probed struct {
	CodecName string `json:"codec_name"`
	Profile   string
	Level     int
	Width     int
	Height    int
	Frames    string `json:"nb_read_frames"`
	Channels  int
}

// TestFFmpegDecodesEveryFrame holds the segments, one by one and joined, against somebody else's demuxer and decoders: no error, no
// warning, as many frames as the cards say, and what the cards say of them.
func TestFFmpegDecodesEveryFrame(t *testing.T) {
	needTools(t)
	for name, cfg := range streams {
		if cfg.SegmentDuration.Minutes() >= 1 {
			continue // takes a minute
		}
		t.Run(name, func(t *testing.T) {
			s := open(t, cfg)
			for variant := range s.Variants() {
				// The beginning of a VOD, and of a live stream where the clock comes round.
				from := stretches(cfg, s)
				decode(t, s, variant, from[min(2, len(from)-1)])
			}
		})
	}
}

func decode(t *testing.T, s *hls.Stream, variant int, from int64) {
	t.Helper()
	var joined []byte
	var total testcard.Card
	pictures := 0
	for seq := from; seq < from+4; seq++ {
		card, ok := s.Card(variant, seq)
		if !ok {
			break
		}
		data, err := s.Bytes(variant, seq)
		if err != nil {
			t.Fatal(err)
		}
		if seq == from+1 {
			decodeFile(t, data)
		}
		joined = append(joined, data...)
		total, pictures = card, pictures+card.Pictures
	}
	probe(t, decodeFile(t, joined), total, pictures)
}

// decodeFile has all of it decoded, and gives back the file it is in.
func decodeFile(t *testing.T, data []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "joined.ts")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "ffmpeg", "-v", "warning", "-xerror", "-err_detect", "explode", "-i", file, "-f", "null", "-")
	return file
}

func probe(t *testing.T, file string, card testcard.Card, pictures int) {
	t.Helper()
	var found struct{ Streams []probed }
	if err := json.Unmarshal(run(t, "ffprobe", "-v", "warning", "-count_frames", "-show_streams", "-of", "json", file), &found); err != nil {
		t.Fatal(err)
	}
	for _, p := range found.Streams {
		switch p.CodecName {
		case "h264":
			avc := map[string]uint32{"Constrained Baseline": 66, "Baseline": 66, "Main": 77, "High": 100}[p.Profile]<<16 | uint32(p.Level)
			if p.Frames != strconv.Itoa(pictures) || p.Width != card.Width || p.Height != card.Height || avc != card.AVC&0xff00ff {
				t.Errorf("%+v; want %d of %v, avc1.%06x", p, pictures, card, card.AVC)
			}
		case "aac":
			if p.Profile != "LC" || p.Channels != 1 || p.Frames == "0" || !card.Audio {
				t.Errorf("%+v; want %v", p, card)
			}
		default:
			t.Errorf("%+v", p)
		}
	}
	want := 0
	if pictures > 0 {
		want++
	}
	if card.Audio {
		want++
	}
	if len(found.Streams) != want {
		t.Errorf("%d streams, want %d", len(found.Streams), want)
	}
}
