package secretsmanager

import (
	"context"
	"net/http"
	"time"

	smithytime "github.com/aws/smithy-go/time"

	"helpcrunch-mark-read/local/awsjson"
)

// Hook is called before each request is served, with the request's context, the action (such as GetSecretValue) and the
// secret as the caller named it. An error is the answer: an *awsjson.Error as it is, any other as InternalServiceError. A hook
// may wait, which is how requests are delayed or hung; it is called concurrently. It may panic with http.ErrAbortHandler,
// which breaks the connection.
type Hook func(ctx context.Context, action, secret string) error

// SetHook makes every request that comes from now on pass through a hook; nil takes it away.
func (s *Server) SetHook(h Hook) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = h
}

// Errors that only a Hook returns.
var (
	ErrAccessDenied = refusal("AccessDeniedException", "User is not authorized to perform this action on the resource")
	ErrThrottling   = refusal("ThrottlingException", "Rate exceeded")
)

func refusal(kind, message string) *awsjson.Error {
	return &awsjson.Error{Status: http.StatusBadRequest, Type: kind, Message: message}
}

// Fail makes every action fail with an error.
func Fail(err error) Hook {
	return func(context.Context, string, string) error { return err }
}

// Hang answers nothing until the client stops waiting.
func Hang(ctx context.Context, _, _ string) error {
	<-ctx.Done()
	return ctx.Err()
}

// Delay makes every action take so much longer.
func Delay(d time.Duration) Hook {
	return func(ctx context.Context, _, _ string) error {
		return smithytime.SleepWithContext(ctx, d)
	}
}
