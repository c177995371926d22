package secretsmanager_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	sdk "github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"helpcrunch-mark-read/local/secretsmanager"
)

func TestAHungCallEndsWithItsClient(t *testing.T) {
	server, client := setup(t)
	mustSet(t, server, name, "x")
	ctx, giveUp := context.WithCancel(t.Context())
	ended := make(chan struct{})
	server.SetHook(func(ctx context.Context, action, secret string) error {
		defer close(ended)
		giveUp() // the request has arrived: the client may go
		return secretsmanager.Hang(ctx, action, secret)
	})
	if _, err := client.GetSecretValue(ctx, &sdk.GetSecretValueInput{SecretId: aws.String(name)}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	<-ended
	server.SetHook(nil)
	if out := get(t, client, &sdk.GetSecretValueInput{SecretId: aws.String(name)}); *out.SecretString != "x" {
		t.Errorf("afterwards %q", *out.SecretString)
	}
}

func TestADelayedCallTakesItsTime(t *testing.T) {
	for _, test := range []struct {
		what     string
		patience time.Duration
		want     int // status; 0: no answer
		after    time.Duration
	}{
		{"a patient client", time.Minute, http.StatusOK, 3 * time.Second},
		{"a client that stops waiting", time.Second, 0, time.Second},
	} {
		t.Run(test.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := secretsmanager.New(secretsmanager.Options{})
				mustSet(t, server, name, "x")
				server.SetHook(secretsmanager.Delay(3 * time.Second))
				ctx, cancel := context.WithTimeout(t.Context(), test.patience)
				defer cancel()
				start := time.Now()
				if status := serve(ctx, server, "GetSecretValue", `{"SecretId":"`+name+`"}`); status != test.want {
					t.Errorf("status %d; want %d", status, test.want)
				}
				if took := time.Since(start); took != test.after {
					t.Errorf("took %v; want %v", took, test.after)
				}
			})
		})
	}
}

func TestCallsAreCounted(t *testing.T) {
	server, client := setup(t)
	mustSet(t, server, name, "x")
	get(t, client, &sdk.GetSecretValueInput{SecretId: aws.String(name)})
	server.SetHook(secretsmanager.Fail(secretsmanager.ErrThrottling))
	retrying := sdk.New(client.Options(), func(o *sdk.Options) {
		o.RetryMaxAttempts = 3
		o.Retryer = retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = 3
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		})
	})
	if _, err := retrying.DescribeSecret(t.Context(), &sdk.DescribeSecretInput{SecretId: aws.String(name)}); err == nil {
		t.Error("the hook was not asked")
	}
	want := map[string]int{"GetSecretValue": 1, "DescribeSecret": 3}
	if got := server.Calls(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v; want %v", got, want)
	}
}

func TestTheHookIsToldWhatIsAsked(t *testing.T) {
	server, client := setup(t)
	var heard []string
	server.SetHook(func(_ context.Context, action, secret string) error {
		heard = append(heard, action+" "+secret)
		return nil
	})
	if _, err := client.CreateSecret(t.Context(), &sdk.CreateSecretInput{Name: aws.String(name), SecretString: aws.String("x")}); err != nil {
		t.Fatal(err)
	}
	get(t, client, &sdk.GetSecretValueInput{SecretId: aws.String(name)})
	if want := []string{"CreateSecret " + name, "GetSecretValue " + name}; !reflect.DeepEqual(heard, want) {
		t.Errorf("heard %q; want %q", heard, want)
	}
}

// serve calls the handler as net/http would, without a socket; 0 is no answer.
func serve(ctx context.Context, h http.Handler, action, body string) (status int) {
	request := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader(body))
	request.Header.Set("X-Amz-Target", "secretsmanager."+action)
	response := httptest.NewRecorder()
	h.ServeHTTP(response, request)
	if response.Body.Len() == 0 {
		return 0
	}
	return response.Code
}
