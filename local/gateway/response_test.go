package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/local/gateway"
)

func TestResponses(t *testing.T) {
	const plain, asJSON = "text/plain; charset=utf-8", "application/json"
	const failed = `{"message":"Internal Server Error"}`
	tests := []struct {
		name        string
		answer      string
		status      int
		contentType string
		body        string
	}{
		{"status and body", `{"statusCode":404,"headers":{"Content-Type":"application/json"},"body":"{\"a\": 1}"}`, 404, asJSON, `{"a": 1}`},
		{"a header name in lower case", `{"statusCode":200,"headers":{"content-type":"text/html"},"body":"x"}`, 200, "text/html", "x"},
		{"no content type", `{"statusCode":200,"body":"x"}`, 200, plain, "x"},
		{"a status alone", `{"statusCode":204}`, 204, plain, ""},
		{"nulls", `{"statusCode":200,"headers":null,"cookies":null,"body":null}`, 200, plain, ""},
		{"a body as base64", `{"statusCode":200,"body":"AP8=","isBase64Encoded":true}`, 200, plain, "\x00\xff"},
		{"no statusCode", `{"message": "hi"}`, 500, asJSON, failed},
		{"a body that is not JSON", `hi`, 500, asJSON, failed},
		{"a statusCode that is no number", `{"statusCode":"ok"}`, 500, asJSON, failed},
		{"a statusCode that is null", `{"statusCode":null}`, 500, asJSON, failed},
		{"a statusCode out of range", `{"statusCode":99}`, 500, asJSON, failed},
		{"a statusCode with a fraction", `{"statusCode":200.5}`, 500, asJSON, failed},
		{"a body that is no string", `{"statusCode":200,"body":{}}`, 500, asJSON, failed},
		{"a body that is no base64", `{"statusCode":200,"body":"?","isBase64Encoded":true}`, 500, asJSON, failed},
		{"a header that is no string", `{"statusCode":200,"headers":{"x":["a"]}}`, 500, asJSON, failed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := serve(t, says(test.answer), gateway.Config{}, request("GET", "/", "", http.Header{}))
			if w.Code != test.status || w.Header().Get("Content-Type") != test.contentType || w.Body.String() != test.body {
				t.Errorf("got %d %s %q", w.Code, w.Header().Get("Content-Type"), w.Body)
			}
			if w.Header().Get("Apigw-Requestid") == "" {
				t.Error("no request id")
			}
		})
	}
}

func TestResponseHeaders(t *testing.T) {
	answer := `{"statusCode":200,"headers":{"x-text":"a, b","www-authenticate":"Bearer","content-length":"7"},"body":"1234"}`
	w := serve(t, says(answer), gateway.Config{}, request("GET", "/", "", http.Header{}))
	want := map[string][]string{
		"X-Text": {"a, b"}, "Www-Authenticate": {"Bearer"}, "Content-Length": nil,
	}
	for name, values := range want {
		if got := w.Header()[name]; !slices.Equal(got, values) {
			t.Errorf("%s: %q", name, got)
		}
	}
}

type throttled struct{}

func (throttled) Error() string   { return "rate exceeded" }
func (throttled) Throttled() bool { return true }

func TestFailures(t *testing.T) {
	hangs := &function{answer: func(ctx context.Context) ([]byte, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	slow := &function{answer: func(context.Context) ([]byte, error) {
		time.Sleep(30*time.Second - time.Nanosecond) // simulated
		return []byte(`{"statusCode":200,"body":"just in time"}`), nil
	}}
	tests := []struct {
		name   string
		f      *function
		status int
		body   string
		took   time.Duration
	}{
		{"the function fails", fails(errors.New("crash")), 500, `{"message":"Internal Server Error"}`, 0},
		{"the function is throttled", fails(fmt.Errorf("invoking: %w", throttled{})), 503, `{"message":"Service Unavailable"}`, 0},
		{"the function does not answer", hangs, 503, `{"message":"Service Unavailable"}`, 30 * time.Second},
		{"the function answers at the last moment", slow, 200, "just in time", 30*time.Second - time.Nanosecond},
		{"the answer is unusable", says(`{"statusCode":0}`), 500, `{"message":"Internal Server Error"}`, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				w := serve(t, test.f, gateway.Config{}, request("GET", "/", "", http.Header{}))
				if w.Code != test.status || w.Body.String() != test.body || time.Since(start) != test.took {
					t.Errorf("got %d %s after %v", w.Code, w.Body, time.Since(start))
				}
			})
		})
	}
}

func TestCallerWhoGoesDoesNotEndTheInvocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, leave := context.WithCancel(t.Context())
		f := &function{answer: func(ctx context.Context) ([]byte, error) {
			leave()
			select {
			case <-ctx.Done():
				t.Error("the invocation was ended")
			case <-time.After(20 * time.Second):
			}
			return nil, nil
		}}
		serve(t, f, gateway.Config{}, request("GET", "/", "", http.Header{}).WithContext(ctx))
	})
}

func TestABodyOfTenMebibytesIsTheLongest(t *testing.T) {
	for length, status := range map[int]int{10 << 20: 200, 10<<20 + 1: 413} {
		f := &function{}
		w := serve(t, f, gateway.Config{}, request("PUT", "/", strings.Repeat("x", length), http.Header{}))
		if w.Code != status || (f.event == nil) != (status != 200) || status == 413 && w.Body.String() != `{"message":"Request Entity Too Large"}` {
			t.Errorf("%d bytes: got %d %s", length, w.Code, w.Body)
		}
	}
}

// Whatever a function answers, the gateway writes a response that net/http can send.
func FuzzResponse(f *testing.F) {
	for _, seed := range []string{
		`{"statusCode":200,"headers":{"Content-Type":"application/json"},"cookies":["a=1"],"body":"{}","isBase64Encoded":false}`,
		`{"statusCode":"418"}`, `{"statusCode":null}`, `{"statusCode":1e2}`, `{"statusCode":200,"headers":{"a b":"\r\n"}}`,
		`{"statusCode":200,"body":"?","isBase64Encoded":true}`, `{"message":"hi"}`, `"hi"`, `hi`, ``, `{`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		w := serve(t, says(string(answer)), gateway.Config{}, httptest.NewRequest("GET", "/", nil))
		if w.Code < 200 || w.Code > 599 || w.Header().Get("Content-Type") == "" {
			t.Errorf("got %d %v", w.Code, w.Header())
		}
	})
}
