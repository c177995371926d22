package sqs

import (
	"fmt"
	"net/http"

	"helpcrunch-mark-read/local/awsjson"
)

// Error is an error as SQS answers it. A [Fault] may return one.
type Error = awsjson.Error

// Throttled is what SQS answers above its request rate. SDKs retry it.
func Throttled() *Error {
	return &Error{Status: http.StatusForbidden, Type: "com.amazonaws.sqs#RequestThrottled", Code: "RequestThrottled", Message: "Rate exceeded"}
}

// Internal is SQS's own failure. SDKs retry it.
func Internal() *Error {
	return &Error{
		Status: http.StatusInternalServerError, Type: "com.amazon.coral.service#InternalFailure", Code: "InternalFailure",
		Message: "The request processing has failed because of an unknown error.",
	}
}

// prefix is what some errors of SQS's own model have before their code.
const prefix = "AWS.SimpleQueueService."

// refusal is an error of SQS's own model.
func refusal(shape, code, format string, args ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Type: "com.amazonaws.sqs#" + shape, Code: code, Message: fmt.Sprintf(format, args...)}
}

func invalidParameter(format string, args ...any) *Error {
	return awsjson.Refusal("InvalidParameterValueException", "InvalidParameterValue", format, args...)
}

func badValue(value any, parameter, reason string) *Error {
	return invalidParameter("Value %v for parameter %s is invalid. Reason: %s", value, parameter, reason)
}

func missingParameter(name string) *Error {
	return awsjson.Refusal("MissingRequiredParameterException", "MissingParameter", "The request must contain the parameter %s.", name)
}
