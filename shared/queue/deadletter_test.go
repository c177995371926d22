package queue

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"

	"helpcrunch-mark-read/shared/deadletter"
	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/mark"
)

func TestADeadLetterSaysWhy(t *testing.T) {
	in(t, "every attribute", func(t *testing.T, h *harness) {
		h.answer = func(int, mark.Mark) (*helpcrunch.Answer, error) {
			return &helpcrunch.Answer{Status: 404, Errors: []helpcrunch.Error{{Code: "invalid_request", Message: "Invalid"}, {Code: "not_fount", Message: "Chat for \"5\x00\" of jane@example.com was not found"}}}, nil
		}
		text := "kept"
		sent := time.Now().Add(-time.Minute)
		h.handle(record("id-1", agent(5, true), received(7), sentAgo(time.Minute), func(r *events.SQSMessage) {
			r.MessageAttributes = map[string]events.SQSMessageAttribute{
				"Origin": {DataType: "String.crm", StringValue: &text}, "Raw": {DataType: "Binary", BinaryValue: []byte{0, 1}},
				"Outcome": {DataType: "String", StringValue: &text}, "HttpStatus": {DataType: "Number", StringValue: &text},
			}
		}))
		l := h.deadLetters[0]
		got := map[string]string{}
		for name, value := range l.MessageAttributes {
			got[name] = *value.DataType + " " + aws.ToString(value.StringValue) + string(value.BinaryValue)
		}
		want := `String {"messageId":"id-1","sentAt":"` + sent.UTC().Truncate(time.Millisecond).Format(time.RFC3339Nano) + `","receiveCount":7,"requestId":"request-1"}`
		if got["Source"] != want {
			t.Errorf("Source = %s, want %s", got["Source"], want)
		}
		delete(got, "Source")
		others := map[string]string{
			"Origin": "String.crm kept", "Raw": "Binary \x00\x01", "Outcome": "String chat_not_found", "ErrorCode": "String invalid_request,not_fount",
			"ErrorMessage": "String HelpCrunch knows no chat with this id: Invalid: Chat for \"5\ufffd\" of [e-mail] was not found", "HttpStatus": "Number 404",
		}
		if !maps.Equal(got, others) {
			t.Errorf("attributes = %q\nwant         %q", got, others)
		}
		if *l.MessageBody != agent(5, true) || *l.MessageGroupId != "1" || *l.MessageDeduplicationId != "id-1" {
			t.Errorf("body %q, group %q, deduplication id %q", *l.MessageBody, *l.MessageGroupId, *l.MessageDeduplicationId)
		}
	})
	in(t, "invalid: all faults, no status, no codes", func(t *testing.T, h *harness) {
		h.handle(record("id-1", `{"id":0}`))
		l := h.deadLetters[0].MessageAttributes
		if got := *l["ErrorMessage"].StringValue; !strings.Contains(got, "id must") || !strings.Contains(got, "reader is missing") || !strings.Contains(got, "read is missing") {
			t.Errorf("message = %q", got)
		}
		if _, ok := l["HttpStatus"]; ok || l["ErrorCode"].StringValue != nil {
			t.Errorf("attributes that have no value: %v", l)
		}
	})
	in(t, "a standard dead-letter queue needs no group, but keeps the original's", func(t *testing.T, h *harness) {
		h.DeadLetterURL = "https://sqs/dead"
		h.handle(record("id-1", "x", fromStandard, func(r *events.SQSMessage) { delete(r.Attributes, "MessageGroupId") }), record("id-2", "x", fromStandard))
		if h.deadLetters[0].MessageGroupId != nil || aws.ToString(h.deadLetters[1].MessageGroupId) != "1" {
			t.Errorf("groups %v and %v", h.deadLetters[0].MessageGroupId, h.deadLetters[1].MessageGroupId)
		}
		if h.deadLetters[0].MessageDeduplicationId != nil || h.deadLetters[1].MessageDeduplicationId != nil {
			t.Error("a deduplication id on a standard queue")
		}
	})
	in(t, "the trace that the message was sent with", func(t *testing.T, h *harness) {
		h.handle(record("id-1", "x", func(r *events.SQSMessage) { r.Attributes["AWSTraceHeader"] = "Root=1-2-3" }))
		if got := deadletter.Read(h.deadLetters[0].MessageAttributes).Source.TraceID; got != "Root=1-2-3" {
			t.Errorf("traceId = %q", got)
		}
	})
}

func TestTheReasonGivesWay(t *testing.T) {
	for _, tc := range []struct {
		name      string
		originals int // attributes
		body      int // bytes
		want      []string
	}{
		{"all fit", 0, 10, []string{"ErrorMessage", "Outcome", "Source"}},
		{"ten originals", 10, 10, nil},
		{"nine originals", 9, 10, []string{"Outcome"}},
		{"eight originals", 8, 10, []string{"ErrorMessage", "Outcome"}},
		{"a body of 1 MiB", 0, deadletter.MaxBytes, nil},
		{"a body that leaves room for the outcome", 0, deadletter.MaxBytes - 40, []string{"Outcome"}},
	} {
		in(t, tc.name, func(t *testing.T, h *harness) {
			text := "x"
			h.handle(record("id-1", strings.Repeat("x", tc.body), func(r *events.SQSMessage) {
				r.MessageAttributes = map[string]events.SQSMessageAttribute{}
				for i := range tc.originals {
					r.MessageAttributes[fmt.Sprint("Original", i)] = events.SQSMessageAttribute{DataType: "String", StringValue: &text}
				}
			}))
			var got []string
			originals, size := 0, len(*h.deadLetters[0].MessageBody)
			for name, value := range h.deadLetters[0].MessageAttributes {
				size += len(name) + len(*value.DataType) + len(*value.StringValue)
				if strings.HasPrefix(name, "Original") {
					originals++
				} else {
					got = append(got, name)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, tc.want) || originals != tc.originals || size > deadletter.MaxBytes {
				t.Errorf("ours = %v, want %v; %d originals, %d bytes", got, tc.want, originals, size)
			}
		})
	}
}

func TestDeadLettersAreSentInBatchesThatSQSTakes(t *testing.T) {
	in(t, "ten entries and 1 MiB at most", func(t *testing.T, h *harness) {
		var records []events.SQSMessage
		for i := range 25 {
			records = append(records, record(fmt.Sprint("small", i), "x"))
		}
		for i := range 3 {
			records = append(records, record(fmt.Sprint("large", i), strings.Repeat("x", 600_000)))
		}
		if back := h.handle(records...); len(back) > 0 || len(h.deadLetters) != 28 {
			t.Errorf("%d came back, %d dead letters", len(back), len(h.deadLetters))
		}
		if h.batches != 5 {
			t.Errorf("%d batches, want 10, 10, 5 and one large, and two of one large", h.batches)
		}
	})
}
