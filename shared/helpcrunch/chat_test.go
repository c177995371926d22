package helpcrunch_test

import (
	"fmt"
	"strings"
	"testing"

	"helpcrunch-mark-read/shared/helpcrunch"
	fake "helpcrunch-mark-read/shared/helpcrunch/helpcrunchtest"
	"helpcrunch-mark-read/shared/mark"
)

func TestNewer(t *testing.T) {
	chat := func(customers, last string) string {
		return fmt.Sprintf(`{"id":5208,"lastCustomerMessageAt":%s,"status":1,"lastMessageAt":%s}`, customers, last)
	}
	const before, after = 1597757411, 1597757413 // of 1597757412
	for _, tc := range []struct {
		name, body      string
		asOf            int64
		agent, customer bool
	}{
		{"a string", chat(`"1597757412"`, "null"), before, true, false},
		{"a number", chat("1597757412", "null"), before, true, false},
		{"an equal second", chat("1597757412", "1597757412"), 1597757412, false, false},
		{"a later bound", chat("1597757412", "1597757412"), after, false, false},
		{"a fraction of the same second", chat("1597757412.999", `"1597757412.75"`), 1597757412, false, false},
		{"a fraction of the next second", chat(`"1597757413.001"`, "null"), 1597757412, true, false},
		{"the agent's is the last", chat("1597757412", "1597757999.25"), 1597757500, false, true},
		{"the customer's own is the last", chat("1597757412", "1597757412"), before, true, false},
		{"the customer's own is the last, with a fraction", chat(`"1597757412"`, "1597757412.5"), before, true, false},
		{"the agent's is before the customer's", chat("1597757412", "1597757411"), 5, true, false},
		{"the customer wrote nothing", chat("null", `"1597757412"`), before, false, true},
		{"neither wrote anything", chat("null", "null"), 0, false, false},
		{"the customer's cannot be read", chat(`"yesterday"`, "1597757412"), before, false, false},
		{"the last cannot be read", chat("1597757412", "[1597757999]"), before, true, false},
		{"no customer's", `{"lastMessageAt":1597757412}`, before, false, false},
		{"no last", `{"lastCustomerMessageAt":1597757412}`, before, true, false},
		{"milliseconds", chat("1597757412000", "1597757412001"), before, false, false},
		{"an exponent", chat("1.597757412e9", "1e10"), before, false, false},
		{"negative", chat("-1597757412", `"-5"`), 0, false, false},
		{"an empty string", chat(`""`, `"."`), 0, false, false},
		{"a boolean", chat("true", "{}"), 0, false, false},
		{"names in another case beside", `{"lastCustomerMessageAt":1597757411,"lastcustomermessageat":1597757413}`, before, false, false},
		{"names in another case", `{"lastcustomermessageat":1597757412,"LASTMESSAGEAT":1597757412}`, before, false, false},
		{"names in another case, escaped", `{"lastCustomerMessageAt":1597757411,"l\u0041stcustomermessageat":1597757413,"la\u017ftCu\u017ftomerMe\u017f\u017fageAt":1597757413}`, before, false, false},
		{"a name with a letter that folds", `{"lastCustomerMessageAt":1597757411,"laſtCustomerMessageAt":1597757413}`, before, false, false},
		{"the name, escaped", `{"x":"lastCustomerMessageAt","l\u0061stCustomerMessageAt":1597757412}`, before, true, false},
		{"escapes in the text", `{"lastMessageText":"Caf\u00e9","lastCustomerMessageAt":1597757412}`, before, true, false},
		{"in another object", `{"chat":{"lastCustomerMessageAt":1597757412}}`, before, false, false},
		{"a list", `[{"lastCustomerMessageAt":1597757412}]`, before, false, false},
		{"a byte-order mark", "\ufeff" + chat("1597757412", "null"), before, true, false},
		{"as documented, not valid JSON", fixture(t, "200_documented_invalid.json"), 5, false, false},
		{"no body", "", 0, false, false},
		{"a chat with all fields", fixture(t, "200_chat.json"), before, true, true},
		{"a chat longer than what is kept", strings.TrimSuffix(chat("1597757412", "1597757999"), "}") + `,"lastMessageText":"` + strings.Repeat("x", maxBody) + `"}`, before, true, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := mustAnswer(t, fake.Answer(200, tc.body))
			if agent, customer := a.Newer(mark.Agent, tc.asOf), a.Newer(mark.Customer, tc.asOf); agent != tc.agent || customer != tc.customer {
				t.Errorf("newer for the agent %v, for the customer %v; want %v, %v", agent, customer, tc.agent, tc.customer)
			}
		})
	}
}

// TestNewerBeforeTheCut: what stood in the body before HelpCrunch broke off can be read, what is torn cannot.
func TestNewerBeforeTheCut(t *testing.T) {
	for body, want := range map[string]bool{
		`{"id":5208,"lastCustomerMessageAt":"1597757412","lastMess`: true,
		`{"id":5208,"lastCustomerMessageAt":"1597757412"`:           true,
		`{"id":5208,"lastCustomerMessageAt":"15977574`:              false,
		`{"id":5208,"lastCustomerMessageAt":1597757412`:             false,
		`{"id":5208,"lastCustomerMessageAt":1597757412,`:            true,
		`{"id":5208,"lastCustomerMessageAt"`:                        false,
		`{"id":5208 "lastCustomerMessageAt":1597757412,`:            false,
		`x`: false,
	} {
		if got := mustAnswer(t, fake.CutOff(200, body)).Newer(mark.Agent, 1597757411); got != want {
			t.Errorf("%s: newer %v, want %v", body, got, want)
		}
	}
}

func TestOnlyASuccessHasAChat(t *testing.T) {
	a := &helpcrunch.Answer{Status: 503, Complete: true, Body: []byte(`{"readByAgent":true,"lastCustomerMessageAt":5}`)}
	if _, known := a.Flag(mark.Agent); known || a.Newer(mark.Agent, 1) {
		t.Error("a chat was read from a 503")
	}
}

func TestErrorWith2xx(t *testing.T) {
	const list = `[{"code":"invalid_request","message":"m"},{"code":"not_found","message":"m"}]`
	for _, tc := range []struct {
		name, body string
		want       bool
		codes      string
	}{
		{"HelpCrunch's error shape", `{"errors":` + list + `}`, true, "invalid_request,not_found"},
		{"after a byte-order mark", "\ufeff" + `{"errors":` + list + `}`, true, "invalid_request,not_found"},
		{"fields beside the list", `{"status":"error","errors":` + list + `}`, true, "invalid_request,not_found"},
		{"with an id", `{"errors":` + list + `,"id":5208}`, false, ""},
		{"with an id in another case", `{"errors":` + list + `,"ID":5208}`, true, "invalid_request,not_found"},
		{"entries that are no objects", `{"errors":[ null ]}`, true, ""},
		{"an empty list", `{"errors":[ ]}`, false, ""},
		{"null", `{"errors":null}`, false, ""},
		{"no list", `{"errors":{"code":"not_found"}}`, false, ""},
		{"a list in another object", `{"result":{"errors":` + list + `}}`, false, ""},
		{"a chat", fixture(t, "200_chat.json"), false, ""},
		{"nearly JSON", `{"errors":[{"code":"not_found","message":"Chat for ID "5208""}]}`, true, "not_found"},
		{"nearly JSON with an id", `{"id":5208,"errors":[{"code":"not_found"},]}`, false, ""},
		{"nearly JSON without a known code", `{"errors":[{"code":"odd"},]}`, false, ""},
		{"the documented chat, not valid JSON", fixture(t, "200_documented_invalid.json"), false, ""},
		{"a list alone", list, false, ""},
		{"text", "OK", false, ""},
		{"nothing", "", false, ""},
		{"a page", `<html><p class="not_found">`, false, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := mustAnswer(t, fake.Answer(200, tc.body))
			var codes []string
			for _, e := range a.Errors {
				codes = append(codes, e.Code)
			}
			if a.ErrorWith2xx() != tc.want || strings.Join(codes, ",") != tc.codes || a.ErrorShape {
				t.Errorf("error with 2xx %v, codes %v, error shape %v; want %v, %s, false", a.ErrorWith2xx(), codes, a.ErrorShape, tc.want, tc.codes)
			}
		})
	}
	if a := mustAnswer(t, fake.Answer(404, `{"errors":`+list+`}`)); a.ErrorWith2xx() {
		t.Error("a 404 is no 2xx")
	}
}
