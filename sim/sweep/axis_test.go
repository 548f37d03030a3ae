package sweep

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"swarmlab/results"
)

func TestParseAxis(t *testing.T) {
	for _, c := range []struct {
		text string
		want string // values with | between; "" for an error
	}{
		{"a.b=1,2,3", "1|2|3"},
		{" a.b = 1 , x ,null", "1|x|null"},
		{"a.b=5", "5"},
		{"a.b=4:20:4", "4|8|12|16|20"},
		{"a.b=4:21:4", "4|8|12|16|20"},
		{"a.b=0.1:0.3:0.1", "0.1|0.2|0.3"}, // as fractions of two, the third would be 0.30000000000000004
		{"a.b=20:10:-5", "20|15|10"},
		{"a.b=10s:30s:10s", "10s|20s|30s"},
		{"a.b=5Mbit/s:10Mbit/s:2.5Mbit/s", "5.0Mbit/s|7.5Mbit/s|10.0Mbit/s"},
		{"a.b=cable,{down: 5Mbit/s, up: 1Mbit/s},[1, 2]", "cable|{down: 5Mbit/s, up: 1Mbit/s}|[1, 2]"},
		{`a.b="x,y",'z,'`, `"x,y"|'z,'`},
		{"a.b=ws://host/", "ws://host/"},
		{"a.b", ""},
		{"=1", ""},
		{"a.b=", ""},
		{"a.b=1,,2", ""},
		{"a.b=1,2,1", ""},
		{"a.b=1:5:0", ""},
		{"a.b=1:5:-1", ""},
		{"a.b=1s:5s:1", ""},
		{"a.b=x:5:1", ""},
		{"a.b=0:1e9:1", ""},
		{"a.b=0:999999:1", ""},
	} {
		got, err := ParseAxis(c.text)
		if c.want == "" {
			if !errors.Is(err, ErrInput) {
				t.Errorf("%s: got %v, %v; want an error", c.text, got, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", c.text, err)
			continue
		}
		if diff := cmp.Diff(results.Axis{Path: "a.b", Values: strings.Split(c.want, "|")}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.text, diff)
		}
	}
}

func FuzzParseAxis(f *testing.F) {
	for _, seed := range []string{"a=1,2", "a=1:2:0.1", "a={b: [1,2]},'x", "a=1e300:2e300:1e-300", "a=-:-:-"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		axis, err := ParseAxis(text)
		if err != nil {
			return
		}
		if len(axis.Values) == 0 || len(axis.Values) > mostValues || axis.Path == "" {
			t.Errorf("%q gives %d values of %q", text, len(axis.Values), axis.Path)
		}
	})
}
