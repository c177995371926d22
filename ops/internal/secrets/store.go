// Package secrets writes HelpCrunch's API key and the callers' tokens into their secrets. Tokens have names, and none is lost that
// somebody else writes at the same time.
package secrets

import (
	"context"
	"crypto/rand"
	"errors"
	mathrand "math/rand/v2"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	smithytime "github.com/aws/smithy-go/time"
)

// Store is the secret with the callers' tokens. It is safe for concurrent use, also by several computers.
type Store struct {
	API      *secretsmanager.Client
	SecretID string
}

const (
	current  = "AWSCURRENT"
	attempts = 12                     // how often a change is made anew on what somebody else has just written
	step     = 100 * time.Millisecond // by which the random wait between attempts grows
)

// ErrBusy reports that others wrote the secret again and again.
var ErrBusy = errors.New("the secret with the callers' tokens changes all the time: nothing was changed; try again")

// Random makes a token: 52 characters with 260 random bits.
func Random() string { return rand.Text() + rand.Text() }

// version is the current version of a secret.
type version struct {
	id, content string // empty without a value
	binary      bool
}

// read reads a secret. A missing one is as one without a value: if there is no secret at all, the write says so.
func read(ctx context.Context, api *secretsmanager.Client, id string) (version, error) {
	got, err := api.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(id)})
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		return version{}, nil
	}
	if err != nil {
		return version{}, err
	}
	v := version{aws.ToString(got.VersionId), aws.ToString(got.SecretString), got.SecretString == nil}
	if v.binary {
		v.content = string(got.SecretBinary)
	}
	return v, nil
}

// Read returns the tokens and the id of the version that holds them; a secret without a value has no tokens and no version.
func (s *Store) Read(ctx context.Context) (Set, string, error) {
	current, err := read(ctx, s.API, s.SecretID)
	if err != nil {
		return nil, "", err
	}
	set, err := Parse(current.content)
	return set, current.id, err
}

// Change writes what change makes of the tokens, and returns it. Secrets Manager has no conditional write: the new value
// is put beside the current one under a label of its own, and then AWSCURRENT is moved there from the version that was read. That
// fails if AWSCURRENT has moved meanwhile, and the change is made anew on what stands there then, so that two people who write at once
// lose nothing of each other's.
func (s *Store) Change(ctx context.Context, change func(Set) (Set, error)) (Set, error) {
	for n := range attempts {
		before, version, err := s.Read(ctx)
		if err != nil {
			return nil, err
		}
		after, err := change(before)
		if err != nil {
			return nil, err
		}
		swapped, err := s.swap(ctx, version, after.Content())
		if err != nil || swapped {
			return after, err
		}
		if err := smithytime.SleepWithContext(ctx, mathrand.N(time.Duration(n+1)*step)); err != nil {
			return nil, err
		}
	}
	return nil, ErrBusy
}

// swap makes a content the current value if the version is still the current one, and reports whether it did.
func (s *Store) swap(ctx context.Context, version, content string) (bool, error) {
	label := "ops-" + rand.Text()
	put, err := s.API.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{
		SecretId: aws.String(s.SecretID), SecretString: aws.String(content), VersionStages: []string{label},
	})
	if err != nil {
		return false, err
	}
	// A version without a label is removed by Secrets Manager in time. One that keeps this label only takes up room.
	defer func() {
		_, _ = s.API.UpdateSecretVersionStage(context.WithoutCancel(ctx), &secretsmanager.UpdateSecretVersionStageInput{
			SecretId: aws.String(s.SecretID), VersionStage: aws.String(label), RemoveFromVersionId: put.VersionId,
		})
	}()
	if slices.Contains(put.VersionStages, current) {
		return true, nil // the first value of a secret is the current one at once
	}
	move := &secretsmanager.UpdateSecretVersionStageInput{SecretId: aws.String(s.SecretID), VersionStage: aws.String(current), MoveToVersionId: put.VersionId}
	if version != "" {
		move.RemoveFromVersionId = aws.String(version)
	}
	_, err = s.API.UpdateSecretVersionStage(ctx, move)
	if err == nil {
		return true, nil
	}
	// AWS has more than one error for a label that stands elsewhere by now, so the label itself decides.
	_, now, readErr := s.Read(ctx)
	switch {
	case now == aws.ToString(put.VersionId):
		return true, nil // the move was made and its answer was lost
	case now != version:
		return false, readErr
	}
	return false, err
}
