package sqs

import "fmt"

// Error is an error as SQS answers it. SDKs know it by Type (the JSON protocol's shape, behind
// errors.As) and show Code (the older query protocol's name, sent in a header). A [Fault] may
// return one.
type Error struct {
	Status  int    // the HTTP status
	Type    string // such as com.amazonaws.sqs#QueueDoesNotExist
	Code    string // such as AWS.SimpleQueueService.NonExistentQueue
	Message string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Throttled is what SQS answers above its request rate. SDKs retry it.
func Throttled() *Error {
	return &Error{403, "com.amazonaws.sqs#RequestThrottled", "RequestThrottled", "Rate exceeded"}
}

// Internal is SQS's own failure. SDKs retry it.
func Internal() *Error {
	return &Error{500, "com.amazon.coral.service#InternalFailure", "InternalFailure", "The request processing has failed because of an unknown error."}
}

// modelled is an error of SQS's own model whose query code has the service's prefix.
func modelled(status int, shape, code, format string, args ...any) *Error {
	return &Error{status, "com.amazonaws.sqs#" + shape, "AWS.SimpleQueueService." + code, fmt.Sprintf(format, args...)}
}

// plain is an error of SQS's own model with one name in both protocols.
func plain(status int, code, format string, args ...any) *Error {
	return &Error{status, "com.amazonaws.sqs#" + code, code, fmt.Sprintf(format, args...)}
}

// coral is an error of the framework before SQS: AWS names it with "Exception" in JSON only.
func coral(code, shape, format string, args ...any) *Error {
	return &Error{400, "com.amazon.coral.service#" + shape, code, fmt.Sprintf(format, args...)}
}

func invalidParameter(format string, args ...any) *Error {
	return coral("InvalidParameterValue", "InvalidParameterValueException", format, args...)
}

func badValue(value any, parameter, reason string) *Error {
	return invalidParameter("Value %v for parameter %s is invalid. Reason: %s", value, parameter, reason)
}

func missingParameter(name string) *Error {
	return coral("MissingParameter", "MissingRequiredParameterException", "The request must contain the parameter %s.", name)
}

func queueDoesNotExist() *Error {
	return modelled(400, "QueueDoesNotExist", "NonExistentQueue", "The specified queue does not exist.")
}

func unknownAttribute(name string) *Error {
	return plain(400, "InvalidAttributeName", "Unknown Attribute %s.", name)
}

func invalidHandle(handle string) *Error {
	return plain(404, "ReceiptHandleIsInvalid", "The input receipt handle %q is not a valid receipt handle.", handle)
}
