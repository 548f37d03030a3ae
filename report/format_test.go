package report

import (
	"strings"
	"testing"
)

func TestFormats(t *testing.T) {
	for _, c := range []struct{ what, got, want string }{
		{"bytes", bytesText(0), "0 B"},
		{"bytes", bytesText(999), "999 B"},
		{"bytes", bytesText(1000), "1.00 kB"},
		{"bytes: no 1000 kB", bytesText(999_600), "1.00 MB"},
		{"bytes", bytesText(12_345_678), "12.3 MB"},
		{"bytes", bytesText(123_456_789_012), "123 GB"},
		{"bytes", bytesText(-1500), "-1.50 kB"},
		{"percent", percent(0), "0.0 %"},
		{"percent: not quite nothing", percent(0.0001), "<0.1 %"},
		{"percent: not quite all", percent(0.9999), ">99.9 %"},
		{"percent", percent(1), "100.0 %"},
		{"percent", percent(0.618), "61.8 %"},
		{"percent: not -0", percent(-0.0004), "0.0 %"},
		{"percent: a negative offload", percent(-0.05), "-5.0 %"},
		{"ms", msText(0), "0.00 ms"},
		{"ms", msText(0.25), "0.25 ms"},
		{"ms", msText(12.6), "13 ms"},
		{"ms", msText(999.6), "1.00 s"},
		{"ms", msText(61_000), "1 min 01 s"},
		{"seconds", secondsText(0), "0 s"},
		{"seconds", secondsText(38.4), "38.4 s"},
		{"seconds", secondsText(59.96), "1 min"},
		{"seconds", secondsText(90), "1 min 30 s"},
		{"seconds", secondsText(3720), "1 h 02 min"},
		{"count", count(999), "999"},
		{"count", count(-1234567), "-1,234,567"},
		{"axis: in words of the step", axisNumber(0.25, 0.05), "0.25"},
		{"axis", axisNumber(800_000, 100_000), "800,000"},
		{"axis: no more than fits", axisNumber(2_500_000, 500_000), "2.5 M"},
		{"axis: nothing", axisNumber(0, 500_000), "0"},
		{"many", many(1, "viewer", "viewers"), "1 viewer"},
		{"many", many(1200, "viewer", "viewers"), "1,200 viewers"},
		{"clock", clockText(59.6), "1:00"},
		{"clock", clockText(3750), "1:02:30"},
		{"value", valueText("p2pRatio", 0.5), "50.0 %"},
		{"value: an interval may reach below zero", valueText("startupMs.p50", -20), "-20 ms"},
		{"value: a count has no unit", valueText("startupMs.count", 12), "12"},
		{"value: Gini is no percentage", valueText("uploadGini", 0.7251), "0.73"},
		{"bar", bar(0.5, -1, 4), "██··"},
		{"bar: a little is not nothing", bar(0.001, -1, 4), "▏···"},
		{"bar: the bound", bar(0.25, 0.75, 4), "█··│"},
		{"bar: never longer than all", bar(7, 1, 3), "███"},
		{"cut", cut("a long name", 7), "a long…"},
		{"cut: wide letters", cut("日本語テキスト", 7), "日本語…"},
		{"pad: wide letters", pad("日本", 6) + "|", "日本  |"},
		{"wrap", strings.Join(wrap("one two three fourteen", 7), "|"), "one two|three|fourte…"},
		{"printable", printable("a\x1b[31mb\nc"), "a[31mbc"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %q, want %q", c.what, c.got, c.want)
		}
	}
}

func TestThreeFigures(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0.00", 1.234: "1.23", 9.996: "10.0", 99.94: "99.9", 99.96: "100", 999.4: "999", 999.6: "1,000", 25489.4: "25,489",
	} {
		if got := three(x); got != want {
			t.Errorf("%v: %s, want %s", x, got, want)
		}
	}
}

// TestColumnsStayApart, whatever is in them: half an hour's figures ran into one another.
func TestColumnsStayApart(t *testing.T) {
	for text, want := range map[string]string{"9.5 s": "     9.5 s", "59 min 05 s": " 59 min 05 s", "123456789": " 123456789", "1234567890": " 1234567890"} {
		if got := column(text, 10); got != want {
			t.Errorf("column of %q is %q, want %q", text, got, want)
		}
	}
}
