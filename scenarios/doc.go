// Package scenarios answers: what is to be simulated?
//
// A [Scenario] is plain data: a stream, an audience, a configuration of P2P Media Loader, a tracker, an origin, a network.
// It comes from a preset (embedded *.yaml files), from a YAML or JSON file ([Load], [Parse]), or from code (fill in the
// struct and call [Scenario.Resolve]); single fields are changed by [Scenario.Set]. Whatever the way, the same
// three steps follow: read strictly, apply defaults, check. What was read is kept beside what was resolved, so that a
// later Set is weighed against the author's words and not against defaults made from them (a longer stream still gets a
// longer run).
//
// [Audience] turns the audience's description into viewers: who, from where, when, how long. It is pure: the same
// scenario and seed give the same viewers, and one viewer more leaves the others as they were.
//
// Mistakes are for people: every [Error] names the file, line, column and field, says what would be right and what was
// probably meant, and all of them come at once ([Errors]). All are [ErrInvalid].
//
// Struct tags on the types are the only description of the fields. The reader, the checks, [Schema] and the table in
// README.md are made from them and cannot disagree.
//
// Limits: a scenario has one stream and one audience; everybody watches from the start or from the live edge (no seeking,
// no pausing); links do not change during a run; YAML anchors, aliases, tags and merge keys are refused, because a file that expands
// is a file whose lines no error can point at.
package scenarios
