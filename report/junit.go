package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"swarmlab/results"
)

// JUnit's XML, as CI systems read it: a case for each threshold and for each metric of the baseline. The message is the line that
// every other report has; the figures are in the body.

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Time     string       `xml:"time,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name       string          `xml:"name,attr"`
	Tests      int             `xml:"tests,attr"`
	Failures   int             `xml:"failures,attr"`
	Errors     int             `xml:"errors,attr"`
	Skipped    int             `xml:"skipped,attr"`
	Time       string          `xml:"time,attr"`
	Properties []junitProperty `xml:"properties>property"`
	Cases      []junitCase     `xml:"testcase"`
}

type junitProperty struct {
	Name  string `xml:"name,attr"`
	Value string `xml:"value,attr"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitFailure `xml:"failure,omitempty"`
	Out     *junitText    `xml:"system-out,omitempty"`
}

type junitFailure struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Body    string `xml:",cdata"` // so that lines stay lines for who reads the file
}

type junitText struct {
	Body string `xml:",cdata"`
}

// JUnit writes what a check found as JUnit XML.
func JUnit(w io.Writer, c *results.Checked) error {
	suite := junitSuite{
		Name: "swarmlab check " + printable(c.Name), Time: fmt.Sprintf("%.3f", c.WallSeconds),
		Properties: []junitProperty{{"seeds", seedsText(c.Seeds)}, {"tier", printable(c.Tier)}, {"clock", printable(c.Clock)}, {"version", printable(c.Version)}},
	}
	for _, t := range c.Thresholds {
		suite.add(c, "threshold", printable(t.Condition), t.Crossed, thresholdLine(t), thresholdBody(c, t))
	}
	if g := c.Gate; g != nil {
		for _, r := range g.Rows {
			suite.add(c, "baseline", r.Metric, r.Worse, gateLine(g, r), gateBody(c, g, r))
		}
	}
	for _, k := range suite.Cases {
		suite.Tests++
		if k.Failure != nil {
			suite.Failures++
		}
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(junitSuites{Tests: suite.Tests, Failures: suite.Failures, Time: suite.Time, Suites: []junitSuite{suite}}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func (s *junitSuite) add(c *results.Checked, kind, name string, crossed bool, message, body string) {
	k := junitCase{Class: "swarmlab." + printable(c.Name) + "." + kind, Name: name, Time: "0"}
	if crossed {
		k.Failure = &junitFailure{Message: message, Type: kind, Body: "\n" + body}
	} else {
		k.Out = &junitText{"\n" + body}
	}
	s.Cases = append(s.Cases, k)
}

func thresholdBody(c *results.Checked, t results.Threshold) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", thresholdLine(t))
	if len(t.Values) == len(c.Seeds) {
		for i, x := range t.Values {
			fmt.Fprintf(&b, "seed %d: %s\n", c.Seeds[i], thresholdValue(t, x))
		}
	}
	return b.String()
}

func gateBody(c *results.Checked, g *results.Gate, r results.GateRow) string {
	var b strings.Builder
	fmt.Fprintf(&b, "verdict: %s\nbaseline: %s (%s)\nnow: %s\ndifference: %s, 95 %% interval %s\nmatters from: %s\np: %s, corrected for %d metrics; worse if below %.3g and the difference matters\n",
		gateVerdict(g, r), spreadText(r.Baseline), gateTitle(g), spreadText(r.Now), diffText(r.Metric, r.Diff), rangeText(r.Metric, r.Interval),
		bare(r.Metric, r.Smallest), pText(r.Adjusted), g.Tests, g.Alpha)
	if values := c.Now.Measured(r.Metric); len(values) == len(c.Seeds) {
		for i, x := range values {
			fmt.Fprintf(&b, "seed %d: %s\n", c.Seeds[i], valueText(r.Metric, x))
		}
	}
	for _, line := range baselineChanges(g, 40) {
		fmt.Fprintf(&b, "changed since: %s\n", line)
	}
	return b.String()
}
