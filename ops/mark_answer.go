package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"helpcrunch-mark-read/ops/internal/stack"
	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/outcome"
)

// markAnswer is what came back.
type markAnswer struct {
	Status    int    `json:"status"`
	Outcome   string `json:"outcome,omitempty"` // or the function's own code, such as unauthorized
	Overtaken bool   `json:"overtaken,omitempty"`
	MessageID string `json:"messageId,omitempty"` // with --async
	Meaning   string `json:"meaning"`
	Took      int64  `json:"milliseconds"`
	Body      string `json:"body,omitempty"` // with --body

	header http.Header
	body   []byte
}

func (c *markOne) report(a *app, t *target, r markAnswer) error {
	c.understand(t, &r)
	if c.Body {
		r.Body = string(r.body)
	}
	a.result(r, func() {
		a.print("Answer    %d%s after %d ms", r.Status, strings.TrimSuffix(" "+plain(r.Outcome), " "), r.Took)
		a.print("Meaning   %s", r.Meaning)
		if c.Body {
			a.print("%s", plain(r.Body))
		}
	})
	if r.Status/100 != 2 {
		return &exitError{exitFailed, ""}
	}
	return nil
}

// understand fills in what the answer means. It reads no personal data out of it.
func (c *markOne) understand(t *target, r *markAnswer) {
	var body struct {
		Errors         []struct{ Code string }
		Message        string // API Gateway's own
		MessageID      string `json:"messageId"`
		ReadByAgent    *bool  `json:"readByAgent"`
		ReadByCustomer *bool  `json:"readByCustomer"`
	}
	_ = json.Unmarshal(r.body, &body)
	flag := map[mark.Reader]*bool{mark.Agent: body.ReadByAgent, mark.Customer: body.ReadByCustomer}[c.Reader]
	r.Overtaken, r.MessageID = r.header.Get("Mark-Overtaken") == "true", body.MessageID
	switch {
	case r.Status == http.StatusAccepted:
		r.Meaning = "the mark is on the queue, and is made in its turn; ops status shows the queue"
	case r.Status == http.StatusOK:
		r.Outcome, r.Meaning = string(outcome.Applied), fmt.Sprintf("HelpCrunch made the mark: chat %d is %s by the %s", c.ID, map[bool]string{true: "read", false: "unread"}[c.Read], c.Reader)
		if flag != nil && *flag != c.Read {
			r.Meaning = "HelpCrunch took the mark, but its answer shows the flag as it was before"
		} else if r.Overtaken {
			r.Meaning += "; but a message has come since --as-of, which nobody has seen"
		}
	case r.Status == http.StatusForbidden && t.authorization() == "IAM":
		r.Meaning = "API Gateway does not let these credentials in: attach the managed policy of the stack's output " + stack.CallerPolicyARN + strings.TrimSuffix(" ("+t.deployed.Outputs[stack.CallerPolicyARN]+")", " ()")
	case body.Message != "" && (r.Status == http.StatusUnauthorized || r.Status == http.StatusForbidden):
		r.Meaning = "API Gateway does not accept this token: the stack's JwtIssuer and JwtAudience must be the token's, and the token must not be expired"
	case body.Message != "" && r.Status == http.StatusNotFound:
		r.Meaning = "API Gateway knows no such route: the URL is another API's, or an older version's"
	case len(body.Errors) > 0:
		r.Outcome = cmp.Or(passedOn[r.Status], body.Errors[0].Code)
		r.Meaning = cmp.Or(meanings[r.Outcome], "the code is not known to this version of ops")
	case r.Status == http.StatusTooManyRequests:
		r.Meaning = "API Gateway throttles (ThrottleRate, ThrottleBurst): wait a moment"
	default:
		r.Meaning = "this is no answer of helpcrunch-mark-read (status " + strconv.Itoa(r.Status) + "): check the URL, and the log of functions/http"
	}
}

// passedOn are the statuses whose error list can be HelpCrunch's own, in which the first code decides nothing.
var passedOn = map[int]string{
	http.StatusBadRequest: string(outcome.InvalidRequest), http.StatusNotFound: string(outcome.ChatNotFound), http.StatusTooManyRequests: string(outcome.RateLimited),
}

// meanings are what the codes of an answer mean to who tries the HTTP API.
var meanings = map[string]string{
	string(outcome.KeyRejected):    "HelpCrunch rejects the API key: ops key set",
	string(outcome.KeyUnavailable): "a secret can't be read or is empty, the key's or the callers' tokens': ops doctor",
	string(outcome.RateLimited):    "the HelpCrunch account's limit is used up: wait as long as Retry-After says",
	string(outcome.InvalidRequest): "the mark is not valid for HelpCrunch; --body shows why",
	string(outcome.ChatNotFound):   "HelpCrunch has no such chat",
	string(outcome.TimedOut):       "HelpCrunch did not answer in time; whether the mark was made is not known",
	string(outcome.Unavailable):    "HelpCrunch is down or can't be reached: try again later",
	string(outcome.Unexpected):     "HelpCrunch answered something unexpected: the log of functions/http has its status",
	"unauthorized":                 "the function does not know this token: ops token list shows the names of those it knows",
	"queue_unavailable":            "the mark could not be put on the queue: send it again",
}
