package scenarios

import (
	"slices"
	"strings"
)

// nearest returns the candidate that was probably meant, or "": at most a third of its letters may be wrong, because a
// wilder guess sends people the wrong way.
func nearest(word string, candidates []string) string {
	const longest = 64 // no name is longer; a megabyte of key is not worth comparing
	if word == "" || len(word) > longest {
		return ""
	}
	lower := strings.ToLower(word)
	const telling = 4 // so many letters in a row are half a name: "cone" means full-cone rather than none
	if whole := slices.DeleteFunc(slices.Clone(candidates), func(c string) bool {
		return !strings.Contains(strings.ToLower(c), lower)
	}); len(word) >= telling && len(whole) == 1 {
		return whole[0]
	}
	best, least := "", 1+max(len(word), 3)/3
	for _, c := range candidates {
		if d := distance(lower, strings.ToLower(c)); d < least {
			best, least = c, d
		}
	}
	return best
}

func didYouMean(word string, candidates []string) string {
	if n := nearest(word, candidates); n != "" {
		return "did you mean " + quote(n) + "?"
	}
	return ""
}

// distance counts the letters to add, drop, change or swap with a neighbour (optimal string alignment: swapped
// neighbours are the commonest slip and should not count twice).
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	before, prev, row := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(s); i++ {
		row[0] = i
		for j := 1; j <= len(t); j++ {
			change := 1
			if s[i-1] == t[j-1] {
				change = 0
			}
			row[j] = min(prev[j]+1, row[j-1]+1, prev[j-1]+change)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, prev, row = prev, row, before
	}
	return prev[len(t)]
}

// list writes names for people: a, b or c.
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(slices.Clone(names[:last]), ", ") + " or " + names[last]
}
