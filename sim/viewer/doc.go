// Package viewer answers: what is one viewer, whatever the network it lives on?
//
// It puts the sans-IO rooms together: hls.js's model (player) with P2P Media Loader's core (p2pml) inside, configured from a
// scenario, its segments checked against what the origin made, and everything it tells written into its record (results). A
// tier brings the environment (p2pml.Env) and nothing else, so that a viewer is the same code in each of them.
package viewer
