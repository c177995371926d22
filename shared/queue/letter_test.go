package queue

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"

	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/mark"
)

func TestALetterSaysWhy(t *testing.T) {
	in(t, "every attribute", func(t *testing.T, b *bench) {
		b.answer = func(int, mark.Mark) (*helpcrunch.Answer, error) {
			return &helpcrunch.Answer{Status: 404, Errors: []helpcrunch.Error{{Code: "invalid_request", Message: "Invalid"}, {Code: "not_fount", Message: "Chat for \"5\x00\" of jane@example.com was not found"}}}, nil
		}
		text := "kept"
		sent := time.Now().Add(-time.Minute)
		b.handle(record("id-1", agent(5, true), received(7), sentAgo(time.Minute), func(r *events.SQSMessage) {
			r.MessageAttributes = map[string]events.SQSMessageAttribute{
				"Origin": {DataType: "String.crm", StringValue: &text}, "Raw": {DataType: "Binary", BinaryValue: []byte{0, 1}},
				"Outcome": {DataType: "String", StringValue: &text}, "HttpStatus": {DataType: "Number", StringValue: &text},
			}
		}))
		l := b.letters[0]
		got := map[string]string{}
		for name, value := range l.MessageAttributes {
			got[name] = *value.DataType + " " + aws.ToString(value.StringValue) + string(value.BinaryValue)
		}
		var from source
		if err := json.Unmarshal([]byte(strings.TrimPrefix(got["Source"], "String ")), &from); err != nil {
			t.Fatal(err)
		}
		if from != (source{"id-1", sent.UTC().Truncate(time.Millisecond).Format(time.RFC3339Nano), 7, "request-1"}) {
			t.Errorf("source = %+v", from)
		}
		delete(got, "Source")
		want := map[string]string{
			"Origin": "String.crm kept", "Raw": "Binary \x00\x01", "Outcome": "String chat_not_found", "ErrorCode": "String invalid_request,not_fount",
			"ErrorMessage": "String HelpCrunch knows no chat with this id: Invalid: Chat for \"5\ufffd\" of [e-mail] was not found", "HttpStatus": "Number 404",
		}
		if !maps.Equal(got, want) {
			t.Errorf("attributes = %q\nwant         %q", got, want)
		}
		if *l.MessageBody != agent(5, true) || *l.MessageGroupId != "1" || *l.MessageDeduplicationId != "id-1" {
			t.Errorf("body %q, group %q, deduplication id %q", *l.MessageBody, *l.MessageGroupId, *l.MessageDeduplicationId)
		}
	})
	in(t, "no mark: all faults, no status, no codes", func(t *testing.T, b *bench) {
		b.handle(record("id-1", `{"id":0}`))
		l := b.letters[0].MessageAttributes
		if got := *l["ErrorMessage"].StringValue; !strings.Contains(got, "id must") || !strings.Contains(got, "reader is missing") || !strings.Contains(got, "read is missing") {
			t.Errorf("message = %q", got)
		}
		if _, ok := l["HttpStatus"]; ok || l["ErrorCode"].StringValue != nil {
			t.Errorf("attributes that have no value: %v", l)
		}
	})
	in(t, "a standard dead-letter queue has no groups", func(t *testing.T, b *bench) {
		b.DeadLetterURL = "https://sqs/dead"
		b.handle(record("id-1", "x", fromStandard))
		if b.letters[0].MessageGroupId != nil || b.letters[0].MessageDeduplicationId != nil {
			t.Error("FIFO's fields on a standard queue")
		}
	})
}

func TestOursGiveWay(t *testing.T) {
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
		{"a body of 1 MiB", 0, maxMessageBytes, nil},
		{"a body that leaves room for the outcome", 0, maxMessageBytes - 40, []string{"Outcome"}},
	} {
		in(t, tc.name, func(t *testing.T, b *bench) {
			text := "x"
			b.handle(record("id-1", strings.Repeat("x", tc.body), func(r *events.SQSMessage) {
				r.MessageAttributes = map[string]events.SQSMessageAttribute{}
				for i := range tc.originals {
					r.MessageAttributes[fmt.Sprint("Original", i)] = events.SQSMessageAttribute{DataType: "String", StringValue: &text}
				}
			}))
			var got []string
			originals, size := 0, len(*b.letters[0].MessageBody)
			for name, value := range b.letters[0].MessageAttributes {
				size += attributeBytes(name, value)
				if strings.HasPrefix(name, "Original") {
					originals++
				} else {
					got = append(got, name)
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, tc.want) || originals != tc.originals || size > maxMessageBytes {
				t.Errorf("ours = %v, want %v; %d originals, %d bytes", got, tc.want, originals, size)
			}
		})
	}
}

func TestLettersAreSentInBatchesThatSQSTakes(t *testing.T) {
	in(t, "ten entries and 1 MiB at most", func(t *testing.T, b *bench) {
		var records []events.SQSMessage
		for i := range 25 {
			records = append(records, record(fmt.Sprint("small", i), "x"))
		}
		for i := range 3 {
			records = append(records, record(fmt.Sprint("large", i), strings.Repeat("x", 600_000)))
		}
		if back := b.handle(records...); len(back) > 0 || len(b.letters) != 28 {
			t.Errorf("%d came back, %d letters", len(back), len(b.letters))
		}
		if b.batches != 5 {
			t.Errorf("%d batches, want 10, 10, 5 and one large, and two of one large", b.batches)
		}
	})
}

func TestAnErrorMessageIsCutBetweenCharacters(t *testing.T) {
	long := strings.Repeat("x", maxErrorMessage-1) + "\u00e9" + "y"
	if got := cut(long, maxErrorMessage); len(got) != maxErrorMessage-1 || !utf8.ValidString(got) {
		t.Errorf("cut to %d bytes", len(got))
	}
}
