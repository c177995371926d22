// Package awsjson is the server's side of AWS's JSON protocols, for the emulated services that speak them: a POST, to any path,
// whose X-Amz-Target names the action. Signatures are not checked.
package awsjson

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	smithyrand "github.com/aws/smithy-go/rand"
)

// maxRequest leaves a batch of 1 MiB for SQS room for JSON's escapes, six bytes for one at most.
const maxRequest = 8 << 20

// Error is an error as AWS answers it. SDKs make their typed errors of Type, and show Code where there is one.
type Error struct {
	Status  int    // the HTTP status
	Type    string // such as ResourceNotFoundException, or com.amazonaws.sqs#QueueDoesNotExist
	Code    string // its name in an older protocol, such as AWS.SimpleQueueService.NonExistentQueue, sent in a header; else empty
	Message string
}

func (e *Error) Error() string { return cmp.Or(e.Code, e.Type) + ": " + e.Message }

// Refusal is an error of the framework in front of AWS's services, whose own name is in the type.
func Refusal(name, code, format string, args ...any) *Error {
	return &Error{http.StatusBadRequest, "com.amazon.coral.service#" + name, code, fmt.Sprintf(format, args...)}
}

// Service is how a service's clients address it.
type Service struct {
	Target   string // what X-Amz-Target has before the action: "AmazonSQS."
	Version  string // of the protocol: "1.0"
	Internal *Error // what stands for an error that is no *Error
}

// Action carries out one call. Its result is sent as JSON.
type Action func(r *http.Request, body []byte) (any, error)

// Serve answers a call by the action that find returns for a name; nil is an unknown action.
func (s Service) Serve(w http.ResponseWriter, r *http.Request, find func(action string) Action) {
	out, err := s.call(w, r, find)
	if r.Context().Err() != nil {
		return // nobody reads the answer
	}
	status := http.StatusOK
	if err != nil {
		var e *Error
		if !errors.As(err, &e) {
			e = s.Internal
		}
		if e.Code != "" {
			w.Header().Set("X-Amzn-Query-Error", e.Code+";"+fault(e.Status))
		}
		status, out = e.Status, map[string]string{"__type": e.Type, "message": e.Message}
	}
	w.Header().Set("Content-Type", "application/x-amz-json-"+s.Version)
	w.Header().Set("X-Amzn-RequestId", NewID())
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out) // fails only for a client that went away
}

func (s Service) call(w http.ResponseWriter, r *http.Request, find func(string) Action) (any, error) {
	name, known := strings.CutPrefix(r.Header.Get("X-Amz-Target"), s.Target)
	do := find(name)
	if !known || do == nil || r.Method != http.MethodPost {
		return nil, Refusal("UnknownOperationException", "UnknownOperationException", "no action %q", name)
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		return nil, Refusal("SerializationException", "SerializationException", "the body can't be read: %v", err)
	}
	return do(r, body)
}

func fault(status int) string {
	if status >= http.StatusInternalServerError {
		return "Receiver"
	}
	return "Sender"
}

// Decode reads an action's input.
func Decode[In any](body []byte) (In, error) {
	var in In
	if err := json.Unmarshal(body, &in); err != nil {
		return in, Refusal("SerializationException", "SerializationException", "%v", err)
	}
	return in, nil
}

// NewID is a random UUID, version 4.
func NewID() string {
	id, _ := smithyrand.NewUUID(rand.Reader).GetUUID() // its reader never fails
	return id
}
