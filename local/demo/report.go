package demo

import (
	"fmt"
	"io"
)

// report writes one line a fact, and remembers which of them are not true.
type report struct {
	out   io.Writer
	wrong int
}

func (r *report) title(text string) { fmt.Fprintf(r.out, "\n%s\n", text) }

// check writes what should be and what is.
func (r *report) check(what string, ok bool, is any) {
	sign := "ok   "
	if !ok {
		sign = "WRONG"
		r.wrong++
	}
	fmt.Fprintf(r.out, "  %s  %-62s %v\n", sign, what, is)
}

// say writes a figure that is neither right nor wrong.
func (r *report) say(what string, is any) { fmt.Fprintf(r.out, "         %-62s %v\n", what, is) }

func (r *report) err() error {
	if r.wrong > 0 {
		return fmt.Errorf("%d lines of the report are not as promised", r.wrong)
	}
	fmt.Fprintln(r.out, "\nEverything is as promised.")
	return nil
}
