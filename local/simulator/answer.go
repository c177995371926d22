package simulator

import "net/http"

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
