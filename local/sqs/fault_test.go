package sqs_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"helpcrunch-mark-read/local/sqs"
)

// bubble is a server, a client's probe and a queue URL on simulated time.
func bubble(t *testing.T, test func(*testing.T, *sqs.Server, *probe)) {
	synctest.Test(t, func(t *testing.T) {
		s := sqs.New(sqs.Options{})
		p := &probe{client: clientOf(s), ctx: t.Context(), prefix: "test"}
		if err := p.try(func(p *probe) { test(t, s, p) }); err != nil {
			t.Error(err)
		}
	})
}

// on is a fault for one action.
func on(action string, err error) sqs.Fault {
	return func(c sqs.Call) error {
		if c.Action == action && c.Entry == "" {
			return err
		}
		return nil
	}
}

func TestFaultIsTheAnswer(t *testing.T) {
	bubble(t, func(t *testing.T, s *sqs.Server, p *probe) {
		url := p.queue()
		for code, fault := range map[string]error{
			"RequestThrottled": sqs.Throttled(),
			"AccessDenied":     &sqs.Error{Status: 403, Type: "com.amazon.coral.service#AccessDeniedException", Code: "AccessDenied"},
			"InternalFailure":  errors.New("anything else"),
		} {
			s.SetFault(on("SendMessage", fault))
			_, err := p.trySend(url, "x")
			p.refused(err, code)
		}
		s.SetFault(on("SendMessage", sqs.Throttled()))
		var typed *types.RequestThrottled
		if _, err := p.trySend(url, "x"); !errors.As(err, &typed) {
			t.Errorf("got %v, want a RequestThrottled", err)
		}
		s.SetFault(nil)
		p.counts(url, 0, 0, 0)
		p.send(url, "x")
	})
}

func TestFaultKnowsActionAndQueue(t *testing.T) {
	bubble(t, func(t *testing.T, s *sqs.Server, p *probe) {
		url := p.queue()
		var calls []sqs.Call
		s.SetFault(func(c sqs.Call) error { calls = append(calls, c); return nil })
		p.sendBatch(url, entry("a", "x"), entry("b", "y"))
		p.equal("calls", calls, []sqs.Call{
			{Action: "SendMessageBatch", Queue: "test-q1"},
			{Action: "SendMessageBatch", Queue: "test-q1", Entry: "a"},
			{Action: "SendMessageBatch", Queue: "test-q1", Entry: "b"},
		})
	})
}

func TestLostAnswerIsCarriedOut(t *testing.T) {
	bubble(t, func(t *testing.T, s *sqs.Server, p *probe) {
		url := p.queue()
		s.SetFault(on("SendMessage", sqs.ErrLoseAnswer))
		_, err := p.trySend(url, "x")
		p.refused(err, "InternalFailure")
		p.receives(url, "x")
	})
}

func TestHangingCallEndsWithItsContext(t *testing.T) {
	bubble(t, func(t *testing.T, s *sqs.Server, p *probe) {
		url := p.queue()
		s.SetFault(on("SendMessage", sqs.ErrHang))
		ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
		defer cancel()
		start := time.Now()
		hanging := &probe{client: p.client, ctx: ctx}
		if _, err := hanging.trySend(url, "x"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		p.equal("waited", time.Since(start), 8*time.Second)
		p.counts(url, 0, 0, 0)
	})
}

func TestFaultyEntryFailsAlone(t *testing.T) {
	bubble(t, func(t *testing.T, s *sqs.Server, p *probe) {
		url := p.queue()
		s.SetFault(func(c sqs.Call) error {
			if c.Entry == "bad" {
				return sqs.Internal()
			}
			return nil
		})
		out := p.sendBatch(url, entry("good", "x"), entry("bad", "y"))
		failed := out.Failed[0]
		p.equal("failure", [3]any{*failed.Id, *failed.Code, failed.SenderFault}, [3]any{"bad", "InternalFailure", false})
		p.receives(url, "x")
	})
}

func TestErrorReadsAsItsCode(t *testing.T) {
	var err error = sqs.Throttled()
	if got, want := err.Error(), "RequestThrottled: Rate exceeded"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		t.Error("the server's own error must not pass for an SDK's")
	}
}
