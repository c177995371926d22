package secretsmanager

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
)

// The staging labels that Secrets Manager moves by itself.
const (
	current  = "AWSCURRENT"
	previous = "AWSPREVIOUS"
)

// version is one value that a secret has or had. Versions without a label are kept, as AWS keeps those of the last day.
type version struct {
	id      string
	text    *string
	binary  []byte // where there is no text
	created time.Time
}

// secret is one secret. Each staging label stands at one version at most, which a map from labels says by itself.
type secret struct {
	name, arn string
	versions  map[string]*version
	stages    map[string]string // label to version id
}

// put adds a version and moves labels to it.
func (s *secret) put(v *version, stages []string) {
	s.versions[v.id] = v
	if len(stages) == 0 || len(s.versions) == 1 {
		stages = append(slices.Clone(stages), current) // the first version is always the current one
	}
	for _, stage := range stages {
		s.move(stage, v.id)
	}
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
	for _, stage := range slices.Sorted(maps.Keys(s.stages)) {
		if s.stages[stage] == id {
			stages = append(stages, stage)
		}
	}
	return stages
}

// add makes a secret. Its ARN has six characters after the name, as AWS's have.
func (s *Server) add(name string) *secret {
	arn := fmt.Sprintf("arn:aws:secretsmanager:%s:%s:secret:%s-%06x", s.region, s.account, name, len(s.secrets)+1)
	made := &secret{name: name, arn: arn, versions: map[string]*version{}, stages: map[string]string{}}
	s.secrets = append(s.secrets, made)
	return made
}

var suffixed = regexp.MustCompile(`-[A-Za-z0-9]{6}$`)

// lookup finds a secret by its name, its ARN, or its ARN without the six characters. An ARN that ends like a whole one is
// taken for one, which is AWS's trap: a secret whose name ends in a hyphen and six characters is not found by its partial ARN.
func (s *Server) lookup(id string) *secret {
	for _, secret := range s.secrets {
		byName := secret.name == id && !strings.HasPrefix(id, "arn:")
		if byName || secret.arn == id || !suffixed.MatchString(id) && suffixed.ReplaceAllString(secret.arn, "") == id {
			return secret
		}
	}
	return nil
}

// find returns the secret that a request names.
func (s *Server) find(in *request) (*secret, error) {
	if found := s.lookup(in.SecretID); found != nil {
		return found, nil
	}
	return nil, notFound("Secrets Manager can't find the specified secret.")
}
