package main

import (
	"errors"
	"strconv"

	"github.com/spf13/pflag"
)

// flagTypes are what a flag's value must be, by pflag's name of its type.
var flagTypes = map[string]string{
	"int": "a whole number", "int64": "a whole number", "uint64": "a whole number, 0 or more", "float64": "a number", "bool": "true or false",
	"duration": "a duration such as 30s, 5m or 40ms",
}

// flagError says what is wrong with a flag as all other errors are said: what would be right, and what was given.
func flagError(err error) error {
	var invalid *pflag.InvalidValueError
	if errors.As(err, &invalid) {
		if errors.Is(err, strconv.ErrRange) {
			return usagef("--%s: %s is too large", invalid.GetFlag().Name, invalid.GetValue())
		}
		if want, known := flagTypes[invalid.GetFlag().Value.Type()]; known {
			return usagef("--%s: must be %s, got %q", invalid.GetFlag().Name, want, invalid.GetValue())
		}
	}
	return usageError{err}
}
