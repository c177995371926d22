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

// CountIs is Count with the verb that follows: "1 mark is", "2 marks are".
func CountIs(n int, noun string) string { return verb(n, noun, " is", " are") }

// CountWas is Count with the verb that follows: "1 mark was", "2 marks were".
func CountWas(n int, noun string) string { return verb(n, noun, " was", " were") }

func verb(n int, noun, one, many string) string {
	if n == 1 {
		return Count(n, noun) + one
	}
	return Count(n, noun) + many
}
