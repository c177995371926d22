package secretsmanager

import (
	"bytes"
	"maps"
	"slices"
	"time"
)

// The staging labels that Secrets Manager moves by itself.
const (
	current  = "AWSCURRENT"
	previous = "AWSPREVIOUS"
)

// value is a secret's value, a string unless binary is set.
type value struct {
	text   string
	binary []byte
}

func (v *value) equal(other *value) bool {
	return v.text == other.text && (v.binary == nil) == (other.binary == nil) && bytes.Equal(v.binary, other.binary)
}

// version is one value that a secret has or had. Versions without a label are kept, as AWS keeps those of the last day.
type version struct {
	id      string
	value   *value
	created time.Time
}

// secret is one secret. Each staging label stands at one version at most, which a map from labels says by itself.
type secret struct {
	name, arn string
	created   time.Time
	changed   time.Time
	deletion  time.Time // when it is gone for good; zero when it is not marked as deleted
	versions  map[string]*version
	stages    map[string]string // label to version id
}

// put adds a version and moves labels to it. Doing the same again does nothing; another value for a version that is there
// is an error, as AWS makes PutSecretValue idempotent by its token.
func (s *secret) put(id string, v *value, stages []string, now time.Time) error {
	if old := s.versions[id]; old != nil {
		if !old.value.equal(v) {
			return exists("You can't use ClientRequestToken " + id + " because that value is already in use for a version of secret " + s.arn + ".")
		}
		return nil
	}
	s.versions[id] = &version{id: id, value: v, created: now}
	s.changed = now
	if len(stages) == 0 || len(s.versions) == 1 {
		stages = append(slices.Clone(stages), current) // the first version is always the current one
	}
	for _, stage := range stages {
		s.move(stage, id)
	}
	return nil
}

func (s *secret) move(stage, id string) {
	if old, ok := s.stages[current]; ok && stage == current && old != id {
		s.stages[previous] = old
	}
	s.stages[stage] = id
}

// stagesOf returns the labels of a version, sorted.
func (s *secret) stagesOf(id string) []string {
	var stages []string
	for stage := range maps.Keys(s.stages) {
		if s.stages[stage] == id {
			stages = append(stages, stage)
		}
	}
	slices.Sort(stages)
	return stages
}

// find returns the version that a request asks for: by id, by label, by both when they agree, or the current one.
func (s *secret) find(id, stage string) (*version, error) {
	switch {
	case id == "" && stage == "":
		stage = current
	case id != "" && stage != "" && s.stages[stage] != id:
		return nil, invalidRequest("You provided a VersionStage that is not associated to the provided VersionId.")
	}
	if id != "" {
		if v := s.versions[id]; v != nil {
			return v, nil
		}
		return nil, notFound("Secrets Manager can't find the specified secret value for VersionId: " + id)
	}
	if v := s.versions[s.stages[stage]]; v != nil {
		return v, nil
	}
	return nil, notFound("Secrets Manager can't find the specified secret value for staging label: " + stage)
}
