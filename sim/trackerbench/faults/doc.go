// Package faults answers: does a tracker live when it is mistreated, what does it say, and what does it cost everybody else?
//
// A control group of well-behaved viewers announces all the time. Beside it one kind of mistreatment after the other is tried:
// clients that do not read, that break off, that send what no client should. For each it is told whether the tracker lived, how it
// reacted, and what became of the control group's offers and their latency.
//
// What is sent is made up as it runs, from a seed, by class: a field of the wrong type, an id of the wrong length, a document
// that is cut off. No message that is known to kill somebody's tracker stands here; drawing many of a class finds those too.
//
// # Limits
//
// One machine, some hundred connections: a flood is not the subject. A tracker that dies of the first message of a class may have
// more to die of; with a way to restart it the next class is tried, without one the rest is left out.
package faults
