package terminal

import (
	"strconv"
	"strings"
)

// Count returns a number and what it counts, in the singular for one: "1 mark", "2 marks", "0 dead letters".
func Count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if stem, ok := strings.CutSuffix(noun, "y"); ok {
		noun = stem + "ie"
	}
	return strconv.Itoa(n) + " " + noun + "s"
}
