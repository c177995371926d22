package helpcrunch

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"syscall"
)

// NoAnswerError reports that no status came back. Its words are our own: what a transport reports can quote
// foreign bytes, and those stay out of logs and dead letters.
type NoAnswerError struct {
	Timeout bool   // no answer in time; otherwise the connection could not be made or broke
	Reason  string // for the operator
}

func (e *NoAnswerError) Error() string { return e.Reason }

func noAnswer(ctx context.Context, err error) *NoAnswerError {
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case ctx.Err() != nil:
		return &NoAnswerError{Timeout: true, Reason: "no answer in time"}
	case errors.As(err, &dns):
		return &NoAnswerError{Reason: "the host name could not be resolved"}
	case isTLS(err):
		return &NoAnswerError{Reason: "the TLS handshake failed"}
	case errors.As(err, &timeout) && timeout.Timeout():
		return &NoAnswerError{Timeout: true, Reason: "the connection was not made in time"}
	case errors.Is(err, syscall.ECONNREFUSED):
		return &NoAnswerError{Reason: "the connection was refused"}
	}
	return &NoAnswerError{Reason: "the connection broke before an answer came"}
}

func isTLS(err error) bool {
	var record tls.RecordHeaderError
	var alert *net.OpError // "remote error": crypto/tls does not export the type of what the other side says
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	return errors.As(err, &record) || errors.As(err, &alert) && alert.Op == "remote error" || errors.As(err, &certificate) || errors.As(err, &authority)
}
