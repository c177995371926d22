package tokens_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"helpcrunch-mark-read/local/loopback"
	local "helpcrunch-mark-read/local/secretsmanager"
	"helpcrunch-mark-read/ops/internal/opstest"
	"helpcrunch-mark-read/ops/internal/tokens"
)

func newStore(t *testing.T) (*local.Server, *tokens.Store) {
	t.Helper()
	server := local.New(local.Options{})
	if _, err := server.Create("tokens"); err != nil {
		t.Fatal(err)
	}
	client := secretsmanager.NewFromConfig(opstest.Config("http://secrets.local", &http.Client{Transport: loopback.Transport(server)}))
	return server, &tokens.Store{API: client, SecretID: "tokens"}
}

func with(name string) func(tokens.Set) (tokens.Set, error) {
	token := tokens.Token{Name: name, Value: tokens.Random()}
	return func(s tokens.Set) (tokens.Set, error) { return s.With(token) }
}

// Many write at once, from the first value on: each is retried on what the others wrote, and none is lost.
func TestWritersAtOnceLoseNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, store := newStore(t)
		const writers = 8
		var all sync.WaitGroup
		for n := range writers {
			all.Go(func() {
				for round := range 3 {
					if _, err := store.Change(t.Context(), with(fmt.Sprintf("writer-%d-%d", n, round))); err != nil {
						t.Errorf("writer %d: %v", n, err)
					}
				}
			})
		}
		all.Wait()
		set, _, err := store.Read(t.Context())
		if err != nil || len(set) != 3*writers {
			t.Errorf("%d tokens are left: %v, %v", len(set), set.Names(), err)
		}
	})
}

// intruder writes between the reading and the writing of somebody else.
type intruder struct {
	tokens.SecretsManager
	before func(action string) // called before each write
	after  error               // of the move of the label, once
}

func (i *intruder) PutSecretValue(ctx context.Context, in *secretsmanager.PutSecretValueInput, o ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error) {
	i.before("put")
	return i.SecretsManager.PutSecretValue(ctx, in, o...)
}

func (i *intruder) UpdateSecretVersionStage(ctx context.Context, in *secretsmanager.UpdateSecretVersionStageInput, o ...func(*secretsmanager.Options)) (*secretsmanager.UpdateSecretVersionStageOutput, error) {
	i.before("move")
	out, err := i.SecretsManager.UpdateSecretVersionStage(ctx, in, o...)
	if err == nil && aws.ToString(in.VersionStage) == "AWSCURRENT" && i.after != nil {
		err, i.after = i.after, nil
	}
	return out, err
}

func TestAWriteInBetween(t *testing.T) {
	for _, at := range []string{"put", "move"} {
		t.Run("before the "+at, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, store := newStore(t)
				if _, err := store.Change(t.Context(), with("crm")); err != nil {
					t.Fatal(err)
				}
				once := sync.OnceFunc(func() {
					if err := server.Rotate("tokens", "written-by-hand-in-between"); err != nil {
						t.Error(err)
					}
				})
				between := &intruder{SecretsManager: store.API, before: func(action string) {
					if action == at {
						once()
					}
				}}
				set, err := (&tokens.Store{API: between, SecretID: "tokens"}).Change(t.Context(), with("app"))
				if err != nil || !slices.Equal(set.Names(), []string{"token-1", "app"}) {
					t.Errorf("%v, %v", set.Names(), err)
				}
				now, _, err := store.Read(t.Context())
				if err != nil || !slices.Equal(now, set) {
					t.Errorf("the secret holds %v, %v", now.Names(), err)
				}
			})
		})
	}
}

// A move whose answer is lost was made all the same.
func TestALostAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, store := newStore(t)
		if _, err := store.Change(t.Context(), with("crm")); err != nil {
			t.Fatal(err)
		}
		lost := &intruder{SecretsManager: store.API, before: func(string) {}, after: errors.New("the connection broke")}
		set, err := (&tokens.Store{API: lost, SecretID: "tokens"}).Change(t.Context(), with("app"))
		if now, _, _ := store.Read(t.Context()); err != nil || len(now) != 2 || !slices.Equal(now, set) {
			t.Errorf("%v, %v", now.Names(), err)
		}
	})
}

// The versions that a change made keep no label of its own: a secret has room for twenty.
func TestNoLabelIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, store := newStore(t)
		for _, name := range []string{"a", "b", "c"} {
			if _, err := store.Change(t.Context(), with(name)); err != nil {
				t.Fatal(err)
			}
		}
		out, err := store.API.(*secretsmanager.Client).DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: aws.String("tokens")})
		var labels []string
		for _, stages := range out.VersionIdsToStages {
			labels = append(labels, stages...)
		}
		slices.Sort(labels)
		if err != nil || !slices.Equal(labels, []string{"AWSCURRENT", "AWSPREVIOUS"}) {
			t.Errorf("%v, %v", labels, err)
		}
	})
}

func TestWhatCanNotBeReadIsNotWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, store := newStore(t)
		if _, err := server.Set("tokens", "# a comment\n"+one); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Change(t.Context(), with("crm")); err == nil {
			t.Error("an unusable secret was written over")
		}
		if server.Calls()["PutSecretValue"] != 0 {
			t.Error("something was written")
		}
		server.SetHook(local.Fail(local.ErrAccessDenied))
		if _, err := store.Change(t.Context(), with("crm")); err == nil {
			t.Error("a refusal is no error")
		}
	})
}

func TestOthersWriteAllTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, store := newStore(t)
		if _, err := server.Set("tokens", one); err != nil {
			t.Fatal(err)
		}
		restless := &intruder{SecretsManager: store.API, before: func(string) { _ = server.Rotate("tokens", one) }}
		if _, err := (&tokens.Store{API: restless, SecretID: "tokens"}).Change(t.Context(), with("crm")); !errors.Is(err, tokens.ErrBusy) {
			t.Errorf("%v", err)
		}
	})
}
