package wire

import (
	"errors"
	"fmt"
)

// ErrUndecodable is wrapped by every error of Decode. The library drops such a command without a sign and keeps the
// connection; so should the caller.
var ErrUndecodable = errors.New("undecodable command")

var (
	errEmpty      = fmt.Errorf("%w: empty", ErrUndecodable)
	errNotInteger = fmt.Errorf("%w: an integer's header byte has another type", ErrUndecodable)
	errType       = fmt.Errorf("%w: unknown value type", ErrUndecodable)
	errFieldType  = fmt.Errorf("%w: a field's value has the wrong type", ErrUndecodable)
)

// Decode reads a payload as tolerantly as the library: fields in any order, unknown fields skipped, of repeated fields the
// last one, unknown commands returned as they are, integers cut off by the end read from what there is. The ids returned
// together are never more than the payload has bytes, whatever counts it claims.
func Decode(payload []byte) (Command, error) {
	var c Command
	if err := c.Decode(payload); err != nil {
		return Command{}, err
	}
	return c, nil
}

// Decode is the function of that name into a command that was used before, whose lists' memory it takes. After an error nothing in
// the command means anything.
func (c *Command) Decode(payload []byte) error {
	*c = Command{Loaded: c.Loaded[:0], Loading: c.Loading[:0]}
	if len(payload) == 0 {
		return errEmpty
	}
	c.ID = ID(payload[0])
	for offset := 1; offset < len(payload); {
		name := payload[offset]
		n, err := c.readField(name, payload[offset+1:])
		if err != nil {
			return err
		}
		offset += 1 + n
	}
	return nil
}

// readField decodes the value at the head of b into the field of that name, and returns how many bytes it claims.
func (c *Command) readField(name byte, b []byte) (consumed int, err error) {
	kind := byte(typeInteger) // a name at the very end has the value zero
	if len(b) > 0 {
		kind = b[0] >> 4
	}
	switch kind {
	case typeInteger:
		return c.readIntField(name, b)
	case typeArray:
		return c.readListField(name, b)
	case typeString:
		return c.readStringField(name, b)
	default:
		return 0, errType
	}
}

func (c *Command) readIntField(name byte, b []byte) (consumed int, err error) {
	v, consumed, err := readInt(b)
	if err != nil {
		return 0, err
	}
	switch name {
	case fieldSegment:
		c.Segment = v.number()
	case fieldRequest:
		c.Request = v.number()
	case fieldByte:
		c.Byte = v.number()
	case fieldSize:
		c.Size = v.number()
	case fieldLoaded, fieldLoading:
		return 0, errFieldType
	}
	return consumed, nil
}

func (c *Command) readListField(name byte, b []byte) (consumed int, err error) {
	switch name {
	case fieldLoaded:
		c.Loaded, consumed, err = readIDs(c.Loaded, b)
	case fieldLoading:
		c.Loading, consumed, err = readIDs(c.Loading, b)
	case fieldSegment, fieldRequest, fieldByte, fieldSize:
		return 0, errFieldType
	default:
		_, consumed, err = countIDs(b) // skipped, but an error inside it still spoils the command
	}
	return consumed, err
}

// readStringField only finds the string's end: no command has strings. The length is 12 bits and counts UTF-16 units when
// written but bytes when read, so that the library misreads its own strings beyond ASCII.
func (c *Command) readStringField(name byte, b []byte) (consumed int, err error) {
	switch name {
	case fieldLoaded, fieldLoading, fieldSegment, fieldRequest, fieldByte, fieldSize:
		return 0, errFieldType
	}
	length := int(b[0]&0x0f) << 8
	if len(b) > 1 {
		length |= int(b[1])
	}
	return 2 + length, nil
}
