package lambda

import (
	"errors"
	"fmt"
	"time"
)

// ErrStopped is given to invocations after Stop.
var ErrStopped = errors.New("the function has been stopped")

// FunctionError is an error that the function itself reported: the handler returned it or panicked with it.
type FunctionError struct {
	RequestID string
	Type      string // errorType, which aws-lambda-go fills with the Go type's name
	Message   string // errorMessage
	Payload   []byte // what was posted, byte for byte: Lambda hands it to the caller as the answer's payload
}

func (e *FunctionError) Error() string { return e.Type + ": " + e.Message }

// TimeoutError says that the function did not end in time. Its process has been killed.
type TimeoutError struct {
	RequestID string
	Timeout   time.Duration
}

// Error is worded as Lambda words errorMessage; errorType is Sandbox.Timedout there.
func (e *TimeoutError) Error() string {
	return fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", e.RequestID, e.Timeout.Seconds())
}

// ExitError says that the process ended in the middle of an invocation.
type ExitError struct {
	RequestID string
	Reason    string // "exit status 1", "signal: killed"; empty for status 0
}

// Error is worded as Lambda words errorMessage; errorType is Runtime.ExitError there.
func (e *ExitError) Error() string {
	return fmt.Sprintf("RequestId: %s Error: %s", e.RequestID, exitMessage(e.Reason))
}

// InitError says that a new environment could not be used: the function reported an error before it asked for work, or its
// process could not be started, ended, or took too long. Type is the posted errorType, Runtime.ExitError,
// Runtime.InvalidEntrypoint or Sandbox.Timedout. Lambda repeats a failed start once within the invocation; here it is reported
// at once, as the same binary would fail again. The next invocation starts afresh.
type InitError struct {
	Type    string
	Message string
}

func (e *InitError) Error() string { return "init: " + e.Type + ": " + e.Message }

// ThrottledError says that all environments were taken: Lambda's 429 TooManyRequestsException.
type ThrottledError struct {
	Function string
	Limit    int // environments
}

func (e *ThrottledError) Error() string {
	return fmt.Sprintf("rate exceeded: all %d environments of %s are taken", e.Limit, e.Function)
}

// Throttled lets a front distinguish this refusal from a failure without knowing this package.
func (*ThrottledError) Throttled() bool { return true }

// SizeError says that a payload is over Lambda's 6 MiB for synchronous invocations.
type SizeError struct {
	What string // "request" or "response"
}

func (e *SizeError) Error() string {
	return fmt.Sprintf("the %s is over the %d bytes of a synchronous invocation", e.What, maxPayload)
}

func exitMessage(reason string) string {
	if reason == "" {
		return "Runtime exited without providing a reason"
	}
	return "Runtime exited with error: " + reason
}
