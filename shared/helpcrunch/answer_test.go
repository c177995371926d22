package helpcrunch_test

import (
	"net/http"
	"slices"
	"testing"

	fake "helpcrunch-mark-read/shared/helpcrunch/helpcrunchtest"
	"helpcrunch-mark-read/shared/mark"
)

func TestErrorAnswers(t *testing.T) {
	for _, tc := range []struct {
		name    string
		status  int
		body    string
		codes   []string
		inShape bool
	}{
		{"401, newer family", 401, fixture(t, "401_unauthorized.json"), []string{"invalid_request", "unauthorized"}, true},
		{"401, older family", 401, fixture(t, "401_invalid_token.json"), []string{"invalid_token"}, true},
		{"404 in their spelling", 404, fixture(t, "404_not_fount.json"), []string{"invalid_request", "not_fount"}, true},
		{"404 not_found", 404, fixture(t, "404_not_found.json"), []string{"not_found"}, true},
		{"404 chat_not_found", 404, fixture(t, "404_chat_not_found.json"), []string{"chat_not_found"}, true},
		{"404 as documented, not valid JSON", 404, fixture(t, "404_documented_invalid.json"), []string{"not_fount"}, false},
		{"404 as an HTML page", 404, fixture(t, "404_nginx.html"), nil, false},
		{"429", 429, fixture(t, "429_too_many_requests.json"), []string{"invalid_request", "too_many_requests"}, true},
		{"400 with a field", 400, fixture(t, "400_field.json"), []string{"invalid_request", "read"}, true},

		{"no body", 404, "", nil, false},
		{"null", 404, "null", nil, false},
		{"an array", 404, `[{"code":"not_found"}]`, nil, false},
		{"a string", 404, `"not_found"`, nil, false},
		{"no list", 404, `{"error":"not_found"}`, nil, false},
		{"errors is no list", 404, `{"errors":"not_found"}`, nil, false},
		{"errors is null", 404, `{"errors":null}`, nil, false},
		{"an empty list", 404, `{"errors":[]}`, nil, false},
		{"entries that are no objects", 404, `{"errors":[null,7,"x",[],{"code":"not_found","message":"m"}]}`, []string{"not_found"}, false},
		{"a code that is a number", 404, `{"errors":[{"code":404,"message":"m"},{"code":"not_found","message":"m"}]}`, []string{"not_found"}, false},
		{"a message that is an object", 404, `{"errors":[{"code":"not_found","message":{"en":"m"}}]}`, []string{"not_found"}, false},
		{"a code that is prose", 404, `{"errors":[{"code":"Mr. X <x@example.com>","message":"m"}]}`, nil, true},
		{"fields beside the list", 404, `{"errors":[{"code":"not_found","message":"m","more":[1]}],"status":404}`, []string{"not_found"}, true},
		{"two documents", 404, `{"errors":[{"code":"not_found","message":"m"}]}{}`, []string{"not_found"}, false},
		{"code in quotes in plain text", 404, `Error: "chat_not_found" (5208)`, []string{"chat_not_found"}, false},
		{"code without quotes in plain text", 404, `Error: chat_not_found`, nil, false},
		{"invalid UTF-8 in a message", 404, "{\"errors\":[{\"code\":\"not_found\",\"message\":\"\xff\"}]}", []string{"not_found"}, false},
		{"nested too deeply", 404, `{"errors":` + nested(20000) + `}`, nil, false},

		{"unescaped quotes", 400, `{"errors":[{"code":"too_many_requests","message":"Limit of "120" reached"}]}`, []string{"too_many_requests"}, false},
		{"a stray comma", 401, `{"errors":[{"code":"invalid_request"},{"code":"unauthorized"},]}`, []string{"invalid_request", "unauthorized"}, false},
		{"more than one code, in their order", 400, `"unauthorized" "invalid_token" "invalid_request" "unauthorized" x`, []string{"unauthorized", "invalid_token", "invalid_request"}, false},
		{"codes that nobody knows in what is no JSON", 400, `{"errors":[{"code":"read"},]}`, nil, false},
		{"a code in single quotes", 400, `{'errors':[{'code':'unauthorized'}]}`, nil, false},
		{"a code in escaped quotes", 400, `{"errors":"\"unauthorized\"",}`, nil, false},
		{"a byte-order mark before valid JSON", 400, "\ufeff" + `{"errors":[{"code":"too_many_requests","message":"m \"unauthorized\""}]}`, []string{"too_many_requests"}, false},
		{"a byte-order mark before what is no JSON", 400, "\ufeff" + `{"errors":[{"code":"too_many_requests"},]}`, []string{"too_many_requests"}, false},
		{"cut off inside of the list", 404, `{"errors":[{"code":"invalid_request","message":"m"},{"code":"not_fount","mess`, []string{"invalid_request", "not_fount"}, false},
		{"a page with codes in quotes", 400, `<html><p class="unauthorized">`, nil, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := mustAnswer(t, fake.Answer(tc.status, tc.body))
			var codes []string
			for _, e := range a.Errors {
				codes = append(codes, e.Code)
			}
			if a.Status != tc.status || string(a.Body) != tc.body || !a.Complete {
				t.Errorf("status %d, complete %v, body %q", a.Status, a.Complete, a.Body)
			}
			if !slices.Equal(codes, tc.codes) || a.ErrorShape != tc.inShape {
				t.Errorf("codes %v, in shape %v; want %v, %v", codes, a.ErrorShape, tc.codes, tc.inShape)
			}
		})
	}
}

func nested(depth int) string {
	b := make([]byte, 2*depth)
	for i := range depth {
		b[i], b[depth+i] = '[', ']'
	}
	return string(b)
}

// TestEveryCodeCounts: any code in the list can decide, also the last of a long list.
func TestEveryCodeCounts(t *testing.T) {
	body := `{"errors":[`
	for range 500 {
		body += `{"code":"invalid_request","message":"m"},`
	}
	body += `{"code":"too_many_requests","message":"m"}]}`
	if a := mustAnswer(t, fake.Answer(400, body)); !a.Has("unauthorized", "too_many_requests") || a.Has("unauthorized") {
		t.Error("the last code of a long list was not found")
	}
}

func TestChatsArePassedOnAndTheirFlagIsRead(t *testing.T) {
	for _, tc := range []struct {
		name, body      string
		agent, customer string // true, false or unknown
	}{
		{"numbers, strings, escapes", fixture(t, "200_chat.json"), "true", "false"},
		{"nulls", fixture(t, "200_chat_nulls.json"), "unknown", "true"},
		{"as documented, not valid JSON", fixture(t, "200_documented_invalid.json"), "unknown", "unknown"},
		{"a flag that is no boolean", `{"readByAgent":"true","readByCustomer":1}`, "unknown", "unknown"},
		{"no body", "", "unknown", "unknown"},
		{"null", "null", "unknown", "unknown"},
		{"invalid UTF-8", "{\"readByAgent\":true,\"x\":\"\xff\xfe\"}", "true", "unknown"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := mustAnswer(t, fake.Answer(200, tc.body))
			if !a.Success() || a.HTML() || !a.Complete || string(a.Body) != tc.body {
				t.Errorf("success %v, HTML %v, complete %v, body %q", a.Success(), a.HTML(), a.Complete, a.Body)
			}
			for reader, want := range map[mark.Reader]string{mark.Agent: tc.agent, mark.Customer: tc.customer} {
				read, known := a.Flag(reader)
				if got := map[bool]string{true: map[bool]string{true: "true", false: "false"}[read], false: "unknown"}[known]; got != want {
					t.Errorf("flag of the %s is %s, want %s", reader, got, want)
				}
			}
		})
	}
}

func TestHTML(t *testing.T) {
	const plain, html = "application/json", "text/html; charset=utf-8"
	for _, tc := range []struct {
		name, contentType, body string
		want                    bool
	}{
		{"page as HTML", html, fixture(t, "404_nginx.html"), true},
		{"page as JSON", plain, fixture(t, "404_nginx.html"), true},
		{"page with doctype after space and a byte-order mark", "text/plain", "\ufeff\r\n <!doctype html><title>x</title>", true},
		{"page of no known beginning, as HTML", html, "Please log in", true},
		{"XHTML", "application/xhtml+xml", `<?xml version="1.0"?><html/>`, true},
		{"JSON object as HTML, as PHP does it", html, `{"id":5208}`, false},
		{"JSON object with a byte-order mark as HTML", html, "\ufeff" + `{"id":5208}`, false},
		{"JSON list as HTML", html, ` [1]`, false},
		{"documented sample as HTML", html, fixture(t, "200_documented_invalid.json"), false},
		{"nothing as HTML", html, "", false},
		{"text", "text/plain", "OK", false},
		{"broken content type", "text/html; charset", "OK", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := mustAnswer(t, fake.Answer(200, tc.body, "Content-Type", tc.contentType)).HTML(); got != tc.want {
				t.Errorf("HTML = %v, want %v", got, tc.want)
			}
		})
	}
}

// TestUnreadableHTML: what claims to be a page and cannot be read is no answer of the API's, and the mark was not made.
func TestUnreadableHTML(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"unknown compression": fake.Answer(200, "\x1b\x0e\x00", "Content-Type", "text/html", "Content-Encoding", "br"),
		"broken compression":  fake.Answer(200, "no gzip", "Content-Type", "text/html", "Content-Encoding", "gzip"),
		"cut off at once":     fake.CutOff(200, "", "Content-Type", "text/html"),
	} {
		t.Run(name, func(t *testing.T) {
			if a := mustAnswer(t, answer); !a.HTML() || a.Complete {
				t.Errorf("HTML %v, complete %v; want true, false", a.HTML(), a.Complete)
			}
		})
	}
}
