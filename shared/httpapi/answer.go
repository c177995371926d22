package httpapi

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"helpcrunch-mark-read/shared/outcome"
)

// The function's own refusals, beside the outcomes.
const (
	codeNotFound         = "not_found"
	codeMethodNotAllowed = "method_not_allowed"
	codeUnauthorized     = "unauthorized"
	codeQueueUnavailable = "queue_unavailable"
)

// MaxBody is the largest body of HelpCrunch's that is passed on. Lambda's own limit is 6 MB with everything escaped.
const MaxBody = 1 << 20

// entry is one error in HelpCrunch's error shape, {"errors":[{"code","message"},...]}.
type entry struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

type response = events.APIGatewayV2HTTPResponse

func answer(status int, body string) response {
	return response{StatusCode: status, Headers: map[string]string{"Content-Type": "application/json"}, Body: body}
}

func refusal(status int, entries ...entry) response {
	body, _ := json.Marshal(map[string][]entry{"errors": entries}) // strings can always be marshalled
	return answer(status, string(body))
}

// verdictAnswer is the HTTP answer that the outcome table prescribes for a verdict.
func verdictAnswer(v outcome.Verdict) response {
	var r response
	switch {
	case v.HTTPStatus == 0 && passable(v):
		r = passOn(v.Status, v.Answer.Body)
	case v.HTTPStatus == 0:
		return refusal(http.StatusBadGateway, entry{string(outcome.Unexpected), v.Caller})
	case v.PassOn && v.Answer != nil && v.Answer.ErrorShape && passable(v):
		r = passOn(v.HTTPStatus, v.Answer.Body)
	default:
		r = refusal(v.HTTPStatus, entries(v)...)
	}
	if wait := max(v.RetryAfter, v.MinRetryAfter); wait > 0 && (v.MinRetryAfter > 0 || v.HTTPStatus == http.StatusBadGateway) {
		r.Headers["Retry-After"] = seconds(wait)
	}
	return r
}

// passable reports whether HelpCrunch's body can go to the caller: all of it is here, and the key does not stand in it.
func passable(v outcome.Verdict) bool { return v.Answer.Complete && !v.Answer.HoldsKey }

// passOn answers with a body byte for byte. JSON strings hold UTF-8 only, and escaping can make a large one outgrow
// Lambda's limit; base64 holds everything.
func passOn(status int, body []byte) response {
	const escapable = 256 << 10
	if utf8.Valid(body) && len(body) <= escapable {
		return answer(status, string(body))
	}
	r := answer(status, base64.StdEncoding.EncodeToString(body))
	r.IsBase64Encoded = true
	return r
}

// entries writes a verdict in HelpCrunch's shape: the outcome first and, as HelpCrunch does it, each wrong field after it.
func entries(v outcome.Verdict) []entry {
	if len(v.Faults) == 0 {
		return []entry{{string(v.Outcome), v.Caller}}
	}
	list := []entry{{string(v.Outcome), "Invalid request body: " + v.Reason + "."}}
	for _, fault := range v.Faults {
		if fault.Field != "" {
			list = append(list, entry{fault.Field, fault.Message})
		}
	}
	return list
}

// seconds rounds up, so that a caller who waits that long does not come too early.
func seconds(d time.Duration) string {
	return strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10)
}
