package simulator

import (
	_ "embed"
	"net/http"
)

// answer is a whole response.
type answer struct {
	status      int
	contentType string
	body        []byte
}

func (a answer) write(w http.ResponseWriter) {
	if a.contentType != "" {
		w.Header().Set("Content-Type", a.contentType)
	}
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body) // a client that has gone is no concern of the handler's
}

// as is the same answer with another status.
func (a answer) as(status int) answer {
	a.status = status
	return a
}

func jsonAnswer(status int, body []byte) answer {
	return answer{status, "application/json", body}
}

func htmlAnswer(status int, title string) answer {
	page := "<!DOCTYPE html>\n<html><head><title>" + title + "</title></head>\n<body><h1>" + title + "</h1></body></html>\n"
	return answer{status, "text/html; charset=utf-8", []byte(page)}
}

// apiError is one entry of HelpCrunch's error list.
type apiError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func errorAnswer(status int, errors ...apiError) answer {
	return jsonAnswer(status, encode(map[string][]apiError{"errors": errors}))
}

// HelpCrunch's errors, spelt as on the page of the two endpoints: the general entry comes first and decides nothing. Its
// newer pages spell some codes differently; those have kinds of faults of their own.
var (
	general         = apiError{"invalid_request", "Invalid request"}
	unauthorized    = errorAnswer(http.StatusUnauthorized, general, apiError{"unauthorized", "Unauthorized"})
	tooManyRequests = errorAnswer(http.StatusTooManyRequests, general, apiError{"too_many_requests", "You have exceeded your requests limit"})
	chatNotFound    = errorAnswer(http.StatusNotFound, apiError{"not_fount", "Chat was not found"})
)

func wrongFields(status int, wrong ...apiError) answer {
	return errorAnswer(status, append([]apiError{general}, wrong...)...)
}

// notValid is a complaint about a mark that has nothing wrong with it.
var notValid = apiError{"id", "This value is not valid."}

// The two samples of HelpCrunch's documentation that are not valid JSON, so that a client meets them as they stand there:
// a 404 with quotes that are not escaped, and a 200 with a full stop where a comma belongs.
var (
	//go:embed samples/404.json
	documentedNotFound []byte
	//go:embed samples/200.json
	documentedChat []byte
)
