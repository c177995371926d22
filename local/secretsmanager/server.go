// Package secretsmanager is the needed part of AWS Secrets Manager, in memory and over its own wire protocol (AWS JSON 1.1),
// so that the SDK's real client talks to it. It is part of the local stack and of the tests, never of the product.
//
// Left out: deleting secrets, dates but of a value's creation, and rules for names.
package secretsmanager

import (
	"cmp"
	"maps"
	"net/http"
	"sync"

	"helpcrunch-mark-read/local/awsjson"
)

// Options say whose Secrets Manager it is; both have defaults.
type Options struct {
	Region    string // in ARNs; "us-east-1" when ""
	AccountID string // in ARNs; "000000000000" when ""
}

// Server is an in-memory Secrets Manager. It is an http.Handler and safe for concurrent use. Signatures are not checked.
// It knows time only by time.Now, so that it runs in a synctest bubble.
type Server struct {
	region, account string

	mu      sync.Mutex // never held while a hook runs
	secrets []*secret
	calls   map[string]int
	hook    Hook
}

// New makes a Secrets Manager without secrets.
func New(o Options) *Server {
	return &Server{region: cmp.Or(o.Region, "us-east-1"), account: cmp.Or(o.AccountID, "000000000000"), calls: map[string]int{}}
}

// Calls returns how often each action was called, failed calls and the SDK's own retries included.
func (s *Server) Calls() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.calls)
}

// ServeHTTP serves one action.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	service := awsjson.Service{Target: "secretsmanager.", Version: "1.1", Internal: refusal("InternalServiceError", "An error occurred on the server side.")}
	service.Internal.Status = http.StatusInternalServerError
	service.Serve(w, r, func(name string) awsjson.Action {
		run := actions[name]
		if run == nil {
			return nil
		}
		return func(r *http.Request, body []byte) (any, error) {
			in, err := awsjson.Decode[request](body)
			if err != nil {
				return nil, err
			}
			if hook := s.count(name); hook != nil {
				if err := hook(r.Context(), name, cmp.Or(in.SecretID, in.Name)); err != nil {
					return nil, err
				}
			}
			return s.run(run, &in)
		}
	})
}

func (s *Server) count(action string) Hook {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[action]++
	return s.hook
}

func (s *Server) run(action action, in *request) (*response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return action(s, in)
}

// Create makes a secret without a value, as a CloudFormation stack does that leaves filling it to its operator, and returns
// its ARN. The errors are those of CreateSecret.
func (s *Server) Create(name string) (arn string, err error) {
	return s.arnOf((*Server).createSecret, &request{Name: name})
}

// Set puts a new current value into a secret, and makes the secret if there is none; it returns the ARN.
func (s *Server) Set(name, text string) (arn string, err error) {
	return s.arnOf((*Server).set, &request{Name: name, SecretID: name, SecretString: &text})
}

// SetBinary is Set for a binary value.
func (s *Server) SetBinary(name string, binary []byte) (arn string, err error) {
	return s.arnOf((*Server).set, &request{Name: name, SecretID: name, SecretBinary: binary})
}

// Rotate puts into a secret (by name or ARN) a new current value; the value before it becomes the previous one. The error is
// that of PutSecretValue for a secret that is not there.
func (s *Server) Rotate(id, text string) error {
	_, err := s.run((*Server).putSecretValue, &request{SecretID: id, SecretString: &text})
	return err
}

func (s *Server) set(in *request) (*response, error) {
	if s.lookup(in.SecretID) == nil {
		return s.createSecret(in)
	}
	return s.putSecretValue(in)
}

func (s *Server) arnOf(action action, in *request) (string, error) {
	out, err := s.run(action, in)
	if err != nil {
		return "", err
	}
	return out.ARN, nil
}
