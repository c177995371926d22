package lambda

import (
	"slices"
	"strings"
	"testing"
)

func TestLines(t *testing.T) {
	long := strings.Repeat("x", maxLine)
	tests := []struct {
		name   string
		writes []string
		want   []string
	}{
		{"one write, two lines", []string{"a\nb\n"}, []string{"a", "b"}},
		{"one line, two writes", []string{"a", "b\n"}, []string{"ab"}},
		{"no line break at the end", []string{"a\nb"}, []string{"a", "b"}},
		{"an empty line counts", []string{"\n\n"}, []string{"", ""}},
		{"carriage returns go", []string{"a\r\nb\r", "\n"}, []string{"a", "b"}},
		{"a line of the longest length", []string{long + "\n"}, []string{long}},
		{"a longer line is cut", []string{long + "y\nz\n"}, []string{long, "y", "z"}},
		{"a longer line in parts, never ended", []string{long, "y"}, []string{long, "y"}},
		{"nothing", []string{""}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			var got []string
			w := lineWriter{emit: func(line string) { got = append(got, line) }}
			for _, part := range test.writes {
				if n, err := w.Write([]byte(part)); n != len(part) || err != nil {
					t.Fatal(n, err)
				}
			}
			w.flush()
			if !slices.Equal(got, test.want) {
				t.Errorf("got %d lines, want %d", len(got), len(test.want))
			}
		})
	}
}
