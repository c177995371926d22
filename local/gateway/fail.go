package gateway

import (
	"encoding/json"
	"errors"
	"net/http"
)

var errTimeout = errors.New("the integration timed out")

// fail answers for a function that gave no usable answer. HTTP APIs say 503 where REST APIs say 504 "Endpoint request timed
// out", and for a throttled function too; everything else is 500.
func (g *Gateway) fail(w http.ResponseWriter, requestID string, err error) {
	if g.config.Failed != nil {
		g.config.Failed(requestID, err)
	}
	var refusal interface{ Throttled() bool }
	if errors.Is(err, errTimeout) || errors.As(err, &refusal) && refusal.Throttled() {
		refuse(w, http.StatusServiceUnavailable, "Service Unavailable")
		return
	}
	refuse(w, http.StatusInternalServerError, "Internal Server Error")
}

// refuse answers in API Gateway's own shape.
func refuse(w http.ResponseWriter, status int, message string) {
	body, _ := json.Marshal(map[string]string{"message": message}) // strings can always be marshalled
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
