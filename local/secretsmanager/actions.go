package secretsmanager

import (
	"cmp"
	"reflect"
	"time"

	"helpcrunch-mark-read/local/awsjson"
)

// request holds the members of every action's input. Members that are not here are ignored, as they change nothing that
// this package promises (descriptions, tags, keys of KMS, replicas).
type request struct {
	Name                string
	SecretID            string `json:"SecretId"`
	ClientRequestToken  string
	SecretString        *string
	SecretBinary        []byte
	VersionID           string `json:"VersionId"`
	VersionStage        string
	VersionStages       []string
	MoveToVersionID     string `json:"MoveToVersionId"`
	RemoveFromVersionID string `json:"RemoveFromVersionId"`
}

// response holds the members of every action's output.
type response struct {
	ARN                string
	Name               string
	VersionID          string              `json:"VersionId,omitempty"`
	SecretString       *string             `json:",omitempty"`
	SecretBinary       []byte              `json:",omitempty"`
	VersionStages      []string            `json:",omitempty"`
	VersionIDsToStages map[string][]string `json:"VersionIdsToStages,omitempty"`
	CreatedDate        float64             `json:",omitempty"` // in seconds since 1970
}

// action runs with the server's lock held.
type action func(*Server, *request) (*response, error)

var actions = map[string]action{
	"CreateSecret":   (*Server).createSecret,
	"GetSecretValue": (*Server).getSecretValue,
	"PutSecretValue": (*Server).putSecretValue,
	"DescribeSecret": (*Server).describeSecret,

	"UpdateSecretVersionStage": (*Server).updateSecretVersionStage,
}

func invalidParameter(message string) error { return refusal("InvalidParameterException", message) }

func notFound(message string) error { return refusal("ResourceNotFoundException", message) }

// version makes a version of a request's value; nil for a request without one. An empty one is let through: clients have to
// cope with it. The SDK makes up a token when the caller sends none.
func (in *request) version() *version {
	if in.SecretString == nil && in.SecretBinary == nil {
		return nil
	}
	return &version{cmp.Or(in.ClientRequestToken, awsjson.NewID()), in.SecretString, in.SecretBinary, time.Now()}
}

func (s *Server) createSecret(in *request) (*response, error) {
	if s.lookup(in.Name) != nil {
		return nil, refusal("ResourceExistsException", "The operation failed because the secret "+in.Name+" already exists.")
	}
	made := s.add(in.Name)
	out := &response{ARN: made.arn, Name: made.name}
	if v := in.version(); v != nil {
		made.put(v, nil)
		out.VersionID = v.id
	}
	return out, nil
}

func (s *Server) getSecretValue(in *request) (*response, error) {
	found, err := s.find(in)
	if err != nil {
		return nil, err
	}
	stage := cmp.Or(in.VersionStage, current)
	v := found.versions[cmp.Or(in.VersionID, found.stages[stage])]
	if v == nil {
		return nil, notFound("Secrets Manager can't find the specified secret value for VersionId " + in.VersionID + " or staging label " + stage)
	}
	return &response{
		ARN: found.arn, Name: found.name, VersionID: v.id, SecretString: v.text, SecretBinary: v.binary,
		VersionStages: found.stagesOf(v.id), CreatedDate: float64(v.created.UnixMilli()) / 1000,
	}, nil
}

func (s *Server) putSecretValue(in *request) (*response, error) {
	found, err := s.find(in)
	if err != nil {
		return nil, err
	}
	v := in.version()
	if v == nil {
		return nil, refusal("InvalidRequestException", "You must provide either SecretString or SecretBinary.")
	}
	// A version never changes. The SDK sends the same token again where an answer was lost, which is no second change.
	switch old := found.versions[v.id]; {
	case old == nil:
		found.put(v, in.VersionStages)
	case !reflect.DeepEqual([]any{old.text, old.binary}, []any{v.text, v.binary}):
		return nil, refusal("ResourceExistsException", "You can't use ClientRequestToken "+v.id+" because that value is already in use for a version of secret "+found.arn+".")
	}
	return &response{ARN: found.arn, Name: found.name, VersionID: v.id, VersionStages: found.stagesOf(v.id)}, nil
}

// updateSecretVersionStage moves a label, or takes it away. A label that stands elsewhere moves only when the caller names
// the version that it stands at: that makes the action a compare-and-swap.
func (s *Server) updateSecretVersionStage(in *request) (*response, error) {
	found, err := s.find(in)
	if err != nil {
		return nil, err
	}
	at := found.stages[in.VersionStage]
	switch {
	case in.MoveToVersionID != "" && found.versions[in.MoveToVersionID] == nil:
		return nil, notFound("Secrets Manager can't find the specified secret value for VersionId: " + in.MoveToVersionID)
	case in.RemoveFromVersionID != at && at != in.MoveToVersionID:
		return nil, invalidParameter("The staging label " + in.VersionStage + " is currently attached to version " + at + ", so you must explicitly reference that version in RemoveFromVersionId.")
	case in.MoveToVersionID != "":
		found.move(in.VersionStage, in.MoveToVersionID)
	case in.VersionStage == current:
		return nil, invalidParameter("You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.")
	default:
		delete(found.stages, in.VersionStage)
	}
	return &response{ARN: found.arn, Name: found.name}, nil
}

func (s *Server) describeSecret(in *request) (*response, error) {
	found, err := s.find(in)
	if err != nil {
		return nil, err
	}
	stages := map[string][]string{}
	for _, id := range found.stages {
		stages[id] = found.stagesOf(id)
	}
	return &response{ARN: found.arn, Name: found.name, VersionIDsToStages: stages}, nil
}
