package lambda_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"helpcrunch-mark-read/local/lambda"
)

// gate is a server that functions call: each call shows in arrived and is held until released.
type gate struct {
	arrived chan struct{}
	release chan struct{}
	payload []byte // an event that makes the function call here
}

func newGate(t *testing.T) *gate {
	g := &gate{arrived: make(chan struct{}, 16), release: make(chan struct{})}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g.arrived <- struct{}{}
		select {
		case <-g.release:
		case <-r.Context().Done():
		}
	}))
	t.Cleanup(server.Close)
	g.payload = fmt.Appendf(nil, `{"do":"get","text":%q}`, server.URL)
	return g
}

// invokeInBackground returns the invocation's error.
func invokeInBackground(ctx context.Context, f *lambda.Function, payload []byte) <-chan error {
	done := make(chan error, 1)
	go func() {
		_, err := f.Invoke(ctx, payload)
		done <- err
	}()
	return done
}

func TestWarmEnvironmentIsUsedAgain(t *testing.T) {
	f := newFunction(t, lambda.Config{MaxConcurrency: 3})
	first := echo(t, f)
	if second := echo(t, f); second.PID != first.PID {
		t.Errorf("processes %d and %d", first.PID, second.PID)
	}
}

func TestMostRecentlyUsedEnvironmentFirst(t *testing.T) {
	f := newFunction(t, lambda.Config{MaxConcurrency: 2})
	older, newer := newGate(t), newGate(t)
	olderDone := invokeInBackground(t.Context(), f, older.payload)
	<-older.arrived
	newerDone := invokeInBackground(t.Context(), f, newer.payload)
	<-newer.arrived
	processes := f.Processes()

	close(newer.release)
	if err := <-newerDone; err != nil {
		t.Fatal(err)
	}
	close(older.release)
	if err := <-olderDone; err != nil {
		t.Fatal(err)
	}
	if got := echo(t, f); got.PID != processes[0] {
		t.Errorf("process %d of %v", got.PID, processes)
	}
}

func TestThrottledWhenAllAreTaken(t *testing.T) {
	f := newFunction(t, lambda.Config{MaxConcurrency: 2})
	g := newGate(t)
	first, second := invokeInBackground(t.Context(), f, g.payload), invokeInBackground(t.Context(), f, g.payload)
	<-g.arrived
	<-g.arrived
	var throttled *lambda.Error
	if _, err := f.Invoke(t.Context(), []byte(`{}`)); !errors.As(err, &throttled) || !strings.Contains(err.Error(), "all 2 environments of test") || !throttled.Throttled() {
		t.Errorf("got %v", err)
	}
	close(g.release)
	if err := errors.Join(<-first, <-second); err != nil {
		t.Fatal(err)
	}
	echo(t, f)
	if n := len(f.Processes()); n != 2 {
		t.Errorf("%d environments", n)
	}
}

func TestInvocationOutlivesItsCaller(t *testing.T) {
	f := newFunction(t, lambda.Config{MaxConcurrency: 1})
	g := newGate(t)
	ctx, leave := context.WithCancel(t.Context())
	done := invokeInBackground(ctx, f, g.payload)
	<-g.arrived
	leave()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	var throttled *lambda.Error
	if _, err := f.Invoke(t.Context(), []byte(`{}`)); !errors.As(err, &throttled) || !throttled.Throttled() {
		t.Errorf("the environment is not busy: %v", err)
	}
	close(g.release)
	if err := f.Stop(t.Context()); err != nil {
		t.Errorf("stopping waits for it: %v", err)
	}
}

func TestKilledInTheMidst(t *testing.T) {
	f := newFunction(t, lambda.Config{MaxConcurrency: 2})
	before := echo(t, f)
	g := newGate(t)
	done := invokeInBackground(t.Context(), f, g.payload)
	<-g.arrived
	f.Kill()
	var exit *lambda.Error
	if err := <-done; !errors.As(err, &exit) || exit.Type != lambda.ProcessEnded || !strings.HasSuffix(exit.Message, "Error: Runtime exited with error: signal: killed") {
		t.Errorf("got %v", err)
	}
	if after := echo(t, f); after.PID == before.PID {
		t.Error("the dead process answered")
	}
	f.Kill() // while idle: nobody notices
	echo(t, f)
}

func TestStop(t *testing.T) {
	tests := []struct {
		name  string
		start string
		lines []string
	}{
		{"the process ends by SIGTERM", "", nil},
		{"the process has its last words at SIGTERM", "trap", []string{"terminated"}},
		{"the process ignores SIGTERM and is killed", "deaf", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var output lines
			f := newFunction(t, lambda.Config{Environment: map[string]string{"START": test.start}, Log: output.add})
			echo(t, f)
			if err := f.Stop(t.Context()); err != nil {
				t.Error(err)
			}
			if left := f.Processes(); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
			if got := output.all(); !slices.Equal(got, test.lines) {
				t.Errorf("output %q", got)
			}
			if _, err := f.Invoke(t.Context(), []byte(`{}`)); !errors.Is(err, lambda.ErrStopped) {
				t.Errorf("an invocation afterwards: %v", err)
			}
		})
	}
}

func TestStopCutsShortWhatOutlastsIt(t *testing.T) {
	f := newFunction(t, lambda.Config{MaxConcurrency: 1})
	g := newGate(t)
	running := invokeInBackground(t.Context(), f, g.payload)
	<-g.arrived
	impatient, cancel := context.WithCancel(t.Context())
	cancel()
	if err := f.Stop(impatient); !errors.Is(err, context.Canceled) {
		t.Errorf("stopping: %v", err)
	}
	var exit *lambda.Error
	if err := <-running; !errors.As(err, &exit) || exit.Type != lambda.ProcessEnded {
		t.Errorf("the invocation: %v", err)
	}
	if left := f.Processes(); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}
