package secretsmanager

import (
	"errors"
	"net/http"
)

// Error is an error as AWS sends it. The SDK's client makes its typed errors from the type's name.
type Error struct {
	Type    string // such as ResourceNotFoundException
	Message string
	Status  int // HTTP status; 400 when 0
}

func (e *Error) Error() string { return e.Type + ": " + e.Message }

// Errors that only a Hook returns.
var (
	ErrAccessDenied = &Error{Type: "AccessDeniedException", Message: "User is not authorized to perform this action on the resource"}
	ErrThrottling   = &Error{Type: "ThrottlingException", Message: "Rate exceeded"}
	ErrInternal     = &Error{Type: "InternalServiceError", Message: "An error occurred on the server side.", Status: http.StatusInternalServerError}
	ErrDecryption   = &Error{Type: "DecryptionFailure", Message: "Secrets Manager can't decrypt the protected secret text using the provided KMS key."}
)

func notFound(message string) error {
	return &Error{Type: "ResourceNotFoundException", Message: message}
}

func invalidRequest(message string) error {
	return &Error{Type: "InvalidRequestException", Message: message}
}

func invalidParameter(message string) error {
	return &Error{Type: "InvalidParameterException", Message: message}
}

func exists(message string) error {
	return &Error{Type: "ResourceExistsException", Message: message}
}

// writeError sends an error of AWS's as it is, and any other as AWS's own failure, which the SDK tries again.
func writeError(w http.ResponseWriter, err error) {
	var e *Error
	if !errors.As(err, &e) {
		e = ErrInternal
	}
	status := e.Status
	if status == 0 {
		status = http.StatusBadRequest
	}
	w.Header().Set("X-Amzn-ErrorType", e.Type)
	writeJSON(w, status, map[string]string{"__type": e.Type, "message": e.Message})
}
