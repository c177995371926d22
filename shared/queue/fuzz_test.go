package queue

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/telemetry"
	"helpcrunch-mark-read/shared/telemetry/telemetrytest"
)

// strangers are texts with which somebody hopes to end a line, a string or a header of ours. They are seeds.
var strangers = []string{
	"", "x\r\nX-Injected: yes", "x\n{\"level\":\"ERROR\",\"message\":\"forged\"}", "x\u2028{\"message\":\"forged\"}\u0085",
	"\x1b[2J\u009b31m\u202e", "\xff\xfe\xed\xa0\x80", "\x00\ufffe", `","outcome":"applied`, `\u00`, "%s%n",
	"-9223372036854775808", "9223372036854775807", "99999999999999999999", "1e9", "-1",
}

// answers is HelpCrunch as the real client sees it, without a connection.
type answers struct {
	status     int
	retryAfter string
	body       []byte
}

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	header := http.Header{"Content-Type": {"application/json"}, "Retry-After": {a.retryAfter}}
	return &http.Response{StatusCode: a.status, Header: header, ContentLength: -1, Body: io.NopCloser(bytes.NewReader(a.body)), Request: r}, nil
}

// FuzzRecord hands the handler a record that a stranger wrote all of, beside a good one, and an answer of HelpCrunch's and
// a refusal of SQS's that strangers wrote too. Each record has one fate, and no stranger's byte gets out of its place.
func FuzzRecord(f *testing.F) {
	good := agent(7, true)
	for _, s := range strangers {
		f.Add(s, s, s, s, s, fifoARN, s, s, s, 404, s, []byte(`{"errors":[{"code":"not_found","message":"`+s+`"}]}`), "")
		f.Add("m", good, s, s, s, s, "a", "String", s, 429, s, []byte(s), s)
		f.Add("m", good, "1", "1", "g", standardARN, "Outcome", "Number", s, 500, "", []byte(s), s)
	}
	f.Add("m", good, "3", "1", "7", fifoARN, "a", "Binary", "", 400, "", []byte(`{"errors":[{"code":"token","message":"Bearer `+theKey+` is wrong"}]}`), "")
	f.Add("m", `{"id":1,"reader":"agent","read":true,"x":`+strings.Repeat("[", 60_000), "3", "1", "7", fifoARN, "a", "String", "x", 200, "", []byte("{}"), "")
	f.Add("m", strings.Repeat("[", 60_000), "3", "1", "7", fifoARN, "a", "String", strings.Repeat("x", 1000), 200, "", []byte("{}"), "")
	f.Fuzz(func(t *testing.T, id, body, receives, sent, group, arn, name, dataType, value string, status int, retryAfter string, answer []byte, refusal string) {
		synctest.Test(t, func(t *testing.T) {
			h := newHarness(t)
			h.Attempts.HelpCrunch = helpcrunch.New("http://helpcrunch.test/v1", answers{status, retryAfter, answer}, 64<<10)
			h.Log = telemetry.NewLogger(&h.logs, "JSON", "DEBUG")
			if refusal != "" {
				h.sendErr = errors.New(refusal)
			}
			strange := events.SQSMessage{
				MessageId: id, ReceiptHandle: "strange", Body: body, EventSourceARN: arn,
				Attributes:        map[string]string{"ApproximateReceiveCount": receives, "SentTimestamp": sent, "MessageGroupId": group},
				MessageAttributes: map[string]events.SQSMessageAttribute{name: {DataType: dataType, StringValue: &value}},
			}
			h.checkFates(t, []events.SQSMessage{strange, record("good", agent(1, true))})
		})
	})
}

// FuzzEvent hands over any bytes as the event: what is no batch is a function error, and nothing is left undecided.
func FuzzEvent(f *testing.F) {
	for _, s := range []string{
		`{}`, `null`, `[]`, `{"Records":[]}`, `{"Records":[null]}`, `{"Records":[{}]}`, `{"records":[{"messageId":"a"}]}`,
		`{"Records":[{"messageId":"a","body":"{\"id\":1,\"reader\":\"agent\",\"read\":true}","eventSourceARN":"x.fifo","attributes":{"SentTimestamp":"1"},"messageAttributes":{"a":{"dataType":"Binary","binaryValue":"AA=="}}}]}`,
		`{"Records":[{"messageId":"a","body":"x"},{"messageId":"a","body":"y"}]}`, `{"Records":[{"messageId":1}]}`, "{\"Records\":[{\"messageId\":\"\xff\"}]}",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		var event events.SQSEvent
		if json.Unmarshal(payload, &event) != nil {
			return // aws-lambda-go returns that error, before any code of ours
		}
		synctest.Test(t, func(t *testing.T) {
			h := newHarness(t)
			if event.Records == nil || slices.ContainsFunc(event.Records, func(r events.SQSMessage) bool { return r.MessageId == "" }) {
				if _, err := lambda.NewHandler(h.Handle).Invoke(t.Context(), payload); err == nil {
					t.Fatal("what is no batch was a success")
				}
				return
			}
			h.checkFates(t, event.Records)
		})
	})
}

// checkFates runs a batch and holds that each message came back, is in a dead letter, or was called for; and that everything
// that is logged on the way is a line of ours.
func (h *harness) checkFates(t *testing.T, batch []events.SQSMessage) {
	t.Helper()
	if slices.ContainsFunc(batch, func(r events.SQSMessage) bool { return r.MessageId == "" }) {
		return // see FuzzEvent
	}
	ids := map[string]bool{}
	for _, r := range batch {
		ids[r.MessageId] = true
	}
	back := h.handle(batch...)
	if slices.Sort(back); len(slices.Compact(slices.Clone(back))) != len(back) {
		t.Errorf("reported twice: %q", back)
	}
	if made := h.deletedByLog(t); len(back)+len(h.deadLetters)+made != len(ids) {
		t.Errorf("%d messages: %d come back, %d are in dead letters, %d are made by the log", len(ids), len(back), len(h.deadLetters), made)
	}
	if logged := h.logs.String(); strings.Contains(logged, `"message":"panic"`) || strings.Contains(logged, errPanic.Error()) {
		t.Errorf("a panic: %.2000s", logged)
	}
	for handle, seconds := range h.visibility {
		if seconds < 0 || seconds > 3600 {
			t.Errorf("%s is invisible for %d s", handle, seconds)
		}
	}
	for _, l := range h.deadLetters {
		checkDeadLetter(t, l)
	}
	telemetrytest.CheckLines(t, h.logs.String())
	telemetrytest.CheckLines(t, h.metrics.String())
}

// deletedByLog counts the messages that were deleted as the log says, which is all that an operator has.
func (h *harness) deletedByLog(t *testing.T) (n int) {
	t.Helper()
	for line := range strings.Lines(h.logs.String()) {
		var logged struct {
			Action    string
			Coalesced int
		}
		if json.Unmarshal([]byte(line), &logged) == nil && logged.Action == string(deleted) {
			n += 1 + logged.Coalesced
		}
	}
	return n
}

// checkDeadLetter holds what SQS asks of our own attributes, and that the key is in none.
func checkDeadLetter(t *testing.T, l types.SendMessageBatchRequestEntry) {
	t.Helper()
	for _, name := range []string{"Outcome", "ErrorCode", "ErrorMessage", "HttpStatus", "Source"} {
		value, ok := l.MessageAttributes[name]
		if !ok {
			continue
		}
		text := aws.ToString(value.StringValue)
		if text == "" || !utf8.ValidString(text) || strings.ContainsFunc(text, refusedBySQS) || strings.Contains(text, theKey) {
			t.Errorf("%s = %q", name, text)
		}
		if name == "ErrorMessage" && len(text) > 1<<10 {
			t.Errorf("an error message of %d bytes", len(text))
		}
	}
	if text := l.MessageAttributes["Source"].StringValue; text != nil && !json.Valid([]byte(*text)) {
		t.Errorf("a source that is no JSON: %s", *text)
	}
}

// refusedBySQS is SQS's documented list of characters, turned round.
func refusedBySQS(c rune) bool {
	return !(c == 0x9 || c == 0xa || c == 0xd || 0x20 <= c && c <= 0xd7ff || 0xe000 <= c && c <= 0xfffd || 0x10000 <= c && c <= 0x10ffff)
}

// TestAStrangersLineIsNoLineOfOurs: in Lambda's other log format too, whatever a stranger sends stays within its line.
func TestAStrangersLineIsNoLineOfOurs(t *testing.T) {
	for _, s := range strangers {
		in(t, s, func(t *testing.T, h *harness) {
			h.Log = telemetry.NewLogger(&h.logs, "Text", "DEBUG")
			h.sendErr = errors.New(s)
			h.handle(record(s+"id", s), record("forged", s))
			for line := range strings.Lines(h.logs.String()) {
				if !strings.HasPrefix(line, "timestamp=") || strings.ContainsAny(line, "\x1b\r\u2028\u0085\u009b") {
					t.Errorf("no line of ours: %q", line)
				}
			}
		})
	}
}
