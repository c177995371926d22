package secretsmanager

import (
	"encoding/json"
	"net/http"
	"time"
)

// request holds the members of every action's input. Members that are not here are ignored, as they change nothing that
// this package promises (descriptions, tags, keys of KMS, replicas).
type request struct {
	Name                       string
	SecretID                   string `json:"SecretId"`
	ClientRequestToken         string
	SecretString               *string
	SecretBinary               []byte
	VersionID                  string `json:"VersionId"`
	VersionStage               string
	VersionStages              []string
	MoveToVersionID            string `json:"MoveToVersionId"`
	RemoveFromVersionID        string `json:"RemoveFromVersionId"`
	RecoveryWindowInDays       int64
	ForceDeleteWithoutRecovery bool
}

// name is how the caller names the secret, whatever the action.
func (r *request) name() string {
	if r.SecretID != "" {
		return r.SecretID
	}
	return r.Name
}

// value returns nil when the request holds no value. An empty one is let through: clients have to cope with it.
func (r *request) value() (*value, error) {
	switch {
	case r.SecretString != nil && r.SecretBinary != nil:
		return nil, invalidParameter("You can't specify both a binary secret value and a string secret value in the same secret.")
	case r.SecretString != nil:
		return &value{text: *r.SecretString}, nil
	case r.SecretBinary != nil:
		return &value{binary: r.SecretBinary}, nil
	}
	return nil, nil
}

// response holds the members of every action's output.
type response struct {
	ARN                string              `json:",omitempty"`
	Name               string              `json:",omitempty"`
	VersionID          string              `json:"VersionId,omitempty"`
	SecretString       *string             `json:",omitempty"`
	SecretBinary       []byte              `json:",omitempty"`
	VersionStages      []string            `json:",omitempty"`
	VersionIDsToStages map[string][]string `json:"VersionIdsToStages,omitempty"`
	CreatedDate        *float64            `json:",omitempty"`
	LastChangedDate    *float64            `json:",omitempty"`
	DeletedDate        *float64            `json:",omitempty"`
	DeletionDate       *float64            `json:",omitempty"`
}

// seconds is a timestamp of AWS JSON: seconds since 1970 with a fraction, and no member at all for no time.
func seconds(t time.Time) *float64 {
	if t.IsZero() {
		return nil
	}
	return new(float64(t.UnixMilli()) / 1000)
}

func decode(body []byte) (*request, error) {
	in := new(request)
	if err := json.Unmarshal(body, in); err != nil {
		return in, &Error{Type: "SerializationException", Message: "the body is not JSON for this action", Status: http.StatusBadRequest}
	}
	return in, nil
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		panic("a response of the server's own making is not JSON: " + err.Error())
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a client that has gone is no concern of the handler's
}
