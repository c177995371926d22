package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/ops/internal/opstest"
	"helpcrunch-mark-read/ops/internal/terminal"
	"helpcrunch-mark-read/shared/mark"
)

// onStack puts the stack's name behind the arguments.
func onStack(args ...string) []string { return append(args, "--stack", "mark-read") }

func deadLetters() []opstest.DeadLetter {
	agentMark := func(chat int64, read bool) mark.Mark { return mark.Mark{ID: chat, Reader: mark.Agent, Read: read} }
	return []opstest.DeadLetter{
		{Number: 1, Mark: agentMark(5208, true), Outcome: "chat_not_found", Codes: "invalid_request,not_fount"},
		{Number: 2, Mark: agentMark(5209, true), Outcome: "key_rejected", Codes: "invalid_token"},
		{Number: 3, Mark: agentMark(5209, false), Outcome: "key_rejected", Codes: "invalid_token"},
		{Number: 4, Mark: agentMark(5210, true), Outcome: "chat_not_found", Codes: "invalid_request,not_fount"},
		{Number: 5, Mark: agentMark(5211, true), Body: "\u009b31minvalid", Outcome: "invalid_request"},
	}
}

func TestCommands(t *testing.T) {
	for _, tc := range []struct {
		name   string
		args   []string
		stdin  string
		answer string
		code   int
		out    []string // parts of the standard output
		err    []string // parts of the standard error
		dead   int      // dead letters that are left
		marks  int      // messages on the queue
	}{
		{"list", onStack("dead", "list"), "", "", 0, []string{"5 dead letters in dead.fifo", "COUNT", "chat_not_found", "invalid_request,not_fount", `{"id": 5208, "reader": "agent", "read": true}`}, nil, 5, 0},
		{"list with a filter", onStack("dead", "list", "--outcome", "key_rejected"), "", "", 0, []string{"2 dead letters"}, nil, 5, 0},
		{"list with an outcome that does not exist", onStack("dead", "list", "--outcome", "chat_not_fount"), "", "", 2, nil, []string{`"chat_not_fount" is none of chat_not_found, invalid_request`}, 5, 0},
		{"list as JSON", onStack("dead", "list", "--json"), "", "", 0, []string{`"letters":5`, `"outcome":"chat_not_found","codes":"invalid_request,not_fount","letters":2`}, nil, 5, 0},
		{"show the original's id", onStack("dead", "show", "original-2"), "", "", 0, []string{"chat 5209, reader agent, read true", "key_rejected", "status 404, codes invalid_token", "for the operator", "3 times", "request request-2", "ops key set", "--log-group-name /aws/lambda/mark-read/queue"}, nil, 5, 0},
		{"show escapes what others wrote", onStack("dead", "show", "--outcome", "invalid_request"), "", "", 0, []string{"\ufffd31minvalid"}, nil, 5, 0},
		{"show as JSON", onStack("dead", "show", "original-5", "--json"), "", "", 0, []string{`"body":"\u009b31minvalid"`, `"fault":"`, `"stringValue":"5"`}, nil, 5, 0},
		{"show several", onStack("dead", "show", "--limit", "5"), "", "", 0, []string{"5208", "5209", "5210"}, nil, 5, 0},
		{"show what is not there", onStack("dead", "show", "nothing"), "", "", 1, nil, []string{"no dead letter in dead.fifo is chosen by this"}, 5, 0},
		{"redrive, merged", onStack("dead", "redrive", "--outcome", "key_rejected"), "", "", 0, []string{"2 dead letters chosen: 1 message sent, 1 dead letter merged into later marks, 0 dead letters left"}, []string{"a newer mark"}, 3, 1},
		{"redrive all", onStack("dead", "redrive", "--outcome", "key_rejected", "--all"), "", "", 0, []string{"2 messages sent"}, nil, 3, 2},
		{"redrive by code and chat", onStack("dead", "redrive", "--code", "not_fount", "--chat", "5210"), "", "", 0, []string{"1 message sent"}, nil, 4, 1},
		{"redrive by time", onStack("dead", "redrive", "--before", "1h"), "", "", 0, []string{"0 dead letters chosen"}, nil, 5, 0},
		{"redrive dry", onStack("dead", "redrive", "--dry-run"), "", "", 0, []string{"5 dead letters chosen: 4 messages would be sent, 1 dead letter deleted", "Nothing was done", "1 dead letter is invalid"}, nil, 5, 0},
		{"redrive as JSON", onStack("dead", "redrive", "--json", "--chat", "5209"), "", "", 0, []string{`"chosen":2,"noMark":0,"sent":1,"merged":1,"left":0`}, nil, 3, 1},
		{"purge confirmed", onStack("dead", "purge", "--outcome", "chat_not_found", "--file", "FILE"), "", "purge 2", 0, []string{"2 of 2 chosen dead letters were purged"}, []string{"2 dead letters in dead.fifo", `Type "purge 2"`}, 3, 0},
		{"purge not confirmed", onStack("dead", "purge", "--file", "FILE"), "", "y", 1, []string{"Nothing was purged."}, nil, 5, 0},
		{"purge without a person", onStack("dead", "purge", "--file", "FILE"), "", "", 2, nil, []string{"--yes"}, 5, 0},
		{"purge with yes", onStack("dead", "purge", "--yes", "--file", "FILE", "--json"), "", "", 0, []string{`"purged":5,"file":`}, nil, 0, 0},
		{"purge dry", onStack("dead", "purge", "--dry-run"), "", "", 0, []string{"5 dead letters", "Nothing was purged: this was a dry run."}, nil, 5, 0},
		{"send", onStack("send", "-"), "id,reader,read\n1,agent,true\n2,customer,FALSE\n", "", 0, []string{"2 marks and 0 faulty lines; 2 marks are on the queue."}, []string{"2 marks at 60 calls a minute", "about 2s"}, 5, 2},
		{"send JSON lines", onStack("send", "-", "--json"), `{"id": 1, "reader": "agent", "read": true}`, "", 0, []string{`"marks":1,"sent":1,"faulty":0,"faults":[]`}, nil, 5, 1},
		{"send nothing of a file with faults", onStack("send", "-"), "id,reader,read\n1,agent,true\n2,nobody,1\n", "", 4, []string{"0 marks are on the queue"}, []string{`line 3: reader must be "agent" or "customer"; read must be true or false`, "nothing was sent"}, 5, 0},
		{"send the good lines", onStack("send", "-", "--skip-faulty"), "id,reader,read\n1,agent,true\n2,nobody,1\n", "", 0, []string{"1 mark and 1 faulty line; 1 mark is on the queue"}, []string{"line 3"}, 5, 1},
		{"send only checks", onStack("send", "-", "--check"), "id,reader,read\n1,agent,true\n", "", 0, nil, []string{"1 mark at 60"}, 5, 0},
		{"send without a header", onStack("send", "-"), "1,agent,true\n", "", 4, nil, []string{"line 1: a CSV file begins with"}, 5, 0},
		{"send what is not there", onStack("send", "/nowhere/marks.csv"), "", "", 2, nil, []string{"no such file"}, 5, 0},
		{"help", []string{"dead", "redrive", "-h"}, "", "", 0, []string{"--dry-run", "--rate"}, nil, 5, 0},
		{"no command", nil, "", "", 0, []string{"Exit codes:"}, nil, 5, 0},
		{"an unknown command", []string{"dead", "rise"}, "", "", 2, nil, []string{"unexpected argument rise"}, 5, 0},
		{"no stack and no queue", []string{"dead", "redrive", "--dead-letter-queue-url", "http://q/dead"}, "", "", 2, nil, []string{"name the stack with --stack, or give --queue-url"}, 5, 0},
		{"the queues by their URLs", []string{"dead", "redrive", "--chat", "5208", "--dead-letter-queue-url", "http://q/0/dead.fifo", "--queue-url", "http://q/0/marks.fifo"}, "", "", 0, []string{"1 message sent"}, nil, 4, 1},
		{"one queue for both", []string{"dead", "redrive", "--dead-letter-queue-url", "http://q/0/dead.fifo", "--queue-url", "http://q/0/dead.fifo"}, "", "", 2, nil, []string{"are the same"}, 5, 0},
		{"a negative rate without a stack", []string{"dead", "redrive", "--rate=-1"}, "", "", 2, nil, []string{"--rate"}, 5, 0},
		{"a negative rate", onStack("dead", "redrive", "--rate=-1"), "", "", 2, nil, []string{"--rate"}, 5, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, true)
				w.answer = tc.answer
				w.AddDead(t, deadLetters()...)
				for i := range tc.args {
					tc.args[i] = strings.Replace(tc.args[i], "FILE", filepath.Join(t.TempDir(), "purged"), 1)
				}
				got := w.ops(t.Context(), tc.stdin, tc.args...)
				if got.code != tc.code {
					t.Errorf("exit code %d, want %d", got.code, tc.code)
				}
				for _, part := range tc.out {
					if !strings.Contains(got.out, part) {
						t.Errorf("the output does not say %q", part)
					}
				}
				for _, part := range tc.err {
					if !strings.Contains(got.err, part) {
						t.Errorf("the standard error does not say %q", part)
					}
				}
				dead, marks := w.Messages(t, w.Dead), w.Messages(t, w.Marks)
				if len(dead) != tc.dead || len(marks) != tc.marks {
					t.Errorf("%d dead letters and %d marks, want %d and %d", len(dead), len(marks), tc.dead, tc.marks)
				}
				for _, m := range dead {
					if m.InFlight {
						t.Errorf("dead letter %d is in flight", opstest.Number(m))
					}
				}
				if t.Failed() {
					t.Logf("out: %s\nerr: %s", got.out, got.err)
				}
			})
		})
	}
}

// Each of the failures that operators meet is one clear sentence.
func TestFailuresAreOneSentence(t *testing.T) {
	code := func(code string) func(http.ResponseWriter, *http.Request) bool {
		return func(w http.ResponseWriter, r *http.Request) bool { return refusal(w, r, code) }
	}
	for _, tc := range []struct {
		name   string
		args   []string
		refuse func(http.ResponseWriter, *http.Request) bool
		says   string
	}{
		{"a wrong stack name", []string{"dead", "list", "--stack", "mark-reed"}, nil, `there is no stack "mark-reed" in region us-east-1: check --stack, --region and --profile`},
		{"a stack of something else", []string{"dead", "list", "--stack", "other"}, nil, `the stack "other" has no output DeadLetterQueueUrl: it is no stack of helpcrunch-mark-read, or not deployed to the end`},
		{"a permission is missing", onStack("dead", "list"), code("AccessDenied"), "CloudFormation DescribeStacks: these credentials may not do that (cloudformation:DescribeStacks); attach the managed policy that the stack's output OperatorPolicyArn names"},
		{"a permission on the queue is missing", []string{"dead", "list", "--dead-letter-queue-url", "http://q/0/dead.fifo"}, code("AccessDenied"), "SQS GetQueueAttributes: these credentials may not do that (sqs:GetQueueAttributes); attach the managed policy that the stack's output OperatorPolicyArn names"},
		{"the credentials have expired", onStack("doctor"), code("ExpiredToken"), "CloudFormation DescribeStacks: the AWS credentials have expired; sign in again (for example with aws sso login)"},
		{"the credentials are unknown", onStack("dead", "list"), code("InvalidClientTokenId"), "CloudFormation DescribeStacks: AWS does not know these credentials; check AWS_PROFILE, --profile and AWS_ACCESS_KEY_ID"},
		{"no such queue", []string{"dead", "list", "--dead-letter-queue-url", "http://q/0/nothing.fifo"}, nil, "SQS GetQueueAttributes: there is no such queue; check --stack, --queue-url, --dead-letter-queue-url and --region"},
		{"not AWS", onStack("dead", "list"), func(w http.ResponseWriter, _ *http.Request) bool { _, _ = w.Write([]byte("<html>hello")); return true }, "CloudFormation DescribeStacks: what answered is not AWS; check AWS_ENDPOINT_URL"},
		{"not AWS, for the queue", []string{"dead", "list", "--dead-letter-queue-url", "http://q/0/dead.fifo"}, func(w http.ResponseWriter, _ *http.Request) bool { w.WriteHeader(404); return true }, "SQS GetQueueAttributes: what answered is not AWS; check AWS_ENDPOINT_URL"},
		{"nothing answers", onStack("dead", "list"), func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }, "CloudFormation DescribeStacks: AWS can't be reached; check the network and AWS_ENDPOINT_URL"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, true)
				w.refuse = tc.refuse
				got := w.ops(t.Context(), "", tc.args...)
				if got.code != 1 || got.err != "ops: "+tc.says+"\n" || got.out != "" {
					t.Errorf("exit code %d, said %q%q, want %q", got.code, got.out, got.err, tc.says)
				}
			})
		})
	}
	t.Run("no region", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, true)
			w.region = ""
			if got := w.ops(t.Context(), "", onStack("dead", "list")...); got.code != 2 || got.err != "ops: no AWS region is set: use --region or AWS_REGION\n" {
				t.Errorf("%+v", got)
			}
		})
	})
}

func TestAnEmptyQueueIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, false)
		if got := w.ops(t.Context(), "", onStack("dead", "list")...); got.code != 0 || got.out != "No dead letter in dead is chosen by this.\n" || got.err != "" {
			t.Errorf("%+v", got)
		}
	})
}

func TestAStopPutsEverythingBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, true)
		w.AddDead(t, deadLetters()...)
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, stop)
		got := w.ops(ctx, "", onStack("dead", "redrive", "--rate", "1", "--all")...)
		dead, marks := w.Messages(t, w.Dead), w.Messages(t, w.Marks)
		if got.code != 130 || len(dead)+len(marks) != 5 || len(marks) == 0 || len(dead) == 0 {
			t.Errorf("%d dead letters and %d marks: %+v", len(dead), len(marks), got)
		}
		for _, m := range dead {
			if m.InFlight {
				t.Errorf("dead letter %d is in flight", opstest.Number(m))
			}
		}
	})
}

func TestSendGoesOnWhereItStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, true)
		path := filepath.Join(t.TempDir(), "marks.csv")
		lines := "\ufeffread,id,reader\r\ntrue,1,agent\r\nfalse,1,agent\r\n\r\ntrue,2,customer\r\n"
		if err := os.WriteFile(path, []byte(lines), 0o600); err != nil {
			t.Fatal(err)
		}
		for i, want := range []struct {
			args []string
			says string
			n    int
		}{
			{[]string{"send", path}, "3 marks and 0 faulty lines; 3 marks are on the queue", 3},
			{[]string{"send", path}, "Nothing was to be sent: this file's 3 marks were sent before, the last at 2000-01-01 00:00:00Z. --again", 3},
			{[]string{"send", path, "--again"}, "3 marks are on the queue", 6},
		} {
			got := w.ops(t.Context(), "", onStack(want.args...)...)
			if n := len(w.Messages(t, w.Marks)); got.code != 0 || !strings.Contains(got.out, want.says) || n != want.n {
				t.Errorf("run %d: %d marks, want %d: %+v", i+1, n, want.n, got)
			}
		}
		if err := os.WriteFile(path, []byte(lines+"true,3,agent\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := w.ops(t.Context(), "", onStack("send", path)...); got.code != 2 || !strings.Contains(got.err, "before it was changed") {
			t.Errorf("a changed file: %+v", got)
		}
	})
}

// screen is a terminal that can be read.
type screen struct {
	strings.Builder
	tty *os.File
}

func (s *screen) Fd() uintptr { return s.tty.Fd() }

func TestAResultForAMachineHasItsLineForItself(t *testing.T) {
	tty, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil || !terminal.IsTerminal(tty) {
		t.Skip("this system has no such terminal")
	}
	defer tty.Close()
	shown := &screen{tty: tty}
	a := &app{out: shown, err: shown, flags: &globals{JSON: true}, progress: terminal.NewProgress(shown)}
	a.progress.Show("dead letters looked at", 1, 0)
	a.result(map[string]int{"letters": 1}, nil)
	if got := shown.String(); !strings.HasPrefix(got, "\r1 dead letters looked at\r") || !strings.HasSuffix(got, " \r{\"letters\":1}\n") {
		t.Errorf("shown was %q", got)
	}
}
