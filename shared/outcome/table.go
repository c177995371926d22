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

	HTTPStatus    int           // of the HTTP function's answer; 0: HelpCrunch's own status and body
	PassOn        bool          // HelpCrunch's body is passed on, if it is in its error shape
	MinRetryAfter time.Duration // the least that the HTTP answer's Retry-After says; 0: it has none of its own
	Queue         Action
	MaxHold       time.Duration       // the longest backoff of a held message, also of one whose dead letter can't be written
	retryOnce     func(Evidence) bool // one more try at once may help; nil: it never does

	KeyWorks bool   // HelpCrunch accepted the key
	Caller   string // to an HTTP caller: what happened and what to do, without internals
	Operator string // in a log line and on a dead letter
}

// Table returns all rows in order, for the documents that show it.
func Table() []Row { return slices.Clone(table) }

// LongestHold is the longest backoff of all, where a row needs no shorter one. With it a message is received fewer than a
// thousand times, after which SQS would move it by itself, in seven days.
const LongestHold = 15 * time.Minute

// table is the outcome table: the first row that matches decides, and the last one matches everything.
var table = []Row{
	{
		Outcome: Applied, When: "2xx, unless the body is an HTML page or HelpCrunch's error shape (a non-empty `errors` list and no `id`)",
		matches: func(e Evidence) bool {
			return e.Answer != nil && e.Answer.Success() && !e.Answer.HTML() && !e.Answer.ErrorWith2xx()
		},
		HTTPStatus: 0, Queue: Delete, KeyWorks: true,
		Caller: "The mark was made, but HelpCrunch's answer cannot be passed on.", Operator: "HelpCrunch made the mark",
	},
	{
		Outcome: KeyRejected, When: "401; 403 when two different chats have answered 403 with no acceptance between them; 400 with `unauthorized` or `invalid_token` among the codes",
		matches: func(e Evidence) bool {
			return status(e, 401) || e.Forbidden && said(e, 403) || said(e, 400) && e.Answer.Has(helpcrunch.CodeUnauthorized, helpcrunch.CodeInvalidToken) ||
				errors.Is(e.Err, apikey.ErrRejected)
		},
		HTTPStatus: http.StatusBadGateway, Queue: Hold, MaxHold: LongestHold,
		Caller: "HelpCrunch does not accept this service's API key. Send the request again once its operator has replaced it.", Operator: "HelpCrunch rejected the API key",
	},
	{
		Outcome: RateLimited, When: "429; 400 with `too_many_requests` among the codes",
		matches: func(e Evidence) bool {
			_, paused := errors.AsType[*pace.PausedError](e.Err)
			return paused || status(e, 429) || said(e, 400) && e.Answer.Has(helpcrunch.CodeTooManyRequests)
		},
		HTTPStatus: http.StatusTooManyRequests, PassOn: true, MinRetryAfter: time.Second, Queue: Hold, MaxHold: 2 * time.Minute,
		Caller: "HelpCrunch's rate limit is reached. Send the request again after the seconds in Retry-After.", Operator: "HelpCrunch's rate limit is reached",
	},
	{
		Outcome: InvalidRequest, When: "the body or message is invalid; or HelpCrunch answers 400 or 422 (and not with an HTML page)",
		matches:    func(e Evidence) bool { return faults(e) != nil || said(e, 400, 422) },
		HTTPStatus: http.StatusBadRequest, PassOn: true, Queue: DeadLetter, MaxHold: LongestHold, KeyWorks: true,
		Caller: "HelpCrunch refused the mark as invalid.", Operator: "HelpCrunch refused the mark as invalid",
	},
	{
		Outcome: ChatNotFound, When: "404 with `not_fount` (HelpCrunch's own spelling), `not_found` or `chat_not_found` among the codes",
		matches: func(e Evidence) bool {
			return said(e, 404) && e.Answer.Has(helpcrunch.CodeNotFount, helpcrunch.CodeNotFound, helpcrunch.CodeChatNotFound)
		},
		HTTPStatus: http.StatusNotFound, PassOn: true, Queue: DeadLetter, MaxHold: LongestHold, KeyWorks: true,
		Caller: "HelpCrunch knows no chat with this id.", Operator: "HelpCrunch knows no chat with this id",
	},
	{
		Outcome: KeyUnavailable, When: "the secret can't be read (denied, missing, throttled) or used (empty, no `apiKey` nor a single member named like a key, anything but visible ASCII)",
		matches: func(e Evidence) bool {
			_, unavailable := errors.AsType[*secret.UnavailableError](e.Err)
			return unavailable
		},
		HTTPStatus: http.StatusServiceUnavailable, MinRetryAfter: 5 * time.Second, Queue: Hold, MaxHold: LongestHold,
		Caller: "This service cannot read its own credentials at the moment. Send the request again later.",
	},
	{
		Outcome: TimedOut, When: "no answer in time",
		matches: func(e Evidence) bool {
			return noAnswer(e) != nil && noAnswer(e).Timeout || errors.Is(e.Err, pace.ErrNoTime)
		},
		HTTPStatus: http.StatusGatewayTimeout, Queue: Hold, MaxHold: LongestHold,
		Caller: "HelpCrunch gave no answer in time. Whether the mark was made is not known; sending it again does no harm.",
	},
	{
		Outcome: Unavailable, When: "5xx, 408 or 425; connection refused or broken, TLS or DNS failure",
		matches: func(e Evidence) bool {
			return noAnswer(e) != nil || status(e, 408, 425) || e.Answer != nil && e.Answer.Status >= 500 && e.Answer.Status <= 599
		},
		HTTPStatus: http.StatusBadGateway, Queue: Hold, MaxHold: LongestHold,
		retryOnce: func(e Evidence) bool { return noAnswer(e) != nil || status(e, 502, 503, 504) },
		Caller:    "HelpCrunch is not available at the moment. Send the request again later.", Operator: "HelpCrunch is not available",
	},
	{
		Outcome: Unexpected, When: "anything else: 3xx (never followed), 404 without a known code, another 4xx (a 403 of one chat alone among them), an HTML page (401, 408, 425, 429 and 5xx apart), an error shape with 2xx",
		matches:    func(Evidence) bool { return true },
		HTTPStatus: http.StatusBadGateway, Queue: Hold, MaxHold: LongestHold,
		Caller: "HelpCrunch gave an answer that this service does not understand. Send the request again later.", Operator: "HelpCrunch gave an answer that is not understood",
	},
}

// status reports whether the answer has one of the statuses, whatever its body.
func status(e Evidence, statuses ...int) bool {
	return e.Answer != nil && slices.Contains(statuses, e.Answer.Status)
}

// said is status for those that only HelpCrunch itself can mean: an HTML page is a proxy's word, or a bot challenge's.
func said(e Evidence, statuses ...int) bool { return status(e, statuses...) && !e.Answer.HTML() }

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
