package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/opstest"
	"helpcrunch-mark-read/ops/internal/stack"
	"helpcrunch-mark-read/ops/internal/terminal"
	"helpcrunch-mark-read/shared/deadletter"
	"helpcrunch-mark-read/shared/mark"
)

// hostile moves the cursor, colours, rings, turns the direction of writing round and begins a line: as much of that as SQS
// lets through.
const hostile = "\u009b2J\u009d0;owned\u009c\r\nforged: \u202e\u2028\u0085\t%s"

// checkShown holds that a terminal obeys nothing of what is shown, and that no foreign text begins a line.
func checkShown(t *testing.T, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "forged") || strings.ContainsFunc(line, func(c rune) bool { return !unicode.IsPrint(c) }) {
			t.Errorf("shown: %q", line)
		}
	}
}

func TestATerminalObeysNothingForeign(t *testing.T) {
	agentMark := mark.Mark{ID: 5208, Reader: mark.Agent, Read: true}
	for _, tc := range []struct {
		name, stdin string
		args        []string
	}{
		{"list", "", onStack("dead", "list")},
		{"show", "", onStack("dead", "show", "--limit", "9")},
		{"redrive dry", "", onStack("dead", "redrive", "--dry-run")},
		{"redrive", "", onStack("dead", "redrive")},
		{"purge dry", "", onStack("dead", "purge", "--dry-run")},
		{"a filter that is foreign", "", onStack("dead", "list", "--code", "x")},
		{"send a header", "id,reader," + hostile + "\n", onStack("send", "-")},
		{"send values", "id,reader,read\n\"" + hostile + "\",agent,true\n", onStack("send", "-")},
		{"send names", `{"` + strings.NewReplacer("\r", `\r`, "\n", `\n`, "\t", `\t`).Replace(hostile) + `": 1, "id": 1, "id": 2}` + "\n", onStack("send", "-")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, true)
				w.AddDead(t, opstest.DeadLetter{Number: 1, Mark: agentMark, Outcome: hostile, Codes: "a," + hostile}, opstest.DeadLetter{Number: 2, Mark: agentMark, Body: hostile, Outcome: "x"})
				got := w.ops(t.Context(), tc.stdin, tc.args...)
				checkShown(t, got.out)
				checkShown(t, got.err)
				if got.out+got.err == "" {
					t.Error("nothing was shown")
				}
			})
		})
	}
}

// TestForeignTextIsOneLineOfJSON: for machines nothing is replaced, and what is foreign stays within its string.
func TestForeignTextIsOneLineOfJSON(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, true)
		w.AddDead(t, opstest.DeadLetter{Number: 1, Body: hostile, Outcome: hostile, Codes: hostile, Mark: mark.Mark{ID: 1}})
		for _, command := range []string{"list", "show"} {
			got := w.ops(t.Context(), "", onStack("dead", command, "--json")...)
			if strings.Count(got.out, "\n") != 1 || !json.Valid([]byte(got.out)) || strings.ContainsAny(got.out, "\r\t\x1b\u2028") {
				t.Errorf("%s: %q", command, got.out)
			}
		}
	})
}

// FuzzShow shows dead letters that strangers wrote all of, as a person and as a machine sees them.
func FuzzShow(f *testing.F) {
	f.Add(`{"id": 5208, "reader": "agent", "read": true}`, "chat_not_found", "invalid_request,not_fount", "words", "404", `{"messageId":"m","sentAt":"2026-01-31T12:00:00Z","receiveCount":3,"requestId":"r"}`, "origin", "crm")
	for _, s := range []string{hostile, "\x1b[2J\x07\x00\x7f", "\xff\xfe", "\u202e", strings.Repeat("\u009b", 1000), "'; rm -rf ~ #", "%s%n", "\v\f", "e\u0301\U000e0001"} {
		f.Add(s, s, s, s, s, `{"messageId":"`+s+`","requestId":"`+s+`"}`, s, s)
		f.Add(`{"`+s+`":1,"`+s+`":2}`, "", ","+s+",", "", "", `{"requestId":"`+s+`'"}`, "", "")
	}
	names := []string{"Dead letter", "Mark", "Invalid", "Body", "Outcome", "HelpCrunch", "Message", "Dead-lettered", "Sent", "Received", "Was message", "Decided in", "Trace", "Attribute", "What to do", "Its log lines:"}
	f.Fuzz(func(t *testing.T, body, outcome, codes, message, status, source, name, value string) {
		l := &deadletters.DeadLetter{
			ID: "id", DeadLetteredAt: time.Unix(1, 0), Body: body, Reason: deadletter.Reason{Outcome: outcome, Codes: strings.Split(codes, ","), Message: message, Status: len(status)},
			Attributes: map[string]types.MessageAttributeValue{name: {DataType: aws.String("String"), StringValue: &value}},
		}
		_ = json.Unmarshal([]byte(source), &l.Source)
		l.Mark, l.Fault = mark.ReadMessage([]byte(body))
		var out, machine bytes.Buffer
		a := &app{out: &out, err: &out, flags: &globals{JSON: true}, progress: terminal.NewProgress(&out)}
		a.showDeadLetter(&target{deployed: &stack.Stack{Outputs: map[string]string{stack.QueueLogGroup: "/group"}}}, l)
		for line := range strings.Lines(out.String()) {
			if !slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(line, name+" ") }) {
				t.Errorf("a line of somebody else's: %q", line)
			}
		}
		var summary deadletters.Summary
		summary.Add(l)
		a.printSummary(&target{globals: globals{DeadLetterURL: "http://q/0/dead.fifo"}}, summary)
		checkShown(t, out.String())
		if _, command, ok := strings.Cut(out.String(), "Its log lines: "); ok {
			if line, _, _ := strings.Cut(command, "\n"); strings.Count(line, "'") != 2 {
				t.Errorf("who pastes it leaves the quotes: %s", line)
			}
		}
		a.out = &machine
		a.result(newDeadLetterJSON(l), nil)
		if err := a.unwritten; err != nil || !json.Valid(machine.Bytes()) || bytes.Count(machine.Bytes(), []byte("\n")) != 1 {
			t.Errorf("%v: no line of JSON: %q", err, machine.String())
		}
	})
}
