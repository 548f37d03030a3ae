package hls

import (
	"errors"
	"fmt"
	"strings"
)

// attributes is an attribute list (RFC 8216 section 4.2), values without their quotes.
type attributes map[string]string

// parseAttributes is strict about what would change the meaning (an open quote, a missing value, a name said twice), and lets
// pass what players let pass: spaces around names and unknown names.
func parseAttributes(text string) (attributes, error) {
	list := make(attributes)
	for rest := strings.TrimSpace(text); rest != ""; {
		name, after, ok := strings.Cut(rest, "=")
		name = strings.TrimSpace(name)
		if !ok || name == "" || strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
			return nil, fmt.Errorf("%s: expected an attribute like NAME=value", quote(rest))
		}
		value, left, err := cutValue(after)
		if err != nil {
			return nil, fmt.Errorf("attribute %s: %w", name, err)
		}
		if _, twice := list[name]; twice {
			return nil, fmt.Errorf("attribute %s is given twice", name)
		}
		list[name], rest = value, strings.TrimSpace(left)
	}
	return list, nil
}

func cutValue(text string) (value, rest string, err error) {
	if !strings.HasPrefix(text, `"`) {
		value, rest, _ = strings.Cut(text, ",")
		value = strings.TrimSpace(value)
		if value == "" || strings.ContainsAny(value, `"`) {
			return "", "", fmt.Errorf("%s is no value", quote(value))
		}
		return value, rest, nil
	}
	value, rest, ok := strings.Cut(text[1:], `"`)
	if !ok {
		return "", "", errors.New("the closing quote is missing")
	}
	rest = strings.TrimSpace(rest)
	if rest == "" {
		return value, "", nil
	}
	if rest[0] != ',' {
		return "", "", fmt.Errorf("expected a comma before %s", quote(rest))
	}
	return value, rest[1:], nil
}

// decimal reads a decimal-integer attribute; 0 if it is absent.
func (a attributes) decimal(name string) (int64, error) {
	text, ok := a[name]
	if !ok {
		return 0, nil
	}
	n, err := parseDecimal(text)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return n, nil
}
