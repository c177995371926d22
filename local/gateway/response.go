package gateway

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// response is a function's answer, understood.
type response struct {
	status  int
	headers map[string]string
	cookies []string
	body    []byte
}

// answerFormat is a function's answer in payload format 2.0.
type answerFormat struct {
	StatusCode      json.Number    `json:"statusCode"` // a number, or one in quotes
	Headers         map[string]any `json:"headers"`    // strings, numbers, booleans
	Cookies         []string       `json:"cookies"`
	Body            string         `json:"body"`
	IsBase64Encoded bool           `json:"isBase64Encoded"`
}

// readResponse understands an answer. One that is no object with a statusCode is itself the body of a 200, and JSON or not
// (seen on AWS), is called JSON. The error says why an answer with a statusCode can't be used.
func readResponse(answer []byte) (*response, error) {
	var members map[string]json.RawMessage
	err := json.Unmarshal(answer, &members)
	if _, ok := members["statusCode"]; err != nil || !ok {
		return &response{
			status:  http.StatusOK,
			headers: map[string]string{"Content-Type": "application/json"},
			body:    answer,
		}, nil
	}
	var format answerFormat
	decoder := json.NewDecoder(bytes.NewReader(answer))
	decoder.UseNumber()
	if err := decoder.Decode(&format); err != nil {
		return nil, fmt.Errorf("the function's answer is not in format 2.0: %w", err)
	}
	return format.response()
}

func (f answerFormat) response() (*response, error) {
	status, err := strconv.Atoi(f.StatusCode.String())
	if err != nil || status < 200 || status > 599 {
		return nil, fmt.Errorf("the function's answer has the status code %q", f.StatusCode)
	}
	r := &response{status: status, headers: map[string]string{}, cookies: f.Cookies, body: []byte(f.Body)}
	if f.IsBase64Encoded {
		if r.body, err = base64.StdEncoding.DecodeString(f.Body); err != nil {
			return nil, fmt.Errorf("the function's answer has a body that is no base64: %w", err)
		}
	}
	for name, value := range f.Headers {
		switch value.(type) {
		case nil:
		case string, json.Number, bool:
			r.headers[http.CanonicalHeaderKey(name)] = fmt.Sprint(value)
		default:
			return nil, fmt.Errorf("the function's answer has a header %q that is no string", name)
		}
	}
	if r.headers["Content-Type"] == "" {
		r.headers["Content-Type"] = "text/plain; charset=utf-8"
	}
	return r, nil
}

// write sends the response. Its length and its connection are this server's to declare.
func (r *response) write(w http.ResponseWriter) {
	for name, value := range r.headers {
		switch name {
		case "Content-Length", "Connection", "Transfer-Encoding":
		default:
			w.Header().Set(name, value)
		}
	}
	for _, cookie := range r.cookies {
		w.Header().Add("Set-Cookie", cookie)
	}
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body) // fails when the caller has gone, or for a status that has no body
}
