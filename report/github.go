package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"swarmlab/results"
)

// StepSummaryLimit is how much GitHub shows of one step's summary; of a larger one it shows nothing at all.
const StepSummaryLimit = 1 << 20

// StepSummary writes the check's Markdown in at most room bytes: what does not fit is cut at the end of a line, and the cut says so.
func StepSummary(w io.Writer, c *results.Checked, room int) error {
	var b bytes.Buffer
	if err := CheckMarkdown(&b, c); err != nil {
		return err
	}
	text := b.Bytes()
	if len(text) > room {
		const end = "\n\n(The rest does not fit in a step's summary; it is in the check's folder.)\n"
		keep := max(0, room-len(end))
		text = text[:keep]
		text = text[:bytes.LastIndexByte(text, '\n')+1]
		if room >= len(end) {
			text = append(text, end...)
		}
	}
	_, err := w.Write(text)
	return err
}

// Annotations writes an ::error:: line for each crossing, which GitHub shows with the run and on the pull request.
func Annotations(w io.Writer, c *results.Checked) error {
	// Percent first: the others make new ones. In a property colon and comma mean something too.
	message := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	property := strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
	for _, line := range Crossings(c) {
		if _, err := fmt.Fprintf(w, "::error title=%s::%s\n", property.Replace("swarmlab check "+printable(c.Name)), message.Replace(line)); err != nil {
			return err
		}
	}
	return nil
}
