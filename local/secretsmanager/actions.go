package secretsmanager

import (
	"crypto/rand"
	"fmt"
	"slices"
	"time"
)

// recoveryDays is after how many days a deleted secret is gone when the request does not say.
const recoveryDays = 30

// action runs with the server's lock held.
type action func(*Server, *request) (*response, error)

var actions = map[string]action{
	"CreateSecret":   (*Server).createSecret,
	"GetSecretValue": (*Server).getSecretValue,
	"PutSecretValue": (*Server).putSecretValue,
	"DescribeSecret": (*Server).describeSecret,
	"DeleteSecret":   (*Server).deleteSecret,

	"UpdateSecretVersionStage": (*Server).updateSecretVersionStage,
}

func (s *Server) createSecret(in *request) (*response, error) {
	if !validName.MatchString(in.Name) {
		return nil, invalidParameter("Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!")
	}
	if old := s.lookup(in.Name); old != nil {
		if !old.deletion.IsZero() {
			return nil, invalidRequest("You can't create this secret because a secret with this name is already scheduled for deletion.")
		}
		return nil, exists("The operation failed because the secret " + in.Name + " already exists.")
	}
	v, err := in.value()
	if err != nil {
		return nil, err
	}
	now := time.Now()
	made := &secret{
		name: in.Name, arn: s.arn(in.Name), created: now, changed: now,
		versions: make(map[string]*version), stages: make(map[string]string),
	}
	s.secrets = append(s.secrets, made)
	out := &response{ARN: made.arn, Name: made.name}
	if v != nil {
		out.VersionID = versionID(in)
		err = made.put(out.VersionID, v, nil, now)
	}
	return out, err
}

func (s *Server) getSecretValue(in *request) (*response, error) {
	found, err := s.findLive(in)
	if err != nil {
		return nil, err
	}
	v, err := found.find(in.VersionID, in.VersionStage)
	if err != nil {
		return nil, err
	}
	out := &response{
		ARN: found.arn, Name: found.name, VersionID: v.id,
		VersionStages: found.stagesOf(v.id), CreatedDate: seconds(v.created),
	}
	if v.value.binary != nil {
		out.SecretBinary = v.value.binary
	} else {
		out.SecretString = &v.value.text
	}
	return out, nil
}

func (s *Server) putSecretValue(in *request) (*response, error) {
	found, err := s.findLive(in)
	if err != nil {
		return nil, err
	}
	v, err := in.value()
	if err != nil {
		return nil, err
	}
	if v == nil {
		return nil, invalidRequest("You must provide either SecretString or SecretBinary.")
	}
	id := versionID(in)
	if err := found.put(id, v, in.VersionStages, time.Now()); err != nil {
		return nil, err
	}
	return &response{ARN: found.arn, Name: found.name, VersionID: id, VersionStages: found.stagesOf(id)}, nil
}

// updateSecretVersionStage moves a label, or takes it away. A label that stands elsewhere moves only when the caller names
// the version that it stands at: that makes the action a compare-and-swap.
func (s *Server) updateSecretVersionStage(in *request) (*response, error) {
	found, err := s.findLive(in)
	if err != nil {
		return nil, err
	}
	for _, id := range []string{in.MoveToVersionID, in.RemoveFromVersionID} {
		if id != "" && found.versions[id] == nil {
			return nil, notFound("Secrets Manager can't find the specified secret value for VersionId: " + id)
		}
	}
	at := found.stages[in.VersionStage]
	switch {
	case in.VersionStage == "":
		return nil, invalidParameter("The parameter VersionStage can't be empty.")
	case in.RemoveFromVersionID != at && at != in.MoveToVersionID:
		return nil, invalidParameter("The staging label " + in.VersionStage + " is currently attached to version " + at + ", so you must explicitly reference that version in RemoveFromVersionId.")
	case in.MoveToVersionID != "":
		found.move(in.VersionStage, in.MoveToVersionID)
	case in.VersionStage == current:
		return nil, invalidParameter("You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.")
	default:
		delete(found.stages, in.VersionStage)
	}
	found.changed = time.Now()
	return &response{ARN: found.arn, Name: found.name}, nil
}

func (s *Server) describeSecret(in *request) (*response, error) {
	found, err := s.find(in)
	if err != nil {
		return nil, err
	}
	stages := make(map[string][]string)
	for id := range found.versions {
		if labels := found.stagesOf(id); labels != nil {
			stages[id] = labels
		}
	}
	return &response{
		ARN: found.arn, Name: found.name, VersionIDsToStages: stages,
		CreatedDate: seconds(found.created), LastChangedDate: seconds(found.changed), DeletedDate: seconds(found.deletion),
	}, nil
}

func (s *Server) deleteSecret(in *request) (*response, error) {
	if in.ForceDeleteWithoutRecovery && in.RecoveryWindowInDays != 0 {
		return nil, invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
	}
	if in.RecoveryWindowInDays != 0 && (in.RecoveryWindowInDays < 7 || in.RecoveryWindowInDays > 30) {
		return nil, invalidParameter("The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).")
	}
	found, err := s.find(in)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	if in.ForceDeleteWithoutRecovery {
		s.secrets = slices.DeleteFunc(s.secrets, func(other *secret) bool { return other == found })
		return &response{ARN: found.arn, Name: found.name, DeletionDate: seconds(now)}, nil
	}
	if _, err := s.findLive(in); err != nil {
		return nil, err
	}
	days := in.RecoveryWindowInDays
	if days == 0 {
		days = recoveryDays
	}
	found.deletion = now.AddDate(0, 0, int(days))
	return &response{ARN: found.arn, Name: found.name, DeletionDate: seconds(found.deletion)}, nil
}

// versionID is the request's token, which the SDK makes up when the caller sends none.
func versionID(in *request) string {
	if in.ClientRequestToken != "" {
		return in.ClientRequestToken
	}
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
