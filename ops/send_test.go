package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	localsqs "helpcrunch-mark-read/local/sqs"
)

const (
	readMark   = "id,reader,read\n5208,agent,true\n"
	unreadMark = "id,reader,read\n5208,agent,false\n"
)

// Whatever a run has sent before, another run's marks reach the queue: SQS drops what it takes for a repetition.
func TestARunLosesNothingToAnEarlierOne(t *testing.T) {
	file := func(t *testing.T, name, content string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, tc := range []struct {
		name string
		runs func(t *testing.T) [][]string // the standard input, and the arguments
	}{
		{"the standard input", func(*testing.T) [][]string {
			return [][]string{{readMark, "-"}, {unreadMark, "-"}, {readMark, "-"}}
		}},
		{"the standard input, again", func(*testing.T) [][]string {
			return [][]string{{readMark, "-", "--again"}, {unreadMark, "-", "--again"}, {readMark, "-", "--again"}}
		}},
		{"the same content under other names", func(t *testing.T) [][]string {
			return [][]string{{"", file(t, "a.csv", readMark)}, {"", file(t, "b.csv", unreadMark)}, {"", file(t, "c.csv", readMark)}}
		}},
		{"another progress file", func(t *testing.T) [][]string {
			path := file(t, "a.csv", readMark)
			return [][]string{{"", path}, {"", path, "--progress", path + ".2"}, {"", path, "--progress", path + ".3"}}
		}},
		{"again", func(t *testing.T) [][]string {
			path := file(t, "a.csv", readMark)
			return [][]string{{"", path}, {"", path, "--again"}, {"", path, "--again"}}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, true)
				for i, run := range tc.runs(t) {
					got := w.ops(t.Context(), run[0], append(onStack("send"), run[1:]...)...)
					if n := len(w.Messages(t, w.Marks)); got.code != 0 || n != i+1 || !strings.Contains(got.out, "1 mark is on the queue") {
						t.Errorf("after run %d there are %d messages: %+v", i+1, n, got)
					}
				}
			})
		})
	}
}

// A run that was stopped repeats its ids: what SQS has taken already is dropped, and reported as sent rightly.
func TestAResumedRunRepeatsItsIDs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, true)
		progress := filepath.Join(t.TempDir(), "progress")
		w.Server.SetFault(func(c localsqs.Call) error {
			if c.Action == "SendMessageBatch" && c.Entry == "" {
				return localsqs.ErrLoseAnswer
			}
			return nil
		})
		if got := w.ops(t.Context(), readMark, onStack("send", "-", "--progress", progress)...); got.code != 1 {
			t.Errorf("an answer that was lost: %+v", got)
		}
		w.Server.SetFault(nil)
		got := w.ops(t.Context(), readMark, onStack("send", "-", "--progress", progress)...)
		if n := len(w.Messages(t, w.Marks)); got.code != 0 || n != 1 {
			t.Errorf("%d messages: %+v", n, got)
		}
	})
}

func TestNothingToSendIsSaid(t *testing.T) {
	utf16 := "\xff\xfei\x00d\x00,\x00"
	for _, tc := range []struct {
		name, content string
		code          int
		says          string
	}{
		{"an empty file", "", 4, "ops: the file holds no marks"},
		{"a header alone", "id,reader,read\n", 4, "ops: the file holds no marks"},
		{"rows of commas alone", "id,reader,read\n,,\n,,\n", 4, "ops: the file holds no marks"},
		{"a JSON array", `[{"id": 1, "reader": "agent", "read": true}]`, 4, "the file is a JSON array: write one object a line"},
		{"UTF-16", utf16, 4, "the file is UTF-16: save it as UTF-8"},
		{"quotes that are wrong, even without the faulty lines", readMark + "1,\"agent,true\n2,agent,true\n", 4, "nothing was sent: the quotes must be right"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, true)
				got := w.ops(t.Context(), tc.content, onStack("send", "-", "--skip-faulty")...)
				if n := len(w.Messages(t, w.Marks)); got.code != tc.code || !strings.Contains(got.err, tc.says) || n != 0 {
					t.Errorf("%d messages, want exit code %d and %q: %+v", n, tc.code, tc.says, got)
				}
			})
		})
	}
}

// A bound goes only to functions that understand it: others would ignore it without a word.
func TestBoundsAreSentToWhoUnderstandsThem(t *testing.T) {
	const bounded, body = "id,reader,read,asOf\n1,agent,true,1767225600.9\n", `{"id": 1, "reader": "agent", "read": true, "asOf": 1767225600}`
	queue := []string{"send", "-", "--queue-url", "http://q/0/marks.fifo"}
	for _, tc := range []struct {
		name        string
		understands string // the stack's output
		content     string
		args        []string
		code        int
		says        string
	}{
		{"the stack does", "other, asOf", bounded, onStack("send", "-"), 0, ""},
		{"the stack is older", "", bounded, onStack("send", "-"), 1, "nothing was sent: the file has asOf, and the stack mark-read is of a version that ignores it"},
		{"the stack understands something else", "other", bounded, onStack("send", "-"), 1, "of a version that ignores it"},
		{"the flag does not outdo the stack", "", bounded, onStack("send", "-", "--understands", "asOf"), 1, "of a version that ignores it"},
		{"a column without a bound", "", "id,reader,read,asOf\n1,agent,true,\n", onStack("send", "-"), 0, ""},
		{"a queue alone", "asOf", bounded, queue, 2, "say --understands asOf"},
		{"a queue, and the operator knows", "", bounded, append(queue, "--understands", "asOf"), 0, ""},
		{"only checked", "", bounded, onStack("send", "-", "--check"), 1, "of a version that ignores it"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, true)
				w.outputs = map[string]string{"Understands": tc.understands}
				got := w.ops(t.Context(), tc.content, tc.args...)
				sent := w.Messages(t, w.Marks)
				if got.code != tc.code || !strings.Contains(got.err, tc.says) || len(sent) != 1-min(tc.code, 1) {
					t.Errorf("%d messages, want exit code %d and %q: %+v", len(sent), tc.code, tc.says, got)
				}
				if len(sent) == 1 && tc.content == bounded && sent[0].Body != body {
					t.Errorf("sent %s, want %s", sent[0].Body, body)
				}
			})
		})
	}
}

func TestALongBacklogIsWarnedOf(t *testing.T) {
	for _, tc := range []struct {
		name  string
		marks int
		says  string
	}{
		{"within the retry window", 60, ""},
		{"beyond it", 24*60 + 1, "longer than the retry window (24h0m0s)"},
		{"beyond seven days", 7*24*60 + 1, "longer than 168h0m0s: a mark of that age becomes a dead letter"},
		{"beyond what the queue keeps", 8*24*60 + 1, "longer than the queue keeps a message (192h0m0s): SQS deletes"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, true)
				w.set(t, w.Marks, "MessageRetentionPeriod", "691200")
				var content strings.Builder
				content.WriteString("id,reader,read\n")
				for id := range tc.marks {
					fmt.Fprintf(&content, "%d,agent,true\n", id+1)
				}
				got := w.ops(t.Context(), content.String(), onStack("send", "-", "--check", "--share", "1")...)
				if got.code != 0 || strings.Contains(got.err, "Warning") != (tc.says != "") || !strings.Contains(got.err, tc.says) {
					t.Errorf("want %q: %+v", tc.says, got)
				}
			})
		})
	}
}

// Without a progress file nothing remembers how far it came, and the command does not claim so.
func TestAStoppedStandardInputIsSentAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, true)
		ctx, stop := context.WithCancel(t.Context())
		w.Server.SetFault(func(c localsqs.Call) error {
			if c.Action == "SendMessageBatch" {
				stop()
				time.Sleep(time.Second)
			}
			return nil
		})
		got := w.ops(ctx, readMark+strings.Repeat("5208,agent,true\n", 3), onStack("send", "-")...)
		if got.code != 130 || !strings.Contains(got.err, "sends all of it again") {
			t.Errorf("%+v", got)
		}
	})
}

// A program in front of the pipe that goes on without a word can't keep the command from being stopped.
func TestAStopEndsTheWaitForTheStandardInput(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, true)
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, stop)
		silent, writer := io.Pipe()
		defer writer.Close()
		if got := w.opsReading(ctx, silent, onStack("send", "-")...); got.code != 130 || !strings.Contains(got.err, "stopped") {
			t.Errorf("%+v", got)
		}
	})
}
