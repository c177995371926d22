package queue

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/pace"
)

func inGroup(group string) change {
	return func(r *events.SQSMessage) { r.Attributes["MessageGroupId"] = group }
}

func TestTheLatestAcrossGroups(t *testing.T) {
	for _, tc := range []struct {
		name    string
		records func() []events.SQSMessage
		want    bool // read
	}{
		{"the newer first", func() []events.SQSMessage {
			return []events.SQSMessage{record("a", agent(1, true), inGroup("x"), sentAgo(time.Second)), record("b", agent(1, false), inGroup("y"), sentAgo(time.Minute))}
		}, true},
		{"the newer last", func() []events.SQSMessage {
			return []events.SQSMessage{record("b", agent(1, false), inGroup("y"), sentAgo(time.Minute)), record("a", agent(1, true), inGroup("x"), sentAgo(time.Second))}
		}, true},
		{"within a group the batch's order counts, whatever the timestamps", func() []events.SQSMessage {
			return []events.SQSMessage{record("a", agent(1, false), inGroup("x"), sentAgo(time.Second)), record("b", agent(1, true), inGroup("x"), sentAgo(time.Hour)), record("c", agent(1, false), inGroup("y"), sentAgo(time.Minute))}
		}, true},
	} {
		in(t, tc.name, func(t *testing.T, h *harness) {
			if back := h.handle(tc.records()...); len(back) > 0 || len(h.calls) != 1 || h.calls[0].Read != tc.want {
				t.Errorf("back %v, calls %v; want one call with read %v", back, h.calls, tc.want)
			}
		})
	}
}

// TestAnOlderMarkNeverOutlivesANewer: from the first message whose dead letter is not safe, all later ones come back.
func TestAnOlderMarkNeverOutlivesANewer(t *testing.T) {
	for _, tc := range []struct {
		name    string
		refused []int // whose dead letters SQS refuses
		back    []string
	}{
		{"none refused", nil, nil},
		{"the oldest", []int{1}, []string{"m1", "m2", "m3"}},
		{"the middle", []int{2}, []string{"m2", "m3"}},
		{"the newest", []int{3}, []string{"m3"}},
	} {
		in(t, tc.name, func(t *testing.T, h *harness) {
			h.answer = func(int, mark.Mark) (*helpcrunch.Answer, error) { return says(404, "not_found") }
			body := func(n int) string { return fmt.Sprintf(`{"id":1,"reader":"agent","read":true,"n":%d}`, n) }
			for _, n := range tc.refused {
				h.refuse[body(n)] = true
			}
			back := h.handle(record("m1", body(1)), record("m2", body(2)), record("m3", body(3)))
			if !slices.Equal(back, tc.back) && len(back)+len(tc.back) > 0 {
				t.Errorf("back %v, want %v", back, tc.back)
			}
			if counted := strings.Contains(h.metrics.String(), fmt.Sprintf(`"DeadLettered":%d`, 3-len(tc.back))); counted != (len(tc.back) < 3) {
				t.Errorf("counted %s", h.metrics.String())
			}
			for _, id := range back {
				if h.visibility["handle-"+id] != h.visibility["handle-"+back[0]] || h.visibility["handle-"+id] < 1 {
					t.Errorf("visibility %v: they must come back together", h.visibility)
				}
			}
		})
	}
}

// TestATurnBeyondTheDeadline: what cannot be called in this invocation is returned at once, and not visible before its turn.
func TestATurnBeyondTheDeadline(t *testing.T) {
	in(t, "one call a minute", func(t *testing.T, h *harness) {
		h.Handler.Pacer = pace.NewPacer(1, 1) // a turn in 60.5 s
		started := time.Now()
		back := h.handle(record("a", agent(1, true)), record("b", agent(2, true)), record("c", agent(3, true), received(12)))
		if !slices.Equal(back, []string{"b", "c"}) || len(h.calls) != 1 || time.Since(started) != 0 {
			t.Errorf("back %v after %s, %d calls", back, time.Since(started), len(h.calls))
		}
		if got := h.visibility["handle-b"]; got != 61 {
			t.Errorf("b is invisible for %d s, want the time to the next turn", got)
		}
		if got := h.visibility["handle-c"]; got < 450 || got > 900 {
			t.Errorf("c is invisible for %d s, want the backoff of its receive count", got)
		}
		if !strings.Contains(h.logs.String(), `"msg":"released"`) || strings.Contains(h.metrics.String(), "HeldAge") {
			t.Errorf("it is no attempt: %s%s", h.logs.String(), h.metrics.String())
		}
	})
	in(t, "an hour at most", func(t *testing.T, h *harness) {
		h.Handler.Pacer = pace.NewPacer(1, 1000)
		h.handle(record("a", agent(1, true)), record("b", agent(2, true)))
		if got := h.visibility["handle-b"]; got != 3600 {
			t.Errorf("invisible for %d s", got)
		}
	})
	in(t, "RETRY_WINDOW spares it", func(t *testing.T, h *harness) {
		h.Handler.Pacer = pace.NewPacer(1, 1)
		back := h.handle(record("a", agent(1, true)), record("b", agent(2, true), sentAgo(6*24*time.Hour)))
		if !slices.Equal(back, []string{"b"}) || len(h.deadLetters) != 0 {
			t.Errorf("back %v, %d dead letters", back, len(h.deadLetters))
		}
	})
}

// TestSevenDays: nothing spares a message that old, and its reason is what stood in its way.
func TestSevenDays(t *testing.T) {
	old := sentAgo(7*24*time.Hour + time.Second)
	for _, tc := range []struct {
		name    string
		prepare func(h *harness)
		within  time.Duration
		want    []string // id:outcome
	}{
		{"a pause", func(h *harness) { h.Pacer.Throttled(time.Now(), time.Hour) }, time.Minute, []string{"a:rate_limited"}},
		{"no time", func(*harness) {}, 2 * time.Second, []string{"a:timed_out"}},
		{"no turn", func(h *harness) {
			h.Handler.Pacer = pace.NewPacer(1, 1)
			_ = h.Pacer.Enter(h.t.Context(), 0)
		}, time.Minute, []string{"a:timed_out"}},
		{"an attempt", func(h *harness) {
			h.answer = func(int, mark.Mark) (*helpcrunch.Answer, error) { return says(500, "x") }
		}, time.Minute, []string{"a:unavailable"}},
		{"applied after all", func(*harness) {}, time.Minute, nil},
	} {
		in(t, tc.name, func(t *testing.T, h *harness) {
			tc.prepare(h)
			if back := h.handleWithin(tc.within, record("a", agent(1, true), old)); len(back) > 0 || !slices.Equal(h.outcomes(), tc.want) {
				t.Errorf("back %v, dead letters %v, want %v", back, h.outcomes(), tc.want)
			}
		})
	}
	in(t, "an older one goes, although the newest is held", func(t *testing.T, h *harness) {
		h.answer = func(int, mark.Mark) (*helpcrunch.Answer, error) { return says(500, "x") }
		back := h.handle(record("a", agent(1, true), old), record("b", agent(1, false)))
		if !slices.Equal(back, []string{"b"}) || !slices.Equal(h.outcomes(), []string{"a:unavailable"}) {
			t.Errorf("back %v, dead letters %v", back, h.outcomes())
		}
	})
}

// TestReceivesStayBelowAThousand, after which SQS moves a message by itself: in 96 simulated hours and in seven days, for
// whatever can last that long, and also with new messages for the same chat all the time.
func TestReceivesStayBelowAThousand(t *testing.T) {
	lasting := map[string]func(h *harness){
		"429": func(h *harness) {
			h.answer = func(int, mark.Mark) (*helpcrunch.Answer, error) { return &helpcrunch.Answer{Status: 429}, nil }
		},
		"429 with Retry-After": func(h *harness) {
			h.answer = func(int, mark.Mark) (*helpcrunch.Answer, error) {
				return &helpcrunch.Answer{Status: 429, RetryAfter: 100 * time.Second}, nil
			}
		},
		"a rejected key": func(h *harness) {
			h.answer = func(int, mark.Mark) (*helpcrunch.Answer, error) { return says(401, "invalid_token") }
		},
		"an outage": func(h *harness) {
			h.answer = func(int, mark.Mark) (*helpcrunch.Answer, error) { return says(503, "x") }
		},
		"a share below one call a minute": func(h *harness) {
			h.Handler.Pacer = pace.NewPacer(1, 1000)
			_ = h.Pacer.Enter(h.t.Context(), 0)
		},
		"a dead-letter queue that cannot be written": func(h *harness) {
			h.refuse[agent(1, true)] = true
			h.answer = func(int, mark.Mark) (*helpcrunch.Answer, error) { return says(404, "not_found") }
		},
	}
	for name, prepare := range lasting {
		for _, busy := range []bool{false, true} {
			in(t, fmt.Sprintf("%s, new messages %v", name, busy), func(t *testing.T, h *harness) {
				h.RetryWindow = 96 * time.Hour
				prepare(h)
				sent := time.Now()
				for n := 1; ; n++ {
					if n >= 1000 {
						t.Fatalf("received %d times after %s", n, time.Since(sent))
					}
					batch := []events.SQSMessage{record("old", agent(1, true), received(n), sentAgo(time.Since(sent)))}
					if busy {
						batch = append(batch, record("new", agent(1, true)))
					}
					h.logs.Reset()
					h.metrics.Reset()
					if back := h.handle(batch...); !slices.Contains(back, "old") {
						return // a dead letter
					}
					if time.Since(sent) > 8*24*time.Hour && len(h.refuse) == 0 {
						t.Fatalf("still there after %s", time.Since(sent))
					}
					if time.Since(sent) > 7*24*time.Hour && len(h.refuse) > 0 {
						return // it waits for its dead letter
					}
					time.Sleep(time.Duration(h.visibility["handle-old"])*time.Second + 50*time.Millisecond)
				}
			})
		}
	}
}

// TestAnOldThrottledMessageRestsLonger than the two minutes of a young one.
func TestAnOldThrottledMessageRestsLonger(t *testing.T) {
	for _, tc := range []struct {
		age         time.Duration
		least, most int32
	}{{time.Hour - 5*time.Minute, 60, 120}, {time.Hour + time.Minute, 450, 900}} {
		in(t, tc.age.String(), func(t *testing.T, h *harness) {
			h.answer = func(int, mark.Mark) (*helpcrunch.Answer, error) { return &helpcrunch.Answer{Status: 429}, nil }
			h.handle(record("a", agent(1, true), sentAgo(tc.age), received(500)))
			if got := h.visibility["handle-a"]; got < tc.least || got > tc.most {
				t.Errorf("held for %d s, want %d to %d", got, tc.least, tc.most)
			}
		})
	}
}

// TestAMessageOfTheDeadLetterQueueIsHeld: the function must never work through its own dead letters, nor write them anew.
func TestAMessageOfTheDeadLetterQueueIsHeld(t *testing.T) {
	in(t, "beside a good one", func(t *testing.T, h *harness) {
		h.DeadLetterURL = "https://sqs.eu-central-1.amazonaws.com/123456789012/dead.fifo"
		fromDead := func(r *events.SQSMessage) {
			r.EventSourceARN = "arn:aws:sqs:eu-central-1:123456789012:dead.fifo"
		}
		back := h.handle(record("a", agent(1, true), fromDead), record("b", "invalid", fromDead, sentAgo(30*24*time.Hour)), record("c", agent(1, true)))
		if !slices.Equal(back, []string{"a", "b"}) || len(h.deadLetters) != 0 || len(h.calls) != 1 {
			t.Errorf("back %v, %d dead letters, %d calls", back, len(h.deadLetters), len(h.calls))
		}
		if h.visibility["handle-a"] < 1 || !strings.Contains(h.logs.String(), "must not be this function's event source") {
			t.Errorf("visibility %v, log %s", h.visibility, h.logs.String())
		}
	})
}

func TestCallsInFlightAreFew(t *testing.T) {
	in(t, "a hundred slow answers", func(t *testing.T, h *harness) {
		h.Handler.Pacer = pace.NewPacer(100_000, 1)
		h.takes = 4 * time.Second
		var records []events.SQSMessage
		for i := range 100 {
			records = append(records, record(fmt.Sprint(i), agent(i+1, true), fromStandard))
		}
		if back := h.handle(records...); len(back) > 0 {
			t.Errorf("%d came back", len(back))
		}
		for i := range h.callsAt {
			inFlight := 0
			for _, at := range h.callsAt[:i+1] {
				if h.callsAt[i].Sub(at) < h.takes {
					inFlight++
				}
			}
			if inFlight > 48 {
				t.Fatalf("%d calls in flight", inFlight)
			}
		}
	})
}

// TestABoundThroughTheQueue: the later bound of merged marks counts, and it never reaches HelpCrunch's body.
func TestABoundThroughTheQueue(t *testing.T) {
	const chat = `{"id":1,"readByAgent":true,"lastCustomerMessageAt":1700000005}`
	body := func(asOf int) string { return fmt.Sprintf(`{"id":1,"reader":"agent","read":true,"asOf":%d}`, asOf) }
	for _, tc := range []struct {
		name      string
		asOf      []int
		restore   bool
		calls     int
		overtaken bool
	}{
		{"overtaken", []int{1700000004}, false, 1, true},
		{"overtaken and restored", []int{1700000003, 1700000004}, true, 2, true},
		{"an earlier message has the later bound", []int{1700000005, 1700000004}, true, 1, false},
	} {
		in(t, tc.name, func(t *testing.T, h *harness) {
			h.Attempts.RestoreUnread = tc.restore
			h.answer = func(call int, m mark.Mark) (*helpcrunch.Answer, error) {
				return &helpcrunch.Answer{Status: 200, Complete: true, Body: []byte(strings.Replace(chat, "true", fmt.Sprint(m.Read), 1))}, nil
			}
			var records []events.SQSMessage
			for i, asOf := range tc.asOf {
				records = append(records, record(fmt.Sprint(i), body(asOf)))
			}
			if back := h.handle(records...); len(back) > 0 || len(h.calls) != tc.calls {
				t.Errorf("back %v, %d calls, want %d", back, len(h.calls), tc.calls)
			}
			if strings.Contains(h.logs.String(), `"overtaken":true`) != tc.overtaken || strings.Contains(h.metrics.String(), `"Overtaken":1`) != tc.overtaken {
				t.Errorf("log %s\nmetrics %s", h.logs.String(), h.metrics.String())
			}
		})
	}
	in(t, "with RESTORE_UNREAD a bounded mark starts only with 6 s left", func(t *testing.T, h *harness) {
		h.Attempts.RestoreUnread = true
		if back := h.handleWithin(6*time.Second-1, record("a", body(1)), record("b", agent(2, true))); !slices.Equal(back, []string{"a"}) || h.visibility["handle-a"] != 0 {
			t.Errorf("back %v, visibility %v", back, h.visibility)
		}
		time.Sleep(time.Second)
		if back := h.handleWithin(6*time.Second, record("a", body(1))); len(back) > 0 {
			t.Errorf("with 6 s: back %v", back)
		}
	})
}
