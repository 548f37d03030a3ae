package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// bytesText is a size for people, in powers of ten as links and bills have it.
func bytesText(n int64) string {
	units := []string{"B", "kB", "MB", "GB", "TB", "PB"}
	x, i := math.Abs(float64(n)), 0
	for x >= 999.5 && i < len(units)-1 {
		x /= 1000
		i++
	}
	sign := ""
	if n < 0 {
		sign = "-"
	}
	if i == 0 {
		return fmt.Sprintf("%s%.0f B", sign, x)
	}
	return sign + three(x) + " " + units[i]
}

// three writes a positive number with three figures, or more before the point, as people read them.
func three(x float64) string {
	switch {
	case x >= 999.5 && x < 1e15:
		return count(int64(math.Round(x)))
	case x >= 99.95:
		return strconv.FormatFloat(x, 'f', 0, 64)
	case x >= 9.995:
		return strconv.FormatFloat(x, 'f', 1, 64)
	default:
		return strconv.FormatFloat(x, 'f', 2, 64)
	}
}

// percent is a ratio for people. What is not quite nothing and not quite everything does not look like it.
func percent(ratio float64) string {
	p := ratio * 100
	switch {
	case p < 0 && p > -0.05:
		return "0.0 %" // -0.0 is no figure
	case p > 0 && p < 0.05:
		return "<0.1 %"
	case p > 99.95 && p < 100:
		return ">99.9 %"
	default:
		return fmt.Sprintf("%.1f %%", p)
	}
}

// msText is a time in milliseconds for people.
func msText(ms float64) string {
	switch {
	case ms < 0.9995:
		return three(ms) + " ms"
	case ms < 999.5:
		return fmt.Sprintf("%.0f ms", ms)
	case ms < 59_950:
		return three(ms/1000) + " s"
	default:
		return secondsText(ms / 1000)
	}
}

// secondsText is a longer time for people.
func secondsText(s float64) string {
	if s < 59.95 {
		return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(s, 'f', 1, 64), "0"), ".") + " s"
	}
	total := int64(math.Round(s))
	h, m, sec := total/3600, total/60%60, total%60
	switch {
	case h > 0:
		return fmt.Sprintf("%d h %02d min", h, m)
	case sec == 0:
		return fmt.Sprintf("%d min", m)
	default:
		return fmt.Sprintf("%d min %02d s", m, sec)
	}
}

// count is a number with its thousands apart: 12,345.
func count(n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	var b strings.Builder
	for i, r := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	return sign + b.String()
}

// many counts things: "1 viewer", "1,200 viewers".
func many(n int64, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return count(n) + " " + more
}

// printable takes control characters out of a name from a file, so that no scenario can write to somebody's terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, s)
}

// clockText is simulated seconds as a clock shows them, for axes: 0:00, 12:30, 1:02:30.
func clockText(s float64) string {
	d := time.Duration(math.Round(s)) * time.Second
	h, m, sec := int(d.Hours()), int(d.Minutes())%60, int(d.Seconds())%60
	if h > 0 {
		return fmt.Sprintf("%d:%02d:%02d", h, m, sec)
	}
	return fmt.Sprintf("%d:%02d", m, sec)
}

// capital begins a text with a capital letter.
func capital(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(r)) + s[n:]
}
