package account

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"helpcrunch-mark-read/local/eventsource"
	"helpcrunch-mark-read/local/lambda"
	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/local/sqs"
)

const oneRecord = `{"Records": [{"messageId": "a", "body": "{\"id\": 5208, \"reader\": \"agent\", \"read\": true}", "attributes": {"ApproximateReceiveCount": "2"}}]}`

func TestABatchIsJudgedWhenItIsSettled(t *testing.T) {
	for _, tc := range []struct {
		name   string
		line   string
		faults int
		end    ending
	}{
		{"applied", `{"message": "attempt", "requestId": "r", "messageId": "a", "receiveCount": 2, "coalesced": 0, "outcome": "applied", "action": "delete"}`, 0, applied},
		{"vanished", `{"message": "released", "requestId": "r", "messageId": "a"}`, 1, unclear},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out bytes.Buffer
			a := New(&out, 12*time.Second)
			a.Log(lambda.Line{Function: "queue", Text: tc.line})
			a.calls[agents] = []call{{moment, true, 200, "applied"}}
			a.Observe(eventsource.Batch{Event: []byte(oneRecord), Started: moment, Took: time.Second})
			if a.judge(nil, moment); len(a.ends) != 0 || a.broken != 0 {
				t.Errorf("judged before it was settled: %v, %s", a.ends, out.String())
			}
			a.judge(nil, moment.Add(time.Minute))
			if a.ends["a"] != tc.end || a.broken != tc.faults {
				t.Errorf("ended %v, %s", a.ends, out.String())
			}
		})
	}
}

func TestAWrongDeadLetterIsReported(t *testing.T) {
	var out bytes.Buffer
	a := New(&out, 12*time.Second)
	a.Observe(eventsource.Batch{Event: []byte(oneRecord), Returned: []string{"a"}, Started: moment})
	a.judge([]sqs.Message{{
		SentAt: moment, Body: `{"id": 5208, "reader": "agent", "read": true}`,
		Attributes: map[string]sqs.Attribute{"Source": {StringValue: `{"messageId":"a"}`}, "Outcome": {StringValue: "timed_out"}},
	}}, moment.Add(time.Minute))
	if a.broken != 1 || !strings.Contains(out.String(), `"timed_out"`) {
		t.Errorf("reported %q", out.String())
	}
}

func TestOnlyAKilledProcessMayFail(t *testing.T) {
	for _, tc := range []struct {
		name string
		err  error
		ok   bool
	}{
		{"killed", &lambda.Error{Type: lambda.ProcessEnded, Message: "RequestId: id Error: Runtime exited with error: signal: killed"}, true},
		{"killed while it started", &lambda.Error{Type: lambda.ProcessEnded, Message: "RequestId: init Error: Runtime exited with error: signal: killed"}, true},
		{"crashed", &lambda.Error{Type: lambda.ProcessEnded, Message: "RequestId: id Error: Runtime exited with error: exit status 2"}, false},
		{"ended", &lambda.Error{Type: lambda.ProcessEnded}, false},
		{"took too long", &lambda.Error{Type: "Sandbox.Timedout"}, false},
		{"reported an error", &lambda.Error{Type: "errorString", Message: "signal: killed"}, false},
		{"answered with an invalid batch response", errors.New("an itemIdentifier is null or empty"), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := New(&bytes.Buffer{}, time.Minute)
			a.Observe(eventsource.Batch{Event: []byte(oneRecord), Returned: []string{"a"}, Err: tc.err})
			if (a.broken == 0) != tc.ok || len(a.waiting) != 0 {
				t.Errorf("%d faults, %d to be judged", a.broken, len(a.waiting))
			}
		})
	}
}

func TestWhatACallComesTo(t *testing.T) {
	for _, tc := range []struct {
		status int
		fault  simulator.Kind
		want   string
	}{
		{200, "", "applied"}, {201, simulator.Answer, "applied"}, {200, simulator.CutOff, "applied"},
		{404, "", "chat_not_found"}, {404, simulator.NotFoundSample, "chat_not_found"},
		{400, simulator.BadRequest, "invalid_request"}, {422, simulator.Unprocessable, "invalid_request"},
		{404, simulator.NotFoundHTML, ""}, {404, simulator.NotFoundUnknownCode, ""}, {200, simulator.HTML, ""},
		{400, simulator.BadRequestTooManyRequests, ""}, {429, "", ""}, {503, simulator.Unavailable, ""}, {0, simulator.Hang, ""},
	} {
		if got := outcomeOf(tc.status, tc.fault); got != tc.want {
			t.Errorf("%d with %q comes to %q, want %q", tc.status, tc.fault, got, tc.want)
		}
	}
}
