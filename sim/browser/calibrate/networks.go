package main

import (
	"net"
	"strings"
)

// networks are the names of the interfaces over which pages may connect.
func networks() string {
	interfaces, err := net.Interfaces()
	if err != nil {
		return "unknown (" + err.Error() + ")"
	}
	var up []string
	for _, i := range interfaces {
		if i.Flags&net.FlagUp != 0 {
			up = append(up, i.Name)
		}
	}
	return strings.Join(up, ", ")
}
