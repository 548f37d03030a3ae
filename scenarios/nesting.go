package scenarios

// nesting bounds the depth of a YAML text without parsing it, because the parser recurses and a stack overflow cannot be
// recovered from. What nests deeper than the text is wide are brackets left open, and markers in a row that each open a level
// ("- - - x"). Both are counted without minding quotes: a sensible scenario has neither by the dozen. Indentation needs
// no bound: n levels of it take n*n/2 bytes.
func nesting(text []byte) int {
	deepest, open, markers := 0, 0, 0
	for i, c := range text {
		switch c {
		case '[', '{':
			open++
		case ']', '}':
			open = max(0, open-1)
		case ' ', '\t':
			continue
		case '-', '?':
			if i+1 < len(text) && text[i+1] == ' ' {
				markers++
				deepest = max(deepest, open+markers)
				continue
			}
		}
		markers = 0
		deepest = max(deepest, open)
	}
	return deepest
}

// marks counts what makes the parser slow: its time grows with the square of the keys, anchors, tags, brackets, documents and
// loose quoted words of a text (a megabyte of them takes minutes), but in proportion to the length of a plain list.
func marks(text []byte) int {
	n, quotes, separators := 0, 0, 0
	for i, c := range text {
		switch c {
		case ':', '&', '*', '!', '%', '?', '[', ']', '{', '}', '|', '>', '@', '`':
			n++
		case '"', '\'':
			quotes++
		case ',', '\n':
			separators++
		case '-':
			if i+3 <= len(text) && text[i+1] == '-' && text[i+2] == '-' {
				n++
			}
		}
	}
	return n + max(0, quotes-2*separators) // the quotes of a list's words come in pairs with its commas
}
