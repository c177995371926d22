package outcome

import (
	"errors"
	"net/http"
	"slices"
	"time"

	"helpcrunch-mark-read/shared/apikey"
	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/pace"
	"helpcrunch-mark-read/shared/secret"
)

// Row is one line of the outcome table.
type Row struct {
	Outcome Outcome
	When    string // matches, in words
	matches func(Evidence) bool

	HTTPStatus int           // of the HTTP function's answer; 0: HelpCrunch's own status and body
	PassOn     bool          // HelpCrunch's body is passed on, if it is in its error shape
	RetryAfter time.Duration // the least that an HTTP answer's Retry-After says; 0: the answer has none
	Queue      Action
	HoldAtMost time.Duration // the longest backoff of a held message, also of one whose dead letter can't be written

	KeyWorks bool   // HelpCrunch took the key
	Caller   string // to an HTTP caller: what happened and what to do, without internals
	Operator string // in a log line and on a dead letter
}

// Table gives all rows in order, for the documents that show it.
func Table() []Row { return slices.Clone(table) }

// table is the outcome table: the first row that matches decides, and the last one matches everything.
var table = []Row{
	{
		Outcome: Applied, When: "2xx, unless the body is an HTML page",
		matches:    func(e Evidence) bool { return e.Answer != nil && e.Answer.Success() && !e.Answer.HTML() },
		HTTPStatus: 0, Queue: Delete, KeyWorks: true,
		Caller: "The mark was made, but HelpCrunch's answer cannot be passed on.", Operator: "HelpCrunch made the mark",
	},
	{
		Outcome: KeyRejected, When: "401 or 403; 400 with `unauthorized` or `invalid_token` among the codes",
		matches: func(e Evidence) bool {
			return is(e, 401, 403) || is(e, 400) && e.Answer.Has("unauthorized", "invalid_token") || errors.Is(e.Err, apikey.ErrRejected)
		},
		HTTPStatus: http.StatusBadGateway, Queue: Hold, HoldAtMost: longestHold,
		Caller: "HelpCrunch does not accept this service's API key. Send the request again once its operator has replaced it.", Operator: "HelpCrunch rejected the API key",
	},
	{
		Outcome: RateLimited, When: "429; 400 with `too_many_requests` among the codes",
		matches: func(e Evidence) bool {
			return is(e, 429) || is(e, 400) && e.Answer.Has("too_many_requests") || pause(e) > 0
		},
		HTTPStatus: http.StatusTooManyRequests, PassOn: true, RetryAfter: time.Second, Queue: Hold, HoldAtMost: 2 * time.Minute,
		Caller: "HelpCrunch's limit of requests is reached. Send the request again after the seconds in Retry-After.", Operator: "HelpCrunch's limit of requests is reached",
	},
	{
		Outcome: InvalidRequest, When: "the input is no mark; or HelpCrunch says 400 or 422",
		matches:    func(e Evidence) bool { return faults(e) != nil || is(e, 400, 422) },
		HTTPStatus: http.StatusBadRequest, PassOn: true, Queue: DeadLetter, HoldAtMost: longestHold, KeyWorks: true,
		Caller: "HelpCrunch refused the mark as invalid.", Operator: "HelpCrunch refused the mark as invalid",
	},
	{
		Outcome: ChatNotFound, When: "404 with `not_fount`, `not_found` or `chat_not_found` among the codes, or standing in quotes in a body that is neither valid JSON nor HTML",
		matches: func(e Evidence) bool {
			return is(e, 404) && e.Answer.Has(helpcrunch.CodeNotFount, helpcrunch.CodeNotFound, helpcrunch.CodeChatNotFound)
		},
		HTTPStatus: http.StatusNotFound, PassOn: true, Queue: DeadLetter, HoldAtMost: longestHold, KeyWorks: true,
		Caller: "HelpCrunch knows no chat with this id.", Operator: "HelpCrunch knows no chat with this id",
	},
	{
		Outcome: KeyUnavailable, When: "the secret can't be read (denied, missing, throttled) or used (empty, no `apiKey`, anything but visible ASCII)",
		matches: func(e Evidence) bool {
			_, unavailable := errors.AsType[*secret.UnavailableError](e.Err)
			return unavailable
		},
		HTTPStatus: http.StatusServiceUnavailable, RetryAfter: 5 * time.Second, Queue: Hold, HoldAtMost: longestHold,
		Caller: "This service cannot read its own credentials at the moment. Send the request again later.",
	},
	{
		Outcome: TimedOut, When: "no answer in time",
		matches:    func(e Evidence) bool { return noAnswer(e) != nil && noAnswer(e).Timeout },
		HTTPStatus: http.StatusGatewayTimeout, Queue: Hold, HoldAtMost: longestHold,
		Caller: "HelpCrunch gave no answer in time. Whether the mark was made is not known; sending it again does no harm.",
	},
	{
		Outcome: Unavailable, When: "5xx, connection refused or broken, TLS or DNS failure",
		matches:    func(e Evidence) bool { return noAnswer(e) != nil || status(e) >= 500 && status(e) <= 599 },
		HTTPStatus: http.StatusBadGateway, Queue: Hold, HoldAtMost: longestHold,
		Caller: "HelpCrunch is not available at the moment. Send the request again later.", Operator: "HelpCrunch is not available",
	},
	{
		Outcome: Unexpected, When: "anything else: 3xx (never followed), 404 without a known code, another 4xx, an HTML page with 2xx",
		matches:    func(Evidence) bool { return true },
		HTTPStatus: http.StatusBadGateway, Queue: Hold, HoldAtMost: longestHold,
		Caller: "HelpCrunch gave an answer that this service does not understand. Send the request again later.", Operator: "HelpCrunch gave an answer that is not understood",
	},
}

// longestHold is the longest backoff where a row needs no shorter one.
const longestHold = 15 * time.Minute

func status(e Evidence) int {
	if e.Answer == nil {
		return 0
	}
	return e.Answer.Status
}

func is(e Evidence, statuses ...int) bool {
	for _, s := range statuses {
		if status(e) == s {
			return true
		}
	}
	return false
}

func noAnswer(e Evidence) *helpcrunch.NoAnswerError {
	none, _ := errors.AsType[*helpcrunch.NoAnswerError](e.Err)
	return none
}

func faults(e Evidence) []mark.Fault {
	if invalid, ok := errors.AsType[*mark.InvalidError](e.Err); ok {
		return invalid.Faults
	}
	return nil
}

// pause is how long a gate that turned the attempt away stays closed.
func pause(e Evidence) time.Duration {
	if paused, ok := errors.AsType[*pace.PausedError](e.Err); ok {
		return max(time.Until(paused.Until), 1)
	}
	return 0
}

// transient says that one more try at once may help: a broken connection, or a gateway's word that the API is away.
func transient(e Evidence) bool {
	none := noAnswer(e)
	return none != nil && !none.Timeout || is(e, 502, 503, 504)
}
