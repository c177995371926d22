package lambda

import (
	"errors"
	"fmt"
	"time"
)

// ErrStopped is returned by Invoke after Stop.
var ErrStopped = errors.New("the function has been stopped")

// Error is why an invocation has no answer, in the form in which Lambda reports it and the Runtime API takes it.
type Error struct {
	Type    string `json:"errorType"` // what the function posted, which aws-lambda-go fills with the Go type's name; or one of Lambda's own
	Message string `json:"errorMessage"`
}

// Lambda's own types of errors. A start that fails has them too, or what the function posted: Lambda retries such a start once
// within the invocation; here it is reported at once, as the same binary would fail again. The next invocation starts a new process.
const (
	ProcessEnded   = "Runtime.ExitError" // the process ended in the middle of an invocation or of its start, or asked for the next event without an answer
	timedOut       = "Sandbox.Timedout"  // the function did not end in time; its process has been killed
	notStarted     = "Runtime.InvalidEntrypoint"
	answerTooLarge = "Function.ResponseSizeTooLarge"
	eventTooLarge  = "RequestTooLargeException"
	Throttled      = "TooManyRequestsException" // all environments were taken
)

func (e *Error) Error() string { return e.Type + ": " + e.Message }

// Throttled lets a front distinguish this refusal from a failure without knowing this package.
func (e *Error) Throttled() bool { return e.Type == Throttled }

// Both are worded as Lambda words them. A start has no request id, and is called "init".

func timeoutError(requestID string, limit time.Duration) *Error {
	return &Error{timedOut, fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", requestID, limit.Seconds())}
}

// exitError takes "exit status 1" or "signal: killed" for a reason, and nothing for status 0.
func exitError(requestID, reason string) *Error {
	if reason == "" {
		return &Error{ProcessEnded, fmt.Sprintf("RequestId: %s Error: Runtime exited without providing a reason", requestID)}
	}
	return &Error{ProcessEnded, fmt.Sprintf("RequestId: %s Error: Runtime exited with error: %s", requestID, reason)}
}

func sizeError(errorType, what string) *Error {
	return &Error{errorType, fmt.Sprintf("the %s is over the %d bytes of a synchronous invocation", what, maxPayload)}
}
