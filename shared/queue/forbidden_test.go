package queue

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"helpcrunch-mark-read/shared/apikey"
	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/mark"
)

// TestOneForbiddenChatDelaysNoOther: for an hour, HelpCrunch answers 403 for one chat again and again.
func TestOneForbiddenChatDelaysNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t)
		h.Attempts.Keys = apikey.New(func(context.Context) (string, error) { return theKey, nil }, time.Hour)
		h.answer = func(_ int, m mark.Mark) (*helpcrunch.Answer, error) {
			if m.ID == 999999 {
				return says(403, "forbidden")
			}
			return &helpcrunch.Answer{Status: 200, Complete: true}, nil
		}
		forbidden := record("forbidden", agent(999999, true))
		visible := time.Now()
		started := time.Now()
		for n := 1; time.Since(started) < time.Hour; n++ {
			batch := []events.SQSMessage{record("good", agent(n, true))}
			if !time.Now().Before(visible) {
				batch = append(batch, forbidden)
			}
			h.logs.Reset()
			h.metrics.Reset()
			back := h.handle(batch...)
			if len(batch) == 2 {
				if len(back) != 1 || back[0] != "forbidden" {
					t.Fatalf("after %s: back %v", time.Since(started), back)
				}
				visible = time.Now().Add(time.Duration(h.visibility["handle-forbidden"]) * time.Second)
			} else if len(back) > 0 {
				t.Fatalf("after %s: back %v", time.Since(started), back)
			}
			time.Sleep(3 * time.Second)
		}
	})
}

// TestABoundCostsNoCall: over 10,000 marks that nothing overtakes, there is not one call more than marks.
func TestABoundCostsNoCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t)
		h.Attempts.RestoreUnread = true
		h.answer = func(int, mark.Mark) (*helpcrunch.Answer, error) {
			return &helpcrunch.Answer{Status: 200, Complete: true, Body: []byte(`{"id":1,"lastCustomerMessageAt":1700000000,"lastMessageAt":"1700000000.9"}`)}, nil
		}
		for n := range 1000 {
			var batch []events.SQSMessage
			for i := range 10 {
				body := mark.Mark{ID: int64(10*n + i + 1), Reader: mark.Agent, Read: true, AsOf: mark.Bound{Set: true, Seconds: 1700000000}}.Message()
				batch = append(batch, record(body, body))
			}
			if back := h.handle(batch...); len(back) > 0 {
				t.Fatalf("back %v", back)
			}
		}
		if len(h.calls) != 10_000 {
			t.Errorf("%d calls", len(h.calls))
		}
	})
}
