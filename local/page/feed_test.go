package page

import (
	"testing"

	"helpcrunch-mark-read/local/lambda"
)

// lines are what functions print: attempts of both functions, and what is not one.
var lines = []struct {
	name string
	text string
	want Attempt // without number and time; zero: no attempt
}{
	{
		name: "applied by the HTTP function",
		text: `{"timestamp":"2026-01-01T00:00:00Z","level":"INFO","message":"attempt","outcome":"applied","chatId":5208,"reader":"agent","read":true,"status":200,"overtaken":true,"calls":1,"upstreamMs":12.5,"durationMs":13.2,"requestId":"r"}`,
		want: Attempt{Function: "f", Chat: 5208, logged: logged{Outcome: "applied", Reader: "agent", Read: true, Overtaken: true, Status: 200, DurationMs: 13.2}},
	},
	{
		name: "held by the queue function",
		text: `{"level":"WARN","message":"attempt","outcome":"unavailable","chatId":5209,"reader":"customer","read":false,"status":503,"reason":"x","calls":2,"durationMs":4,"messageId":"m","receiveCount":3,"coalesced":2,"action":"hold"}`,
		want: Attempt{Function: "f", Chat: 5209, logged: logged{Outcome: "unavailable", Reader: "customer", Status: 503, Reason: "x", Action: "hold", ReceiveCount: 3, Coalesced: 2, DurationMs: 4}},
	},
	{
		name: "an invalid message",
		text: `{"message":"attempt","outcome":"invalid_request","reason":"invalid: id","calls":0,"messageId":"m","receiveCount":1,"action":"dead-letter"}`,
		want: Attempt{Function: "f", logged: logged{Outcome: "invalid_request", Reason: "invalid: id", Action: "dead-letter", ReceiveCount: 1}},
	},
	{name: "another line", text: `{"message":"released","messageId":"m"}`},
	{name: "a metric", text: `{"_aws":{"CloudWatchMetrics":[]},"Marks":1,"Outcome":"applied"}`},
	{name: "an attempt without an outcome", text: `{"message":"attempt"}`},
	{name: "a wrong type", text: `{"message":"attempt","outcome":"applied","chatId":"5208"}`},
	{name: "a panic", text: "panic: runtime error"},
	{name: "nothing", text: ""},
	{name: "null", text: "null"},
}

func TestLines(t *testing.T) {
	for _, tc := range lines {
		t.Run(tc.name, func(t *testing.T) {
			f := NewFeed()
			f.Log(lambda.Line{Function: "f", Text: tc.text})
			got, totals := f.shown()
			if tc.want.Outcome == "" {
				if len(got) != 0 || sum(totals) != 0 {
					t.Fatalf("got %+v, want no attempt", got)
				}
				return
			}
			if len(got) != 1 || got[0].Number != 1 || got[0].Time.IsZero() {
				t.Fatalf("got %+v", got)
			}
			got[0].Number, got[0].Time = 0, tc.want.Time
			if got[0] != tc.want {
				t.Errorf("got  %+v\nwant %+v", got[0], tc.want)
			}
			if sum(totals) != 1 || totals.Merged != tc.want.Coalesced || totals.ByOutcome[tc.want.Outcome] != 1 || (totals.Overtaken == 1) != tc.want.Overtaken {
				t.Errorf("totals = %+v", totals)
			}
		})
	}
}

// sum is how many attempts were counted.
func sum(totals Totals) (n int64) {
	for _, of := range totals.ByOutcome {
		n += of
	}
	return n
}

func TestFeedRemembersTheNewest(t *testing.T) {
	f := NewFeed()
	for range feedSize + 50 {
		f.Log(lambda.Line{Text: `{"message":"attempt","outcome":"applied"}`})
	}
	got, totals := f.shown()
	if len(got) != feedSize || got[0].Number != 51 || got[feedSize-1].Number != feedSize+50 {
		t.Errorf("%d attempts from number %d to %d, want the last %d", len(got), got[0].Number, got[len(got)-1].Number, feedSize)
	}
	if sum(totals) != feedSize+50 {
		t.Errorf("%d in total, want %d", sum(totals), feedSize+50)
	}
}

func FuzzFeed(f *testing.F) {
	for _, tc := range lines {
		f.Add(tc.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		feed := NewFeed()
		feed.Log(lambda.Line{Function: "http", Text: text})
		got, totals := feed.shown()
		if int64(len(got)) != sum(totals) {
			t.Errorf("%d attempts, %d in total", len(got), sum(totals))
		}
		for _, a := range got {
			if a.Outcome == "" || totals.ByOutcome[a.Outcome] != 1 {
				t.Errorf("attempt %+v, totals %+v", a, totals)
			}
		}
	})
}
