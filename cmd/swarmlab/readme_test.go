package main

import (
	"bytes"
	"context"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../../"

// TestTheReadmesCommandsWork runs every command of the README's shell blocks: runs with two viewers, to be quick; make targets
// are only looked up.
func TestTheReadmesCommandsWork(t *testing.T) {
	readme := read(t, "README.md")
	targets := regexp.MustCompile(`(?m)^([a-z-]+):`).FindAllStringSubmatch(read(t, "Makefile"), -1)
	var commands int
	folders := make(map[string]string)
	for _, block := range regexp.MustCompile("(?s)```sh\n(.*?)```").FindAllStringSubmatch(readme, -1) {
		for _, line := range strings.Split(strings.TrimSpace(block[1]), "\n") {
			line, _, _ = strings.Cut(line, " #")
			words := strings.Fields(line)
			commands++
			switch {
			case len(words) == 2 && words[0] == "make":
				if !slices.ContainsFunc(targets, func(m []string) bool { return m[1] == words[1] }) {
					t.Errorf("%s: there is no such target", line)
				}
			case strings.HasPrefix(line, "go run ./cmd/swarmlab "):
				swarmlab(t, words[3:], folders)
			default:
				t.Errorf("%s: this test does not know how to try it", line)
			}
		}
	}
	if commands < 4 {
		t.Errorf("found %d commands in the README; has its form changed?", commands)
	}
}

// swarmlab tries a command. folders are where results that later commands name really went.
func swarmlab(t *testing.T, args []string, folders map[string]string) {
	t.Helper()
	args = slices.Clone(args)
	switch args[0] {
	case "run":
		if i := slices.Index(args, "--repeat"); i > 0 {
			args = slices.Delete(args, i, i+2) // children of a test binary are their own affair: see repeat.txtar
		}
		out := t.TempDir()
		if i := slices.Index(args, "--out"); i > 0 {
			folders[args[i+1]] = out
		}
		args = append(args, "--peers", "2", "--out", out)
	case "compare":
		for i, a := range args {
			if folder, ok := folders[a]; ok {
				args[i] = folder
			}
		}
		args = append(args, "--out", t.TempDir())
	case "check": // has children too: see check.txtar
		args = []string{"scenarios", "show", args[1]}
	}
	var out, err bytes.Buffer
	if code := run(context.Background(), args, streams{out: &out, err: &err}); code != exitGood {
		t.Errorf("swarmlab %s: exit code %d\n%s", strings.Join(args, " "), code, err.String())
	}
}

// TestTheReadmesLinksLead somewhere.
func TestTheReadmesLinksLead(t *testing.T) {
	for _, m := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(read(t, "README.md"), -1) {
		if _, err := os.Stat(root + m[1]); err != nil {
			t.Errorf("the README links to %s: %v", m[1], err)
		}
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(root + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
