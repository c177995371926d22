package bulk_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	localsqs "helpcrunch-mark-read/local/sqs"
	"helpcrunch-mark-read/ops/internal/bulk"
	"helpcrunch-mark-read/ops/internal/opstest"
)

func TestCheck(t *testing.T) {
	long := strings.Repeat("x", 70_000)
	for _, tc := range []struct {
		name, content string
		format        bulk.Format
		marks         int
		faults        map[int]string // a part of each reason, by line
	}{
		{"nothing", "", "", 0, nil},
		{"only a header", "id,reader,read\n", "", 0, nil},
		{"CSV", "id,reader,read\n5208,agent,true\n5209,customer,false\n", "", 2, nil},
		{"columns in another order, one more, spaces, CRLF, a byte-order mark", "\ufeffread, note ,id,reader\r\ntrue,\"a, b\", 7 ,agent\r\n", "", 1, nil},
		{"a spreadsheet's booleans", "id,reader,read\n1,agent,TRUE\n2,agent,FALSE\n", "", 2, nil},
		{"blank lines are none", "\n\nid,reader,read\n\n1,agent,true\n   \n", "", 1, nil},
		{"no line end at the end", "id,reader,read\n1,agent,true", "", 1, nil},
		{"CSV faults", "id,reader,read\n0,agent,true\n01,agent,true\n1.0,agent,true\n1e3,agent,true\n-1,agent,true\n,agent,true\n9223372036854775808,agent,true\n1,Agent,true\n1,agent,1\n1,agent,True\n1,agent\n\"1,agent,true\n2,agent,true\n", "", 0,
			map[int]string{2: "id must", 3: "id must", 4: "id must", 5: "id must", 6: "id must", 7: "id must", 8: "id must", 9: "reader must", 10: "read must", 11: "read must", 12: "2 fields", 13: "no CSV"}},
		{"text inside quotes is never a mark", "id,reader,read,note\n5208,agent,true,\"customer wrote:\n5209,agent,false,old line\nbye\"\n5210,agent,true,x\n", "", 2, nil},
		{"nor is it after a quote that is wrong", "id,reader,read,note\n1,agent,true,\"he said \"hi\" and\n5209,agent,false,old line\nbye\"\n5210,agent,true,x\n", "", 0, map[int]string{2: "no CSV"}},
		{"nor after a quote that never ends", "id,reader,read,note\n1,agent,true,x\n2,agent,true,\"x\n" + strings.Repeat("3,agent,true,x\n", 1<<20), "", 1, map[int]string{3: "no CSV"}},
		{"rows of commas are blank", ",,\n\nid,reader,read\n,,\n1,agent,true\n , ,\n,,,,,\n", "", 1, nil},
		{"columns without a name", "id,reader,read,,\n1,agent,true,,\n", "", 1, nil},
		{"a long note is no part of a mark", "id,reader,read,note\n1,agent,true," + long + "\n", "", 1, nil},
		{"bounds", "asOf,id,reader,read\n1767225600,1,agent,true\n1767225600.5,1,agent,true\n,1,agent,true\n", "", 3, nil},
		{"faulty bounds", "id,reader,read,asOf\n1,agent,true,2026-01-01\n1,agent,true,1.7E+09\n1,agent,false,-1\n", "", 0, map[int]string{2: "asOf must", 3: "asOf must", 4: "asOf must"}},
		{"bounds in JSON lines", `{"id": 1, "reader": "agent", "read": true, "asOf": "1767225600.25"}` + "\n" + `{"id": 1, "reader": "agent", "read": true, "asOf": null}`, "", 1, map[int]string{2: "asOf must"}},
		{"nothing hides in a field", "id,reader,read\n\"1,\"\"x\"\":2\",agent,true\n1,\"agent\"\",\"\"id\"\":2,\"\"x\"\":\"\"\",true\n", "", 0, map[int]string{2: "id must", 3: "reader must"}},
		{"a line that is too long, and one after it", "id,reader,read\n1,agent," + long + "\n2,agent,true\n", "", 1, map[int]string{2: "64 KiB"}},
		{"JSON lines", `{"id": 1, "reader": "agent", "read": true}` + "\n\n" + ` {"id":2,"reader":"customer","read":false,"note":1} `, "", 2, nil},
		{"JSON faults", `{"id": 1, "reader": "agent"}` + "\n" + `nonsense` + "\n" + `{"id": 2, "reader": "agent", "read": true}{}`, "", 0, map[int]string{1: "read is missing", 2: "not valid JSON", 3: "not valid JSON"}},
		{"JSON by flag", `[]`, bulk.JSONL, 0, map[int]string{1: "one JSON object"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c, err := bulk.Check(strings.NewReader(tc.content), tc.format)
			if err != nil || c.Marks != tc.marks || c.Faulty != len(tc.faults) {
				t.Fatalf("%+v, %v; want %d marks and %d faults", c, err, tc.marks, len(tc.faults))
			}
			for _, f := range c.Faults {
				if want, ok := tc.faults[f.Line]; !ok || !strings.Contains(f.Reason, want) {
					t.Errorf("line %d: %q, want %q", f.Line, f.Reason, want)
				}
			}
		})
	}
}

func TestCheckRefusesAHeader(t *testing.T) {
	for _, tc := range []struct{ header, says string }{
		{"id;reader;read", "line 1: a CSV file begins with a line that names the columns id, reader and read, with commas between, not semicolons or tabs"},
		{"1,agent,true", "a CSV file begins with"},
		{"ID,Reader,Read", `"ID" must be written id`},
		{"id,reader", "a CSV file begins with"},
		{"id,reader,read,id", `the column "id" stands twice`},
		{`"id,reader,read`, "a CSV file begins with"},
		{"id,reader,read,asof", `"asof" must be written asOf`},
		{"\n\n,,\nid,reader", "line 4: a CSV file begins with"},
		{`[{"id": 1, "reader": "agent", "read": true}]`, "line 1: the file is a JSON array"},
		{"\n [\n", "line 2: the file is a JSON array"},
		{"{\n", "a JSON object goes over several lines"},
		{"\xff\xfei\x00d\x00", "the file is UTF-16: save it as UTF-8"},
		{"\xfe\xff\x00i\x00d", "the file is UTF-16"},
		{"i\x00d\x00,\x00", "the file is UTF-16"},
	} {
		_, err := bulk.Check(strings.NewReader(tc.header+"\n1,agent,true\n"), "")
		var wrong *bulk.FormatError
		if !errors.As(err, &wrong) || !strings.Contains(wrong.Error(), tc.says) {
			t.Errorf("%q: %v, want a *FormatError that says %q", tc.header, err, tc.says)
		}
	}
}

// fileOf makes a file in which every line is another mark, and chats come again in the midst of what could be a batch.
func fileOf(marks int) string {
	var b strings.Builder
	b.WriteString("id,reader,read\n")
	for i := range marks {
		fmt.Fprintf(&b, "%d,%s,%t\n", 1+i%7, []string{"agent", "customer"}[i%2], i%3 == 0)
	}
	return b.String()
}

func sendOnce(ctx context.Context, t *testing.T, q *opstest.Queues, content, progress string) error {
	t.Helper()
	checked, err := bulk.Check(strings.NewReader(content), "")
	if err != nil {
		t.Fatal(err)
	}
	journal, err := bulk.OpenJournal(progress, checked, q.Marks, false)
	if err != nil {
		t.Fatal(err)
	}
	return journal.Send(ctx, q.Client, bytes.NewReader([]byte(content)), "", func(string, int, int) {})
}

// However the sending ends, running it again within five minutes puts each mark on the queue once, in the file's order.
func TestSendFailingAtEveryStepDoublesNothing(t *testing.T) {
	const marks = 25
	content := fileOf(marks)
	for _, entries := range []bool{false, true} {
		for _, fault := range []error{localsqs.Internal(), localsqs.ErrLoseAnswer, &localsqs.Error{Status: 400, Type: "x", Code: "Refused", Message: "no"}} {
			if entries && errors.Is(fault, localsqs.ErrLoseAnswer) {
				continue // an entry has no answer of its own
			}
			t.Run(fmt.Sprintf("entries %t, %v", entries, fault), func(t *testing.T) {
				for n, reached := int64(1), true; reached && !t.Failed(); n++ {
					synctest.Test(t, func(t *testing.T) {
						q := opstest.New(t, true)
						progress := filepath.Join(t.TempDir(), "progress")
						var steps atomic.Int64
						q.Server.SetFault(func(c localsqs.Call) error {
							if (c.Entry != "") != entries || steps.Add(1) < n {
								return nil
							}
							return fault
						})
						_ = sendOnce(t.Context(), t, q, content, progress)
						reached = steps.Load() >= n
						q.Server.SetFault(nil)
						time.Sleep(4 * time.Minute)
						if err := sendOnce(t.Context(), t, q, content, progress); err != nil {
							t.Fatalf("failing at step %d: the second run: %v", n, err)
						}
						inOrder(t, q, content, n)
					})
				}
			})
		}
	}
}

// inOrder holds when each line is on the queue once, those of a chat in the file's order.
func inOrder(t *testing.T, q *opstest.Queues, content string, n int64) {
	t.Helper()
	want := map[string][]string{}
	lines := strings.Split(strings.TrimSpace(content), "\n")[1:]
	for _, line := range lines {
		f := strings.Split(line, ",")
		want[f[0]] = append(want[f[0]], fmt.Sprintf(`{"id": %s, "reader": %q, "read": %s}`, f[0], f[1], f[2]))
	}
	got := map[string][]string{}
	for _, m := range q.Messages(t, q.Marks) {
		got[m.GroupID] = append(got[m.GroupID], m.Body)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("failing at step %d: on the queue is\n%v, want\n%v", n, got, want)
	}
}

func TestEstimate(t *testing.T) {
	for _, tc := range []struct {
		e    bulk.Estimate
		want string
	}{
		{bulk.Estimate{Marks: 1, PerMinute: 100}, "1 mark at 100 calls a minute: the last is made in about 1s"},
		{bulk.Estimate{Marks: 100, PerMinute: 100}, "about 1m0s"},
		{bulk.Estimate{Marks: 900, Waiting: 100, PerMinute: 100}, "900 marks at 100 calls a minute, after 100 that wait already: the last is made in about 10m0s"},
		{bulk.Estimate{Marks: 100_000, PerMinute: 60}, "about 27h47m0s"},
		{bulk.Estimate{Marks: 1_000_000_000, PerMinute: 1}, "about 2562047h47m0s"}, // the most that a duration holds
	} {
		if got := tc.e.String(); !strings.Contains(got, tc.want) {
			t.Errorf("%q does not say %q", got, tc.want)
		}
	}
}

// FuzzCheck checks that reading twice returns the same, that nothing is lost, and that no content makes it panic.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{fileOf(3), `{"id": 1, "reader": "agent", "read": true}`, "id,reader,read\n\"1\n", "\ufeffread,id,reader\r\ntrue,1,agent", "{", "\xff\n", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		c, err := bulk.Check(strings.NewReader(content), "")
		again, err2 := bulk.Check(strings.NewReader(content), "")
		if fmt.Sprint(c, err) != fmt.Sprint(again, err2) || c.Marks < 0 || len(c.Faults) > c.Faulty {
			t.Fatalf("%+v, %v and then %+v, %v", c, err, again, err2)
		}
		if lines := strings.Count(content, "\n") + 1; c.Marks+c.Faulty > lines {
			t.Fatalf("%d marks and %d faults in %d lines", c.Marks, c.Faulty, lines)
		}
	})
}
