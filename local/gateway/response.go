package gateway

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
)

// answer invokes the function, for no longer than the integration's timeout, and passes its answer on. A caller who has gone
// does not end it, as on AWS. Without an answer HTTP APIs say 503 where REST APIs say 504 "Endpoint request timed out", and for
// a throttled function too; everything else is 500.
func (g *Gateway) answer(ctx context.Context, w http.ResponseWriter, event []byte) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout)
	defer cancel()
	payload, err := g.invoker.Invoke(ctx, event)
	var refusal interface{ Throttled() bool }
	switch {
	case err != nil && ctx.Err() != nil, errors.As(err, &refusal) && refusal.Throttled():
		refuse(w, http.StatusServiceUnavailable)
	case err != nil || !pass(w, payload):
		refuse(w, http.StatusInternalServerError)
	}
}

// pass passes on a function's answer, and reports whether it is one of format 2.0.
func pass(w http.ResponseWriter, payload []byte) bool {
	var answer events.APIGatewayV2HTTPResponse
	if json.Unmarshal(payload, &answer) != nil || answer.StatusCode < 200 || answer.StatusCode > 599 {
		return false
	}
	body := []byte(answer.Body)
	if answer.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(answer.Body); err != nil {
			return false
		}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	for name, value := range answer.Headers {
		w.Header().Set(name, value)
	}
	for _, own := range []string{"Content-Length", "Connection", "Transfer-Encoding"} { // this server's to declare
		w.Header().Del(own)
	}
	w.WriteHeader(answer.StatusCode)
	_, _ = w.Write(body) // fails when the caller has gone, or for a status that has no body
	return true
}

// refuse answers in API Gateway's own shape.
func refuse(w http.ResponseWriter, status int) {
	body, _ := json.Marshal(map[string]string{"message": http.StatusText(status)}) // strings can always be marshalled
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
