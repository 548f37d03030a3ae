package netem

import (
	"fmt"
	"strings"
)

// registry is a named list that keeps the order of registration (so that --help reads well) and refuses duplicates: a
// second preset of the same name would silently change what a scenario means.
type registry[T any] struct {
	kind   string
	names  []string
	values map[string]T
}

func newRegistry[T any](kind string) *registry[T] {
	return &registry[T]{kind: kind, values: make(map[string]T)}
}

func (r *registry[T]) register(name string, v T) {
	if name == "" {
		panic("netem: " + r.kind + " without a name")
	}
	if _, dup := r.values[name]; dup {
		panic(fmt.Sprintf("netem: %s %q registered twice", r.kind, name))
	}
	r.names = append(r.names, name)
	r.values[name] = v
}

func (r *registry[T]) lookup(name string) (T, bool) {
	v, ok := r.values[name]
	return v, ok
}

func (r *registry[T]) list() []string { return append([]string(nil), r.names...) }

func (r *registry[T]) unknown(name string) error {
	return fmt.Errorf("unknown %s %q: it can be one of %s", r.kind, name, strings.Join(r.names, ", "))
}
