package secrets_test

import (
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
	"helpcrunch-mark-read/ops/internal/secrets"
)

func newStore(t *testing.T) (*local.Server, *secrets.Store) {
	t.Helper()
	server := local.New(local.Options{})
	if _, err := server.Create("tokens"); err != nil {
		t.Fatal(err)
	}
	return server, interrupted(server, func(any) {})
}

func client(server *local.Server, answer func(in any, call func() (any, error)) (any, error)) *secretsmanager.Client {
	return secretsmanager.NewFromConfig(opstest.Intercept(opstest.Config("http://secrets.local", &http.Client{Transport: loopback.Transport(server)}), answer))
}

func with(name string) func(secrets.Set) (secrets.Set, error) {
	token := secrets.Token{Name: name, Value: secrets.Random()}
	return func(s secrets.Set) (secrets.Set, error) { return s.With(token) }
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

// interrupted is a server's secret for somebody whom others interrupt: between is called before each write.
func interrupted(server *local.Server, between func(write any)) *secrets.Store {
	return &secrets.Store{SecretID: "tokens", API: client(server, func(in any, call func() (any, error)) (any, error) {
		if _, reading := in.(*secretsmanager.GetSecretValueInput); !reading {
			between(in)
		}
		return call()
	})}
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
				set, err := interrupted(server, func(write any) {
					if _, put := write.(*secretsmanager.PutSecretValueInput); put == (at == "put") {
						once()
					}
				}).Change(t.Context(), with("app"))
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
		server, store := newStore(t)
		if _, err := store.Change(t.Context(), with("crm")); err != nil {
			t.Fatal(err)
		}
		lost := errors.New("the connection broke")
		losing := client(server, func(in any, call func() (any, error)) (any, error) {
			out, err := call()
			if move, ok := in.(*secretsmanager.UpdateSecretVersionStageInput); err == nil && ok && aws.ToString(move.VersionStage) == "AWSCURRENT" {
				err, lost = lost, nil
			}
			return out, err
		})
		set, err := (&secrets.Store{API: losing, SecretID: "tokens"}).Change(t.Context(), with("app"))
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
		out, err := store.API.DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: aws.String("tokens")})
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
		server, _ := newStore(t)
		if _, err := server.Set("tokens", one); err != nil {
			t.Fatal(err)
		}
		restless := interrupted(server, func(any) { _ = server.Rotate("tokens", one) })
		if _, err := restless.Change(t.Context(), with("crm")); !errors.Is(err, secrets.ErrBusy) {
			t.Errorf("%v", err)
		}
	})
}
