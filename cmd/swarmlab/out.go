package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
)

// checkOut refuses a command whose output folder cannot be written, before a run of an hour finds out. It leaves nothing behind: the folder is made when
// there is something to put into it.
func checkOut(cmd *cobra.Command) error {
	out := cmd.Flags().Lookup("out")
	if out == nil {
		return nil
	}
	folder := out.Value.String()
	switch {
	case folder != "":
	case cmd.Name() == "compare" || cmd.Name() == "report": // they write nothing then, or where the result is
		return nil
	default:
		folder = filepath.Join("results", "runs")
	}
	there, err := nearest(folder)
	if err != nil {
		return usagef("--out %s: %w", folder, err)
	}
	probe, err := os.CreateTemp(there, ".swarmlab-*")
	if err != nil {
		return usagef("--out %s: nothing can be written to %s: %w", folder, there, errors.Unwrap(err))
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// nearest is the folder itself if it is there, else the one above it that is.
func nearest(folder string) (string, error) {
	for {
		info, err := os.Stat(folder)
		switch {
		case err == nil && info.IsDir():
			return folder, nil
		case err == nil:
			return "", errors.New(folder + " is a file, not a folder")
		case !errors.Is(err, fs.ErrNotExist):
			return "", err
		}
		above := filepath.Dir(folder)
		if above == folder {
			return "", err
		}
		folder = above
	}
}
