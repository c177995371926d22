package simulator

import (
	"net/http"
	"strings"
)

// Kind is what a fault does. A kind that answers with a 2xx makes the mark, unless its name or comment says otherwise.
type Kind string

// The kinds of faults.
const (
	Unauthorized              Kind = "unauthorized"                  // 401
	InvalidToken              Kind = "invalid_token"                 // 401 with the code of HelpCrunch's newer pages
	Forbidden                 Kind = "forbidden"                     // 403
	BadRequest                Kind = "bad_request"                   // 400 with a field's name
	BadRequestUnauthorized    Kind = "bad_request_unauthorized"      // 400 with the codes of a 401
	BadRequestTooManyRequests Kind = "bad_request_too_many_requests" // 400 with the codes of a 429
	Unprocessable             Kind = "unprocessable"                 // 422 with a field's name
	NotFount                  Kind = "not_fount"                     // 404 with this code
	NotFound                  Kind = "not_found"                     // 404 with this code
	ChatNotFound              Kind = "chat_not_found"                // 404 with this code
	NotFoundSample            Kind = "not_found_sample"              // 404 as documented: not valid JSON
	NotFoundUnknownCode       Kind = "not_found_unknown_code"        // 404 with a code that is documented nowhere
	NotFoundHTML              Kind = "not_found_html"                // 404 as a web server's page
	TooManyRequests           Kind = "too_many_requests"             // 429
	InternalError             Kind = "internal_error"                // 500
	BadGateway                Kind = "bad_gateway"                   // 502 as a proxy's page
	Unavailable               Kind = "unavailable"                   // 503 as a proxy's page
	GatewayTimeout            Kind = "gateway_timeout"               // 504 as a proxy's page
	Slow                      Kind = "slow"                          // nothing but the delay
	Hang                      Kind = "hang"                          // no answer while the client waits
	BrokenBeforeHeaders       Kind = "broken_before_headers"         // the connection is closed instead of an answer
	BrokenAfterHeaders        Kind = "broken_after_headers"          // 200, and the connection is closed before the body
	CutOff                    Kind = "cut_off"                       // 200, and the connection is closed within the body
	Redirect                  Kind = "redirect"                      // 307, or the fault's status, to its location
	HTML                      Kind = "html"                          // 200, or the fault's status, with a page; the mark is not made
	OKSample                  Kind = "ok_sample"                     // 200 as documented: not valid JSON, and another chat
	NotApplied                Kind = "not_applied"                   // 200 with the Chat as it is; the mark is not made
	Endless                   Kind = "endless"                       // 200, or the fault's status, with a body of Size, or without an end
	GzipBomb                  Kind = "gzip_bomb"                     // the same, packed a thousand to one whether asked for or not
	Answer                    Kind = "answer"                        // the fault's status, header and body, byte for byte
)

// kindSpec says how a kind is served, and between which bounds a fault may choose its status (0: not at all).
type kindSpec struct {
	kind            Kind
	serve           serveFunc
	lowest, highest int
}

var kinds = []kindSpec{
	{kind: Unauthorized, serve: fixed(unauthorized)},
	{kind: InvalidToken, serve: fixed(errorAnswer(http.StatusUnauthorized, apiError{"invalid_token", "Invalid token"}))},
	{kind: Forbidden, serve: fixed(wrongFields(http.StatusForbidden, apiError{"forbidden", "Access denied"}))}, // documented nowhere
	{kind: BadRequest, serve: fixed(wrongFields(http.StatusBadRequest, notValid))},
	{kind: BadRequestUnauthorized, serve: fixed(unauthorized.as(http.StatusBadRequest))},
	{kind: BadRequestTooManyRequests, serve: fixed(tooManyRequests.as(http.StatusBadRequest))},
	{kind: Unprocessable, serve: fixed(wrongFields(http.StatusUnprocessableEntity, notValid))},
	{kind: NotFount, serve: fixed(chatNotFound)},
	{kind: NotFound, serve: fixed(errorAnswer(http.StatusNotFound, apiError{"not_found", "Chat was not found"}))},
	{kind: ChatNotFound, serve: fixed(errorAnswer(http.StatusNotFound, apiError{"chat_not_found", "Chat is missing"}))},
	{kind: NotFoundSample, serve: fixed(jsonAnswer(http.StatusNotFound, documentedNotFound))},
	{kind: NotFoundUnknownCode, serve: fixed(errorAnswer(http.StatusNotFound, apiError{"route_missing", "No route"}))},
	{kind: NotFoundHTML, serve: fixed(htmlAnswer(http.StatusNotFound, "404 Not Found"))},
	{kind: TooManyRequests, serve: fixed(tooManyRequests)},
	{kind: InternalError, serve: fixed(errorAnswer(http.StatusInternalServerError, apiError{"internal_error", "Internal error"}))},
	{kind: BadGateway, serve: fixed(htmlAnswer(http.StatusBadGateway, "502 Bad Gateway"))},
	{kind: Unavailable, serve: fixed(htmlAnswer(http.StatusServiceUnavailable, "503 Service Temporarily Unavailable"))},
	{kind: GatewayTimeout, serve: fixed(htmlAnswer(http.StatusGatewayTimeout, "504 Gateway Time-out"))},
	{kind: Slow, serve: serveAsUsual},
	{kind: Hang, serve: hang},
	{kind: BrokenBeforeHeaders, serve: breakOff},
	{kind: BrokenAfterHeaders, serve: cutAt(0)},
	{kind: CutOff, serve: cutAt(0.5)},
	{kind: Redirect, serve: redirect, lowest: 300, highest: 399},
	{kind: HTML, serve: page, lowest: 200, highest: 599},
	{kind: OKSample, serve: okSample},
	{kind: NotApplied, serve: notApplied},
	{kind: Endless, serve: endless, lowest: 200, highest: 599},
	{kind: GzipBomb, serve: gzipBomb, lowest: 200, highest: 599},
	{kind: Answer, serve: answerAsSet, lowest: 200, highest: 599},
}

func findKind(k Kind) (kindSpec, bool) {
	for _, spec := range kinds {
		if spec.kind == k {
			return spec, true
		}
	}
	return kindSpec{}, false
}

// Kinds returns every kind of fault, in the order of the constants.
func Kinds() []Kind {
	list := make([]Kind, len(kinds))
	for i, spec := range kinds {
		list[i] = spec.kind
	}
	return list
}

func kindNames() string {
	var names []string
	for _, k := range Kinds() {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}
