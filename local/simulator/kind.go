package simulator

import (
	"net/http"
	"slices"
	"strings"
)

// Kind is what a fault does. A kind that answers with a 2xx makes the mark, unless its name or comment says otherwise.
type Kind string

// The kinds of faults.
var (
	Unauthorized              = kind("unauthorized", fixed(unauthorized))
	InvalidToken              = kind("invalid_token", fixed(errorAnswer(http.StatusUnauthorized, apiError{"invalid_token", "Invalid token"}))) // as on HelpCrunch's newer pages
	Forbidden                 = kind("forbidden", fixed(wrongFields(http.StatusForbidden, apiError{"forbidden", "Access denied"})))            // documented nowhere
	BadRequest                = kind("bad_request", fixed(wrongFields(http.StatusBadRequest, notValid)))
	BadRequestUnauthorized    = kind("bad_request_unauthorized", fixed(unauthorized.as(http.StatusBadRequest)))
	BadRequestTooManyRequests = kind("bad_request_too_many_requests", fixed(tooManyRequests.as(http.StatusBadRequest)))
	Unprocessable             = kind("unprocessable", fixed(wrongFields(http.StatusUnprocessableEntity, notValid)))
	NotFount                  = kind("not_fount", fixed(chatNotFound))
	NotFound                  = kind("not_found", fixed(errorAnswer(http.StatusNotFound, apiError{"not_found", "Chat was not found"})))
	ChatNotFound              = kind("chat_not_found", fixed(errorAnswer(http.StatusNotFound, apiError{"chat_not_found", "Chat is missing"})))
	NotFoundSample            = kind("not_found_sample", fixed(jsonAnswer(http.StatusNotFound, documentedNotFound))) // not valid JSON
	NotFoundUnknownCode       = kind("not_found_unknown_code", fixed(errorAnswer(http.StatusNotFound, apiError{"route_missing", "No route"})))
	NotFoundHTML              = kind("not_found_html", fixed(htmlAnswer(http.StatusNotFound, "404 Not Found"))) // a web server's page
	TooManyRequests           = kind("too_many_requests", fixed(tooManyRequests))
	InternalError             = kind("internal_error", fixed(errorAnswer(http.StatusInternalServerError, apiError{"internal_error", "Internal error"})))
	BadGateway                = kind("bad_gateway", fixed(htmlAnswer(http.StatusBadGateway, "502 Bad Gateway"))) // a proxy's page, as the next two
	Unavailable               = kind("unavailable", fixed(htmlAnswer(http.StatusServiceUnavailable, "503 Service Temporarily Unavailable")))
	GatewayTimeout            = kind("gateway_timeout", fixed(htmlAnswer(http.StatusGatewayTimeout, "504 Gateway Time-out")))
	Slow                      = kind("slow", (*call).serve)                   // nothing but the delay
	Hang                      = kind("hang", (*call).hang)                    // no answer while the client waits
	BrokenBeforeHeaders       = kind("broken_before_headers", (*call).abort)  // the connection is closed instead of an answer
	BrokenAfterHeaders        = kind("broken_after_headers", cutAt(0))        // 200, and the connection is closed before the body
	CutOff                    = kind("cut_off", cutAt(0.5))                   // 200, and the connection is closed within the body
	Redirect                  = kind("redirect", (*call).redirect, 300, 399)  // 307, or the fault's status, to its location
	HTML                      = kind("html", (*call).showPage, 200, 599)      // 200, or the fault's status, with a page; the mark is not made
	OKSample                  = kind("ok_sample", (*call).showSample)         // 200 as documented: not valid JSON, and another chat
	NotApplied                = kind("not_applied", (*call).showChat)         // 200 with the Chat as it is, or 404 if there is none; the mark is not made
	Endless                   = kind("endless", (*call).endless, 200, 599)    // 200, or the fault's status, with a body of Size, or without an end
	GzipBomb                  = kind("gzip_bomb", (*call).gzipBomb, 200, 599) // the same, packed a thousand to one whether asked for or not
	Answer                    = kind("answer", (*call).answerAsSet, 200, 599) // the fault's status, header and body, byte for byte
)

// kindSpec says how a kind is served, and between which bounds a fault may choose its status.
type kindSpec struct {
	serve    func(*call)
	statuses []int // none: it may not
}

var (
	kinds []Kind // in the order in which they stand above
	specs = map[Kind]kindSpec{}
)

func kind(name Kind, serve func(*call), statuses ...int) Kind {
	kinds = append(kinds, name)
	specs[name] = kindSpec{serve, statuses}
	return name
}

// Kinds returns every kind of fault, in the order in which they are listed.
func Kinds() []Kind { return slices.Clone(kinds) }

func kindNames() string {
	var names []string
	for _, k := range kinds {
		names = append(names, string(k))
	}
	return strings.Join(names, ", ")
}
