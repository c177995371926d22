package bench

import (
	"os"
	"runtime"
	"runtime/debug"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"helpcrunch-mark-read/local/bench/smallest"
	"helpcrunch-mark-read/shared/boot"
)

// functions are the functions that are measured, each behind a Runtime API of its own in this process.
type functions struct {
	http, smallestHTTP   runtimeAPI
	queue, smallestQueue runtimeAPI
}

// startFunctions starts them. They run until the process ends: aws-lambda-go's loop ends with os.Exit and not otherwise.
func startFunctions(t testing.TB) functions {
	t.Helper()
	variables := upstreams(t)
	for name, value := range variables {
		t.Setenv(name, value)
	}
	return functions{
		http: start(t, wire(t, boot.HTTP).Handle), smallestHTTP: start(t, smallest.HTTP),
		queue: start(t, wire(t, boot.Queue).Handle), smallestQueue: start(t, smallest.Queue),
	}
}

// upstreams starts HelpCrunch and Secrets Manager over plain HTTP, and returns the variables that name them.
func upstreams(t testing.TB) map[string]string {
	t.Helper()
	return variablesFor(startUpstream(t, helpCrunch()), startUpstream(t, secretsManager()))
}

// wire builds a handler whose log lines and metrics go nowhere: they are written, and the writing is counted.
func wire[H any](t testing.TB, function boot.Wire[H]) H {
	t.Helper()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = null
	defer func() { os.Stdout = stdout }()
	handler, err := function(t.Context(), os.Getenv)
	if err != nil {
		t.Fatal(err)
	}
	return handler
}

func start(t testing.TB, handler any) runtimeAPI {
	t.Helper()
	api, err := newRuntimeAPI()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_LAMBDA_RUNTIME_API", api.address)
	go lambda.Start(handler)
	if _, err := api.awaitStart(); err != nil {
		t.Fatal(err)
	}
	return api
}

// allocations counts what one invocation allocates, garbage collection off and every pool filled. The call that starts the
// invocations is counted with them, a fraction of an allocation for each.
func allocations(t testing.TB, api runtimeAPI, event []byte) float64 {
	t.Helper()
	const warm, rounds = 20, 1000
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	invoke(t, api, event, warm)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	invoke(t, api, event, rounds)
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / rounds
}

func invoke(t testing.TB, api runtimeAPI, event []byte, times int) (answer []byte, took time.Duration) {
	t.Helper()
	answer, took, err := api.invoke(event, times)
	if err != nil {
		t.Fatal(err)
	}
	return answer, took
}
