package simulator_test

import (
	"compress/gzip"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/local/simulator"
)

// faultCases has one line for each way in which a fault can be seen by a client that asks for a mark.
var faultCases = []struct {
	what    string
	fault   simulator.Fault
	status  int    // 0: none came
	codes   string // of the error list
	body    string // stands in the body
	written bool   // the mark was made
	cut     bool   // the body did not come to its end
}{
	{"401, older", simulator.Fault{Kind: simulator.Unauthorized}, 401, "invalid_request,unauthorized", "", false, false},
	{"401, newer", simulator.Fault{Kind: simulator.InvalidToken}, 401, "invalid_token", "", false, false},
	{"403", simulator.Fault{Kind: simulator.Forbidden}, 403, "invalid_request,forbidden", "", false, false},
	{"400", simulator.Fault{Kind: simulator.BadRequest}, 400, "invalid_request,id", "", false, false},
	{"400 for the key", simulator.Fault{Kind: simulator.BadRequestUnauthorized}, 400, "invalid_request,unauthorized", "", false, false},
	{"400 for the limit", simulator.Fault{Kind: simulator.BadRequestTooManyRequests}, 400, "invalid_request,too_many_requests", "", false, false},
	{"422", simulator.Fault{Kind: simulator.Unprocessable}, 422, "invalid_request,id", "", false, false},
	{"404 not_fount", simulator.Fault{Kind: simulator.NotFount}, 404, "not_fount", "", false, false},
	{"404 not_found", simulator.Fault{Kind: simulator.NotFound}, 404, "not_found", "", false, false},
	{"404 chat_not_found", simulator.Fault{Kind: simulator.ChatNotFound}, 404, "chat_not_found", "", false, false},
	{"404 as documented", simulator.Fault{Kind: simulator.NotFoundSample}, 404, "", `"Chat for ID "%s" was not found"`, false, false},
	{"404 with another code", simulator.Fault{Kind: simulator.NotFoundUnknownCode}, 404, "route_missing", "", false, false},
	{"404 as a page", simulator.Fault{Kind: simulator.NotFoundHTML}, 404, "", "<html>", false, false},
	{"429", simulator.Fault{Kind: simulator.TooManyRequests}, 429, "invalid_request,too_many_requests", "", false, false},
	{"500", simulator.Fault{Kind: simulator.InternalError}, 500, "internal_error", "", false, false},
	{"500 after the mark was made", simulator.Fault{Kind: simulator.InternalError, Applied: true}, 500, "internal_error", "", true, false},
	{"502", simulator.Fault{Kind: simulator.BadGateway}, 502, "", "<html>", false, false},
	{"503", simulator.Fault{Kind: simulator.Unavailable}, 503, "", "<html>", false, false},
	{"504", simulator.Fault{Kind: simulator.GatewayTimeout}, 504, "", "<html>", false, false},
	{"slow", simulator.Fault{Kind: simulator.Slow, Delay: "1ns"}, 200, "", `"readByAgent":true`, true, false},
	{"hang", simulator.Fault{Kind: simulator.Hang}, 0, "", "", false, false},
	{"broken instead of an answer", simulator.Fault{Kind: simulator.BrokenBeforeHeaders}, 0, "", "", false, false},
	{"broken after the mark was made", simulator.Fault{Kind: simulator.BrokenBeforeHeaders, Applied: true}, 0, "", "", true, false},
	{"broken after the headers", simulator.Fault{Kind: simulator.BrokenAfterHeaders}, 200, "", "", true, true},
	{"cut off", simulator.Fault{Kind: simulator.CutOff}, 200, "", `{"id":5208,`, true, true},
	{"redirect", simulator.Fault{Kind: simulator.Redirect}, 307, "", "", false, false},
	{"redirect with another status", simulator.Fault{Kind: simulator.Redirect, Status: 302}, 302, "", "", false, false},
	{"page with 200", simulator.Fault{Kind: simulator.HTML}, 200, "", "<html>", false, false},
	{"200 as documented", simulator.Fault{Kind: simulator.OKSample}, 200, "", `"readByCustomer": true.`, true, false},
	{"200 and not applied", simulator.Fault{Kind: simulator.NotApplied}, 200, "", `"readByAgent":false`, false, false},
	{"large", simulator.Fault{Kind: simulator.Endless, Size: 3<<20 + 5}, 200, "", `"lastMessageText":"xxx`, true, false},
	{"a large error page", simulator.Fault{Kind: simulator.Endless, Status: 502, Size: 2 << 20}, 502, "", "xxx", false, false},
	{"gzip bomb", simulator.Fault{Kind: simulator.GzipBomb, Size: 3<<20 + 5}, 200, "", "\x1f\x8b", true, false},
	{"answer", simulator.Fault{Kind: simulator.Answer, Status: 418, Body: "\xff{"}, 418, "", "\xff{", false, false},
	{"answer with 200", simulator.Fault{Kind: simulator.Answer, Status: 200, Body: `{"new":1e400}`}, 200, "", `{"new":1e400}`, true, false},
}

func TestEveryFault(t *testing.T) {
	left := simulator.Kinds()
	for _, test := range faultCases {
		left = slices.DeleteFunc(left, func(k simulator.Kind) bool { return k == test.fault.Kind })
		t.Run(test.what, func(t *testing.T) {
			c := setup(t, simulator.Options{})
			c.fault(test.fault)
			got, err := c.markImpatiently(test.fault.Kind == simulator.Hang)
			if (err != nil) != (test.status == 0) || got.status != test.status {
				t.Fatalf("got %d, %v; want %d", got.status, err, test.status)
			}
			if got.codes() != test.codes || !strings.Contains(got.body, test.body) || (got.cut != nil) != test.cut {
				t.Errorf("got %q, %.200q, %v", got.codes(), got.body, got.cut)
			}
			state := c.settled()
			if first, _ := c.sim.Chat(chat); first.ReadByAgent != test.written || state.Counts.Writes != btoi(test.written) {
				t.Errorf("afterwards %+v with %d writes; want written %v", first, state.Counts.Writes, test.written)
			}
			if seen := c.sim.Requests(0)[0]; seen.Fault != test.fault.Kind || seen.Status != test.status || !seen.Done {
				t.Errorf("the journal says %+v", seen)
			}
		})
	}
	if len(left) > 0 {
		t.Errorf("no case for %q", left)
	}
}

// markImpatiently asks for a mark, and goes away as soon as it hangs at the simulator.
func (t *tester) markImpatiently(impatient bool) (answer, error) {
	t.Helper()
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	if impatient {
		go func() {
			for ctx.Err() == nil {
				changed := t.sim.Changed()
				if seen := t.sim.Requests(0); len(seen) > 0 && seen[0].Fault != "" {
					leave()
					return
				}
				<-changed
			}
		}()
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, t.url+readByAgent, strings.NewReader(`{"id":5208,"read":true}`))
	t.must(err)
	request.Header.Set("Authorization", "Bearer "+key)
	return t.send(request)
}

func TestFaultsMeetWhomTheyAreFor(t *testing.T) {
	c := setup(t, simulator.Options{})
	c.fault(simulator.Fault{Kind: simulator.BadGateway, Chat: chat, Times: 2})
	c.fault(simulator.Fault{Kind: simulator.Forbidden, Times: 1})
	for i, step := range []struct {
		id   int64
		want int
	}{
		{chat, 502}, {chat + 1, 403}, {chat + 1, 200}, {chat, 502}, {chat, 200},
	} {
		if got := c.mark(step.id, simulator.Agent, true); got.status != step.want {
			t.Errorf("step %d: got %d; want %d", i, got.status, step.want)
		}
	}
	if left := c.sim.State().Faults; len(left) != 0 {
		t.Errorf("still on: %+v", left)
	}
}

func TestAFaultForAllComesBeforeEverythingElse(t *testing.T) {
	c := setup(t, simulator.Options{RequestsPerMinute: 1})
	c.mark(chat, simulator.Agent, true)
	c.fault(simulator.Fault{Kind: simulator.Unavailable})
	for _, call := range []struct{ method, path, key, body string }{
		{"PUT", readByAgent, key, `{"id":5208,"read":true}`},
		{"PUT", readByAgent, "wrong", `not JSON`},
		{"GET", "/v1/agents", key, ""},
	} {
		if got, err := c.do(call.method, call.path, call.key, call.body); err != nil || got.status != 503 {
			t.Errorf("%v: got %d, %v", call, got.status, err)
		}
	}
	if used := c.sim.State().Limit.Used; used != 1 {
		t.Errorf("%d requests count against the limit; want the one before the fault", used)
	}
}

func TestFaultsOfRequestsThatMakeNoMark(t *testing.T) {
	c := setup(t, simulator.Options{})
	c.fault(simulator.Fault{Kind: simulator.NotApplied, Times: 1})
	if got := c.mark(1, simulator.Agent, true); got.status != 404 || got.codes() != "not_fount" {
		t.Errorf("not applied to an unknown chat: %d %s", got.status, got.body)
	}
	c.fault(simulator.Fault{Kind: simulator.CutOff, Applied: true, Times: 1})
	if got, err := c.do(http.MethodGet, "/v1/agents", key, ""); err != nil || got.status != 200 || got.cut == nil {
		t.Errorf("agents cut off: %d, %v, %v", got.status, err, got.cut)
	}
	if writes := c.settled().Counts.Writes; writes != 0 {
		t.Errorf("%d marks were made", writes)
	}
}

func TestHeadersOfAFault(t *testing.T) {
	c := setup(t, simulator.Options{})
	c.fault(simulator.Fault{Kind: simulator.TooManyRequests, RetryAfter: "soon", Times: 1})
	if got := c.mark(chat, simulator.Agent, true); got.header.Get("Retry-After") != "soon" {
		t.Errorf("Retry-After %q", got.header.Get("Retry-After"))
	}
	c.fault(simulator.Fault{Kind: simulator.Redirect, Location: "https://other.example.com/x", Times: 1})
	if got := c.mark(chat, simulator.Agent, true); got.header.Get("Location") != "https://other.example.com/x" {
		t.Errorf("Location %q", got.header.Get("Location"))
	}
	c.fault(simulator.Fault{Kind: simulator.Answer, Status: 200, Header: map[string]string{"Content-Type": "text/plain"}, Times: 1})
	if got := c.mark(chat, simulator.Agent, true); got.header.Get("Content-Type") != "text/plain" {
		t.Errorf("Content-Type %q", got.header.Get("Content-Type"))
	}
}

func TestARedirectThatIsFollowedShows(t *testing.T) {
	c := setup(t, simulator.Options{})
	c.client.CheckRedirect = nil
	c.fault(simulator.Fault{Kind: simulator.Redirect, Times: 1})
	if got := c.mark(chat, simulator.Agent, true); got.status != 404 {
		t.Fatalf("got %d", got.status)
	}
	if last := c.sim.Requests(1); len(last) != 1 || last[0].Path != "/v1/redirected" || !last[0].KeyAccepted {
		t.Errorf("the journal says %+v", last)
	}
}

func TestEndlessEndsOnlyWithItsClient(t *testing.T) {
	c := setup(t, simulator.Options{})
	c.fault(simulator.Fault{Kind: simulator.Endless, Chat: chat})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, c.url+readByAgent, strings.NewReader(`{"id":5208,"read":true}`))
	c.must(err)
	response, err := c.client.Do(request)
	c.must(err)
	if n, err := io.CopyN(io.Discard, response.Body, 32<<20); err != nil {
		t.Errorf("ended after %d bytes: %v", n, err)
	}
	response.Body.Close()
	c.settled()
}

func TestAGzipBombUnpacksAsOneStream(t *testing.T) {
	c := setup(t, simulator.Options{})
	const size = 64<<20 + 1
	c.fault(simulator.Fault{Kind: simulator.GzipBomb, Times: 1, Size: size})
	got := c.mark(chat, simulator.Agent, true)
	if got.header.Get("Content-Encoding") != "gzip" || len(got.body) > size/500 {
		t.Fatalf("%d bytes of %q", len(got.body), got.header.Get("Content-Encoding"))
	}
	reader, err := gzip.NewReader(strings.NewReader(got.body))
	c.must(err)
	if n, err := io.Copy(io.Discard, reader); n != size || err != nil {
		t.Errorf("unpacked to %d bytes: %v", n, err)
	}
}

func TestFaultsTakeTheirTime(t *testing.T) {
	for _, test := range []struct {
		what     string
		fault    simulator.Fault
		patience time.Duration
		status   int // 0: the client left
		after    time.Duration
		written  bool
	}{
		{"slow", simulator.Fault{Kind: simulator.Slow, Delay: "5s"}, time.Minute, 200, 5 * time.Second, true},
		{"too slow", simulator.Fault{Kind: simulator.Slow, Delay: "5s"}, time.Second, 0, time.Second, false},
		{"too slow, but made", simulator.Fault{Kind: simulator.Slow, Delay: "5s", Applied: true}, time.Second, 0, time.Second, true},
		{"slow, and made at once", simulator.Fault{Kind: simulator.Slow, Delay: "5s", Applied: true}, time.Minute, 200, 5 * time.Second, true},
		{"a late error", simulator.Fault{Kind: simulator.InternalError, Delay: "2s"}, time.Minute, 500, 2 * time.Second, false},
		{"hang", simulator.Fault{Kind: simulator.Hang}, 8 * time.Second, 0, 8 * time.Second, false},
		{"hang, but made", simulator.Fault{Kind: simulator.Hang, Applied: true}, 8 * time.Second, 0, 8 * time.Second, true},
	} {
		t.Run(test.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := setupInBubble(t, simulator.Options{})
				c.fault(test.fault)
				start := time.Now()
				c.client.Timeout = test.patience
				got, err := c.do(http.MethodPut, readByAgent, key, `{"id":5208,"read":true}`)
				if got.status != test.status || (err != nil) != (test.status == 0) || time.Since(start) != test.after {
					t.Errorf("got %d, %v after %v", got.status, err, time.Since(start))
				}
				synctest.Wait()
				if state := c.sim.State(); state.Counts.InFlight != 0 || state.Counts.Writes != btoi(test.written) {
					t.Errorf("afterwards %+v", state.Counts)
				}
			})
		})
	}
}

func TestAFaultThatIsNoneIsRefused(t *testing.T) {
	for _, test := range []struct {
		want  string // stands in the error
		fault simulator.Fault
	}{
		{"unknown kind", simulator.Fault{}},
		{"unknown kind", simulator.Fault{Kind: "explode"}},
		{"chat", simulator.Fault{Kind: simulator.Hang, Chat: -1}},
		{"times", simulator.Fault{Kind: simulator.Hang, Times: -1}},
		{"delay", simulator.Fault{Kind: simulator.Hang, Delay: "-1s"}},
		{"delay", simulator.Fault{Kind: simulator.Hang, Delay: "2 seconds"}},
		{"needs a delay", simulator.Fault{Kind: simulator.Slow}},
		{"needs a status", simulator.Fault{Kind: simulator.Answer}},
		{"status 100", simulator.Fault{Kind: simulator.Answer, Status: 100}},
		{"status 1000", simulator.Fault{Kind: simulator.Answer, Status: 1000}},
		{"status 200", simulator.Fault{Kind: simulator.Redirect, Status: 200}},
		{"status 404", simulator.Fault{Kind: simulator.Unauthorized, Status: 404}},
		{"location", simulator.Fault{Kind: simulator.Hang, Location: "/"}},
		{"size", simulator.Fault{Kind: simulator.Hang, Size: 1}},
		{"size", simulator.Fault{Kind: simulator.Endless, Size: -1}},
		{"body", simulator.Fault{Kind: simulator.Hang, Body: "x"}},
	} {
		t.Run(test.want, func(t *testing.T) {
			c := setup(t, simulator.Options{})
			if err := c.sim.AddFault(test.fault); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v", err)
			}
			if c.sim.SetFaults(simulator.Fault{Kind: simulator.Hang}, test.fault) == nil || len(c.sim.State().Faults) != 0 {
				t.Error("a list with a wrong fault was taken")
			}
		})
	}
}
