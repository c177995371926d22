package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"helpcrunch-mark-read/shared/deadletter"
	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/pace"
)

// in runs a test in a bubble of simulated time.
func in(t *testing.T, name string, test func(t *testing.T, h *harness)) {
	t.Run(name, func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) { test(t, newHarness(t)) })
	})
}

func TestWhatIsNoBatchIsAFunctionError(t *testing.T) {
	for name, event := range map[string]string{
		"no Records":                `{}`,
		"Records is null":           `{"Records": null}`,
		"an SNS event":              `{"Records": [{"EventSource": "aws:sns", "Sns": {"MessageId": "x"}}]}`,
		"one record has no id":      `{"Records": [{"messageId": "1", "body": "{}"}, {"body": "{}"}]}`,
		"an API Gateway event":      `{"version": "2.0", "routeKey": "PUT /v1/chats/readByAgent"}`,
		"an S3 event":               `{"Records": [{"eventSource": "aws:s3", "s3": {}}]}`,
		"an EventBridge event":      `{"detail-type": "x", "detail": {}}`,
		"a record with an empty id": `{"Records": [{"messageId": "", "body": "{}"}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			var decoded events.SQSEvent
			if err := json.Unmarshal([]byte(event), &decoded); err != nil {
				t.Fatal(err)
			}
			h := newHarness(t)
			if _, err := h.Handle(context.Background(), decoded); err == nil {
				t.Error("no error: Lambda would call it a success")
			}
			if len(h.calls) > 0 {
				t.Error("HelpCrunch was called")
			}
		})
	}
}

func TestAnEmptyListIsWrittenAsAList(t *testing.T) {
	h := newHarness(t)
	response, err := h.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{}})
	text, _ := json.Marshal(response)
	if err != nil || string(text) != `{"batchItemFailures":[]}` {
		t.Errorf("an empty batch gave %s, %v", text, err)
	}
}

func TestRecordsAreJudgedOneByOne(t *testing.T) {
	in(t, "each its own fate", func(t *testing.T, h *harness) {
		h.answer = func(_ int, m mark.Mark) (*helpcrunch.Answer, error) {
			switch m.ID {
			case 2:
				return says(404, "chat_not_found")
			case 3:
				return says(500, "x")
			case 4:
				panic("secret words")
			case 5:
				return nil, &helpcrunch.NoAnswerError{Timeout: true, Reason: "no answer in time"}
			}
			return &helpcrunch.Answer{Status: 200, Complete: true}, nil
		}
		back := h.handle(record("a", agent(1, true)), record("b", agent(2, true)), record("c", agent(3, true)),
			record("d", agent(4, true)), record("e", agent(5, true)), record("f", "invalid"), record("g", agent(6, false)))
		if want := []string{"c", "d", "e"}; !slices.Equal(back, want) {
			t.Errorf("back = %v, want %v", back, want)
		}
		if got := h.outcomes(); !slices.Equal(got, []string{"b:chat_not_found", "f:invalid_request"}) {
			t.Errorf("dead letters = %v", got)
		}
		if strings.Contains(h.logs.String(), "secret words") {
			t.Error("a panic's value was logged")
		}
		if len(h.visibility) != 3 {
			t.Errorf("visibility = %v, want the three that are held", h.visibility)
		}
	})
	in(t, "a copy in the same batch is one message", func(t *testing.T, h *harness) {
		h.answer = func(int, mark.Mark) (*helpcrunch.Answer, error) { return says(503, "x") }
		second := record("a", agent(1, true))
		second.ReceiptHandle = "the newer handle"
		if back := h.handle(record("a", agent(1, true)), second); !slices.Equal(back, []string{"a"}) {
			t.Errorf("back = %v, want each id once", back)
		}
		if _, ok := h.visibility["the newer handle"]; !ok || len(h.visibility) != 1 {
			t.Errorf("visibility = %v, want the newer handle's", h.visibility)
		}
	})
}

// outcomes lists the dead letters as id:outcome.
func (h *harness) outcomes() []string {
	var list []string
	for _, l := range h.deadLetters {
		reason := deadletter.Read(l.MessageAttributes)
		list = append(list, reason.Source.MessageID+":"+reason.Outcome)
	}
	return list
}

func TestTheNewestWishWins(t *testing.T) {
	for _, tc := range []struct {
		name    string
		records func() []events.SQSMessage
		want    []mark.Mark
	}{
		{"FIFO: the last", func() []events.SQSMessage {
			return []events.SQSMessage{record("a", agent(1, true)), record("b", agent(1, false)), record("c", agent(2, true), sentAgo(time.Minute)), record("d", agent(1, true), sentAgo(time.Hour))}
		}, []mark.Mark{{ID: 1, Reader: "agent", Read: true}, {ID: 2, Reader: "agent", Read: true}}},
		{"standard: the latest sent", func() []events.SQSMessage {
			return []events.SQSMessage{record("a", agent(1, true), fromStandard, sentAgo(2*time.Second)), record("b", agent(1, false), fromStandard, sentAgo(time.Second)), record("c", agent(1, true), fromStandard, sentAgo(3*time.Second))}
		}, []mark.Mark{{ID: 1, Reader: "agent", Read: false}}},
		{"standard: the last of those sent in the same millisecond", func() []events.SQSMessage {
			return []events.SQSMessage{record("a", agent(1, true), fromStandard), record("b", agent(1, false), fromStandard)}
		}, []mark.Mark{{ID: 1, Reader: "agent", Read: false}}},
		{"the two readers of a chat are two", func() []events.SQSMessage {
			return []events.SQSMessage{record("a", agent(1, true)), record("b", `{"id":1,"reader":"customer","read":false}`)}
		}, []mark.Mark{{ID: 1, Reader: "agent", Read: true}, {ID: 1, Reader: "customer"}}},
	} {
		in(t, tc.name, func(t *testing.T, h *harness) {
			if back := h.handle(tc.records()...); len(back) > 0 {
				t.Errorf("back = %v", back)
			}
			if !slices.Equal(h.calls, tc.want) {
				t.Errorf("calls = %v, want %v", h.calls, tc.want)
			}
		})
	}
	in(t, "all share the outcome: held", func(t *testing.T, h *harness) {
		h.answer = func(int, mark.Mark) (*helpcrunch.Answer, error) { return says(500, "x") }
		back := h.handle(record("a", agent(1, true)), record("b", agent(1, false), received(3)))
		if !slices.Equal(back, []string{"a", "b"}) || h.visibility["handle-a"] != h.visibility["handle-b"] {
			t.Errorf("back = %v at %v, want both together", back, h.visibility)
		}
	})
	in(t, "all share the outcome: dead", func(t *testing.T, h *harness) {
		h.answer = func(int, mark.Mark) (*helpcrunch.Answer, error) { return says(404, "not_fount") }
		if back := h.handle(record("a", agent(1, true)), record("b", agent(1, false))); len(back) > 0 || len(h.deadLetters) != 2 {
			t.Errorf("back = %v, %d dead letters; want two dead letters", back, len(h.deadLetters))
		}
		if *h.deadLetters[0].MessageBody != agent(1, true) || *h.deadLetters[1].MessageBody != agent(1, false) {
			t.Error("the dead letters are not the messages in their order")
		}
	})
}

func TestHold(t *testing.T) {
	for _, tc := range []struct {
		name        string
		answer      func() (*helpcrunch.Answer, error)
		received    int
		least, most int32 // seconds
	}{
		{"the first time", func() (*helpcrunch.Answer, error) { return says(500, "x") }, 1, 3, 5},
		{"the fourth time", func() (*helpcrunch.Answer, error) { return says(500, "x") }, 4, 20, 40},
		{"the thousandth time", func() (*helpcrunch.Answer, error) { return says(500, "x") }, 1000, 450, 900},
		{"Retry-After is longer", func() (*helpcrunch.Answer, error) {
			return &helpcrunch.Answer{Status: 503, RetryAfter: 77 * time.Second}, nil
		}, 1, 77, 77},
		{"Retry-After is shorter", func() (*helpcrunch.Answer, error) {
			return &helpcrunch.Answer{Status: 503, RetryAfter: time.Second}, nil
		}, 5, 40, 80},
		{"no longer than an hour", func() (*helpcrunch.Answer, error) {
			return &helpcrunch.Answer{Status: 503, RetryAfter: 5 * time.Hour}, nil
		}, 1, 3600, 3600},
	} {
		in(t, tc.name, func(t *testing.T, h *harness) {
			h.answer = func(int, mark.Mark) (*helpcrunch.Answer, error) { return tc.answer() }
			h.handle(record("a", agent(1, true), received(tc.received)))
			if got := h.visibility["handle-a"]; got < tc.least || got > tc.most {
				t.Errorf("held for %d s, want %d to %d", got, tc.least, tc.most)
			}
		})
	}
	in(t, "a throttled message waits for the end of the pause, two minutes of backoff at most", func(t *testing.T, h *harness) {
		h.answer = func(int, mark.Mark) (*helpcrunch.Answer, error) {
			return &helpcrunch.Answer{Status: 429, RetryAfter: 10 * time.Minute}, nil
		}
		h.handle(record("a", agent(1, true), received(1000)), record("b", agent(2, true), received(1000)))
		// 57 s of the ten minutes were waited out in place.
		if got := h.visibility["handle-a"]; got < 543 || got > 544 || h.visibility["handle-b"] != got {
			t.Errorf("held for %v, want the 543 s and a bit that are left of the pause", h.visibility)
		}
		if len(h.calls) != 1 {
			t.Errorf("%d calls, want one: nobody calls during the pause", len(h.calls))
		}
	})
}

func TestGivenUpByAge(t *testing.T) {
	old := sentAgo(25 * time.Hour)
	for _, tc := range []struct {
		name        string
		records     func() []events.SQSMessage
		answer      func() (*helpcrunch.Answer, error)
		deadLetters int
	}{
		{"old and failing", func() []events.SQSMessage { return []events.SQSMessage{record("a", agent(1, true), old)} },
			func() (*helpcrunch.Answer, error) { return says(500, "x") }, 1},
		{"old and applied", func() []events.SQSMessage { return []events.SQSMessage{record("a", agent(1, true), old)} },
			func() (*helpcrunch.Answer, error) { return &helpcrunch.Answer{Status: 200, Complete: true}, nil }, 0},
		{"young and received a thousand times", func() []events.SQSMessage {
			return []events.SQSMessage{record("a", agent(1, true), received(1000))}
		}, func() (*helpcrunch.Answer, error) { return says(500, "x") }, 0},
		{"merged: the newest is young", func() []events.SQSMessage {
			return []events.SQSMessage{record("a", agent(1, true), old), record("b", agent(1, true))}
		}, func() (*helpcrunch.Answer, error) { return says(500, "x") }, 0},
		{"merged: the newest is old", func() []events.SQSMessage {
			return []events.SQSMessage{record("a", agent(1, true), old), record("b", agent(1, true), old)}
		}, func() (*helpcrunch.Answer, error) { return says(500, "x") }, 2},
		{"throttled by a call of its own", func() []events.SQSMessage { return []events.SQSMessage{record("a", agent(1, true), old)} },
			func() (*helpcrunch.Answer, error) {
				return &helpcrunch.Answer{Status: 429, RetryAfter: time.Hour}, nil
			}, 1},
	} {
		in(t, tc.name, func(t *testing.T, h *harness) {
			h.answer = func(int, mark.Mark) (*helpcrunch.Answer, error) { return tc.answer() }
			h.handle(tc.records()...)
			if len(h.deadLetters) != tc.deadLetters {
				t.Errorf("%d dead letters, want %d", len(h.deadLetters), tc.deadLetters)
			}
		})
	}
	in(t, "a pause that somebody else met spares it", func(t *testing.T, h *harness) {
		h.Pacer.Throttled(time.Now(), time.Hour)
		if back := h.handle(record("a", agent(1, true), old)); len(back) != 1 || len(h.deadLetters) != 0 || len(h.calls) != 0 {
			t.Errorf("back = %v, %d dead letters, %d calls; want it held without a call", back, len(h.deadLetters), len(h.calls))
		}
	})
	in(t, "the deadline spares it", func(t *testing.T, h *harness) {
		if back := h.handleWithin(2*time.Second, record("a", agent(1, true), old)); len(back) != 1 || len(h.deadLetters) != 0 {
			t.Errorf("back = %v, %d dead letters; want it released", back, len(h.deadLetters))
		}
	})
	in(t, "a rejected key does not spare it", func(t *testing.T, h *harness) {
		h.answer = func(int, mark.Mark) (*helpcrunch.Answer, error) { return says(401, "invalid_token") }
		h.handle(record("a", agent(1, true), old))
		if got := h.outcomes(); !slices.Equal(got, []string{"a:key_rejected"}) {
			t.Errorf("dead letters = %v", got)
		}
	})
}

func TestDeadline(t *testing.T) {
	in(t, "what is not started is released, what hangs is held", func(t *testing.T, h *harness) {
		h.Handler.Pacer = pace.NewPacer(60, 1) // one call a second and a little
		h.takes = time.Hour
		started := time.Now()
		back := h.handleWithin(6*time.Second, record("a", agent(1, true)), record("b", agent(2, true)),
			record("c", agent(3, true)), record("d", agent(4, true)), record("e", agent(5, true)))
		if want := []string{"a", "b", "c", "d", "e"}; !slices.Equal(back, want) {
			t.Errorf("back = %v, want %v", back, want)
		}
		// At 0, 1.01 and 2.02 s a call could start with 3 s left; at 3.03 none could.
		if len(h.calls) != 3 || h.visibility["handle-d"] != 0 || h.visibility["handle-e"] != 0 || h.visibility["handle-c"] < 3 {
			t.Errorf("%d calls, visibility %v; want three calls, d and e released", len(h.calls), h.visibility)
		}
		if took := time.Since(started); took != 5*time.Second {
			t.Errorf("took %v, want the calls cut off a second before the deadline", took)
		}
	})
	in(t, "a call takes 8 s at most", func(t *testing.T, h *harness) {
		h.takes = time.Hour
		started := time.Now()
		h.handle(record("a", agent(1, true)))
		if took := time.Since(started); took != 8*time.Second {
			t.Errorf("took %v, want 8s", took)
		}
	})
}

func TestSlowAnswersDoNotSlowTheRate(t *testing.T) {
	in(t, "ten answers of 5 s at one call a second", func(t *testing.T, h *harness) {
		h.Handler.Pacer = pace.NewPacer(60, 1)
		h.takes = 5 * time.Second
		var records []events.SQSMessage
		for i := range 10 {
			records = append(records, record(fmt.Sprint(i), agent(i+1, true)))
		}
		started := time.Now()
		h.handle(records...)
		if took := time.Since(started); took > 14500*time.Millisecond {
			t.Errorf("took %v, want 9 intervals and one answer", took)
		}
		for i, m := range h.calls {
			if m.ID != int64(i+1) {
				t.Fatalf("call %d was for chat %d: the calls are not in the order of the records", i, m.ID)
			}
		}
	})
}

func TestThrottleIsWaitedOutInPlace(t *testing.T) {
	in(t, "the throttled record is tried again after the pause, and nobody calls during it", func(t *testing.T, h *harness) {
		h.answer = func(call int, _ mark.Mark) (*helpcrunch.Answer, error) {
			if call == 2 {
				return &helpcrunch.Answer{Status: 429, RetryAfter: 20 * time.Second}, nil
			}
			return &helpcrunch.Answer{Status: 200, Complete: true}, nil
		}
		if back := h.handle(record("a", agent(1, true)), record("b", agent(2, true)), record("c", agent(3, true))); len(back) > 0 {
			t.Errorf("back = %v, want all applied in the end", back)
		}
		if len(h.calls) != 4 {
			t.Fatalf("%d calls, want 4", len(h.calls))
		}
		if pause := h.callsAt[2].Sub(h.callsAt[1]); pause < 20*time.Second {
			t.Errorf("called %v after the 429", pause)
		}
	})
	in(t, "the last reason stays when no time is left for another try", func(t *testing.T, h *harness) {
		h.answer = func(int, mark.Mark) (*helpcrunch.Answer, error) { return says(429, "too_many_requests") }
		if back := h.handle(record("a", agent(1, true))); !slices.Equal(back, []string{"a"}) {
			t.Errorf("back = %v", back)
		}
		// 1, 2, 4, 8, 16 and 32 s: the seventh call would start after 63 s.
		if len(h.calls) != 6 {
			t.Errorf("%d calls, want 6", len(h.calls))
		}
		if !strings.Contains(h.logs.String(), `"status":429`) {
			t.Errorf("the log does not mention the 429: %s", h.logs.String())
		}
	})
}

func TestADeadLetterQueueThatFails(t *testing.T) {
	in(t, "nothing written: all are held", func(t *testing.T, h *harness) {
		h.sendErr = errors.New("no")
		if back := h.handle(record("a", "x"), record("b", "y")); !slices.Equal(back, []string{"a", "b"}) {
			t.Errorf("back = %v", back)
		}
		if got := h.visibility["handle-a"]; got < 3 || got > 5 {
			t.Errorf("held for %d s", got)
		}
		if strings.Contains(h.metrics.String(), "DeadLettered") {
			t.Error("a dead letter was counted that was not written")
		}
	})
	in(t, "one refused: it alone is held", func(t *testing.T, h *harness) {
		h.refuse["x"] = true
		if back := h.handle(record("a", "x"), record("b", "y")); !slices.Equal(back, []string{"a"}) {
			t.Errorf("back = %v", back)
		}
	})
}
