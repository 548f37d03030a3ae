// Package report answers "what does it mean?": it draws a result for people. Everything in it is a pure function of a
// [results.Result]: the same result gives the same bytes, on any machine, at any time, so that a stored result can be drawn
// again years later and a report can be compared with a golden file.
//
// Every report answers three questions first: how much was saved, was anybody hurt, what limited it. A ratio never stands
// alone: beside it stands its bound (N-1)/N, and copies per segment beside that.
//
// # Limits
//
// Figures are rounded for reading; result.json has them in full. Plots thin out nothing: at 500 viewers and an hour a plot is
// a few hundred kilobytes of SVG at most. One result at a time: comparing two is another report's work.
//
// README.md in this folder says how to add a metric or a plot.
package report
