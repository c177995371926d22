package deadletter_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/shared/deadletter"
)

func reason() deadletter.Reason {
	return deadletter.Reason{
		Outcome: "chat_not_found", Codes: []string{"invalid_request", "not_fount"}, Message: "HelpCrunch knows no chat with this id", Status: 404,
		Source: deadletter.Source{MessageID: "m-1", SentAt: time.UnixMilli(1_700_000_000_123).UTC(), ReceiveCount: 3, RequestID: "r-1", TraceID: "Root=1-2-3"},
	}
}

func originals(n int) map[string]types.MessageAttributeValue {
	attributes := map[string]types.MessageAttributeValue{}
	for i := range n {
		attributes["original"+strconv.Itoa(i)] = types.MessageAttributeValue{DataType: aws.String("Binary"), BinaryValue: []byte{byte(i)}}
	}
	return attributes
}

func TestReadReturnsWhatAttributesWrote(t *testing.T) {
	attributes, _ := reason().Attributes(originals(2), 40)
	if got := deadletter.Read(attributes); !reflect.DeepEqual(got, reason()) {
		t.Errorf("read %+v, wrote %+v", got, reason())
	}
	if got := deadletter.Originals(attributes); !reflect.DeepEqual(got, originals(2)) {
		t.Errorf("originals %v, want %v", got, originals(2))
	}
	if got := *attributes["HttpStatus"].DataType; got != "Number" {
		t.Errorf("HttpStatus is a %s", got)
	}
}

func TestRoomForTheReason(t *testing.T) {
	tests := []struct {
		name      string
		originals int
		body      int
		want      []string // the reason's attributes that fit
	}{
		{"five free attributes", 5, 40, []string{"ErrorCode", "ErrorMessage", "HttpStatus", "Outcome", "Source"}},
		{"two free attributes", 8, 40, []string{"ErrorCode", "Outcome"}},
		{"one free attribute", 9, 40, []string{"Outcome"}},
		{"none", 10, 40, nil},
		{"no byte left", 0, deadletter.MaxBytes, nil},
		{"bytes for the outcome only", 0, deadletter.MaxBytes - 30, []string{"Outcome"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			attributes, bytes := reason().Attributes(originals(test.originals), test.body)
			var ours []string
			for _, name := range slices.Sorted(maps.Keys(attributes)) {
				if !strings.HasPrefix(name, "original") {
					ours = append(ours, name)
				}
			}
			if !slices.Equal(ours, test.want) || len(attributes) != test.originals+len(test.want) {
				t.Errorf("attributes %v of %d, want %v beside %d originals", ours, len(attributes), test.want, test.originals)
			}
			if bytes > deadletter.MaxBytes {
				t.Errorf("%d bytes are more than SQS takes", bytes)
			}
		})
	}
}

func TestAnEarlierReasonIsReplaced(t *testing.T) {
	before, _ := deadletter.Reason{Outcome: "timed_out", Codes: []string{"old"}, Status: 500}.Attributes(originals(9), 40)
	attributes, _ := reason().Attributes(before, 40)
	if got := deadletter.Read(attributes); got.Outcome != "chat_not_found" || got.Codes != nil || got.Status != 0 {
		t.Errorf("read %+v: the earlier reason must leave nothing behind", got)
	}
}

func TestReadWithoutAReason(t *testing.T) {
	source := map[string]types.MessageAttributeValue{"Source": {DataType: aws.String("String"), StringValue: aws.String(`{"messageId":"m","sentAt":"soon"}`)}}
	for name, attributes := range map[string]map[string]types.MessageAttributeValue{"no attributes": nil, "a source that cannot be parsed": source} {
		t.Run(name, func(t *testing.T) {
			if got := deadletter.Read(attributes); !reflect.DeepEqual(got, deadletter.Reason{}) {
				t.Errorf("read %+v", got)
			}
		})
	}
}

func FuzzRoundTrip(f *testing.F) {
	f.Add("unexpected", "a code", "a \x00 message", 302, "m-1", int64(1_700_000_000_123), "trace", 3)
	f.Add("", "", strings.Repeat("é", 1<<10), 0, "\ufffe<>&", int64(0), "", 10)
	f.Fuzz(func(t *testing.T, outcome, code, message string, status int, id string, sent int64, trace string, others int) {
		wrote := deadletter.Reason{
			Outcome: outcome, Message: message, Status: status,
			Source: deadletter.Source{MessageID: id, SentAt: time.UnixMilli(sent % (1 << 40)), RequestID: id, TraceID: trace},
		}
		if code != "" {
			wrote.Codes = strings.Split(code, ",")
		}
		count := max(others, -others) % (deadletter.MaxAttributes + 1)
		attributes, bytes := wrote.Attributes(originals(count), len(message))
		total := len(message)
		for name, v := range attributes {
			total += len(name) + len(*v.DataType) + len(aws.ToString(v.StringValue)) + len(v.BinaryValue)
			if strings.ContainsAny(aws.ToString(v.StringValue), "\x00\x0b\ufffe\uffff") || v.BinaryValue == nil && *v.StringValue == "" {
				t.Errorf("SQS refuses %s = %q", name, *v.StringValue)
			}
		}
		if total != bytes || len(attributes) > deadletter.MaxAttributes {
			t.Errorf("%d bytes are reported, %d counted, in %d attributes", bytes, total, len(attributes))
		}
		again, _ := deadletter.Read(attributes).Attributes(deadletter.Originals(attributes), len(message))
		if fmt.Sprint(deadletter.Read(again)) != fmt.Sprint(deadletter.Read(attributes)) {
			t.Errorf("read %+v, then %+v", deadletter.Read(attributes), deadletter.Read(again))
		}
	})
}
