package sqs

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

const (
	contentType = "application/x-amz-json-1.0"
	// maxRequest leaves a batch of 1 MiB room for JSON's escapes, six bytes for one at most.
	maxRequest = 8 << 20
)

// action carries out one decoded call. It takes the server's lock itself.
type action func(ctx context.Context, s *Server, body []byte) (any, error)

// decoded makes an action of a method that takes its own request type.
func decoded[In, Out any](f func(*Server, context.Context, In) (Out, error)) action {
	return func(ctx context.Context, s *Server, body []byte) (any, error) {
		var in In
		if err := json.Unmarshal(body, &in); err != nil {
			return nil, coral("SerializationException", "SerializationException", "%v", err)
		}
		return f(s, ctx, in)
	}
}

// empty is the answer of an action that returns nothing.
type empty struct{}

// allActions are the actions of this SQS.
func allActions() map[string]action {
	return map[string]action{
		"CreateQueue":                  decoded((*Server).createQueue),
		"GetQueueUrl":                  decoded((*Server).getQueueURL),
		"GetQueueAttributes":           decoded((*Server).getQueueAttributes),
		"SetQueueAttributes":           decoded((*Server).setQueueAttributes),
		"SendMessage":                  decoded((*Server).sendMessage),
		"SendMessageBatch":             decoded((*Server).sendMessageBatch),
		"ReceiveMessage":               decoded((*Server).receiveMessage),
		"DeleteMessage":                decoded((*Server).deleteMessage),
		"DeleteMessageBatch":           decoded((*Server).deleteMessageBatch),
		"ChangeMessageVisibility":      decoded((*Server).changeMessageVisibility),
		"ChangeMessageVisibilityBatch": decoded((*Server).changeMessageVisibilityBatch),
	}
}

// ServeHTTP answers a call of SQS's AWS JSON 1.0 protocol: a POST, to any path, whose X-Amz-Target is
// AmazonSQS.<Action>. Signatures are not checked.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	out, err := s.serve(r)
	if r.Context().Err() != nil {
		return // nobody reads the answer
	}
	if err != nil {
		writeError(w, err)
		return
	}
	write(w, http.StatusOK, out)
}

func (s *Server) serve(r *http.Request) (any, error) {
	name, known := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "AmazonSQS.")
	do, ok := s.actions[name]
	if !known || !ok || r.Method != http.MethodPost {
		return nil, &Error{404, "com.amazon.coral.service#UnknownOperationException", "UnknownOperation", "no such action"}
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest+1))
	if err != nil {
		return nil, coral("SerializationException", "SerializationException", "the request body can't be read")
	}
	if len(body) > maxRequest {
		return nil, &Error{413, "com.amazon.coral.service#RequestEntityTooLargeException", "RequestEntityTooLarge", "the request body is too large"}
	}
	return s.perform(withTrace(r), name, do, body)
}

func writeError(w http.ResponseWriter, err error) {
	var e *Error
	if !errors.As(err, &e) {
		e = Internal()
	}
	fault := "Sender"
	if e.Status >= 500 {
		fault = "Receiver"
	}
	w.Header().Set("x-amzn-query-error", e.Code+";"+fault)
	write(w, e.Status, struct {
		Type    string `json:"__type"`
		Message string `json:"message"`
	}{e.Type, e.Message})
}

func write(w http.ResponseWriter, status int, out any) {
	w.Header().Set("Content-Type", contentType)
	w.Header().Set("x-amzn-RequestId", newID())
	w.WriteHeader(status)
	// A client that went away is the only way this fails, and nobody is left to report it to.
	_ = json.NewEncoder(w).Encode(out)
}

// newID is a random UUID, version 4, as SQS makes for messages.
func newID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails: it ends the program instead
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

type traceKey struct{}

// withTrace keeps the tracing header that SDKs inside Lambda send: SQS hands it on with the message.
func withTrace(r *http.Request) context.Context {
	return context.WithValue(r.Context(), traceKey{}, r.Header.Get("X-Amzn-Trace-Id"))
}

func traceOf(ctx context.Context) string {
	trace, _ := ctx.Value(traceKey{}).(string)
	return trace
}
