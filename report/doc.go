// Package report answers "what does it mean?": it draws a result for people. Everything in it is a pure function of a
// [results.Result]: the same result gives the same bytes at any time, so that a stored result can be drawn again
// years later and a report can be compared with a golden file. (Only the last digits of a picture's coordinates may differ
// between kinds of processors.)
//
// Every report answers three questions first: how much was saved, was anybody hurt, what limited it. A ratio never stands
// alone: beside it stands its bound (N-1)/N, and copies per segment beside that.
//
// # Limits
//
// Figures are rounded for reading; result.json has them in full. A plot over time takes samples together until there are at
// most 160, so a picture of 500 viewers and an hour is some tens of kilobytes of SVG, and a peak of one second may not show.
// The page has at most 10,000 viewers, those who fared worst, and draws swarms of at most 60.
//
// README.md in this folder says how to add a metric or a plot.
package report
