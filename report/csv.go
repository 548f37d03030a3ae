package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"

	"swarmlab/results"
)

// PeersCSV writes one line per viewer; the columns are the keys of a row in result.json.
func PeersCSV(w io.Writer, r *results.Result) error { return writeCSV(w, r.Peers) }

// TimelineCSV writes one line per simulated second; the columns are the keys of a sample in result.json.
func TimelineCSV(w io.Writer, r *results.Result) error { return writeCSV(w, r.Timeline) }

// writeCSV takes columns from the JSON tags, so that a table cannot forget a field.
func writeCSV[T any](w io.Writer, rows []T) error {
	out := csv.NewWriter(w)
	t := reflect.TypeFor[T]()
	line := make([]string, t.NumField())
	for i := range line {
		line[i], _, _ = strings.Cut(t.Field(i).Tag.Get("json"), ",")
	}
	if err := out.Write(line); err != nil {
		return err
	}
	for _, row := range rows {
		v := reflect.ValueOf(row)
		for i := range line {
			line[i] = cell(v.Field(i))
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// cell writes a value as a spreadsheet reads it; what was not measured is an empty cell.
func cell(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() {
			return ""
		}
		return cell(v.Elem())
	case reflect.Float64:
		return strconv.FormatFloat(v.Float(), 'f', -1, 64)
	case reflect.String:
		return safeCell(v.String())
	default:
		return fmt.Sprint(v.Interface())
	}
}

// safeCell keeps a spreadsheet from running a name as a formula (OWASP, "CSV injection").
func safeCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0])) {
		return "'" + s
	}
	return s
}
