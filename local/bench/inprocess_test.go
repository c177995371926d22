package bench

import (
	"os"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

	"helpcrunch-mark-read/local/bench/smallest"
	"helpcrunch-mark-read/shared/boot"
)

// functions are the functions that are measured, each behind a Runtime API of its own in this process.
type functions struct {
	http, smallestHTTP   *RuntimeAPI
	queue, smallestQueue *RuntimeAPI
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

// upstreams starts HelpCrunch and Secrets Manager over plain HTTP, and gives the variables that name them.
func upstreams(t testing.TB) map[string]string {
	t.Helper()
	helpCrunch, err := StartUpstream(UpstreamConfig{Answer: HelpCrunchAnswer()})
	if err != nil {
		t.Fatal(err)
	}
	secrets, err := StartUpstream(UpstreamConfig{Answer: SecretAnswer()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = helpCrunch.Close(), secrets.Close() })
	return Variables(helpCrunch.URL, secrets.URL)
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

func start(t testing.TB, handler any) *RuntimeAPI {
	t.Helper()
	api, err := NewRuntimeAPI()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("AWS_LAMBDA_RUNTIME_API", api.Address())
	go lambda.Start(handler)
	if _, err := api.AwaitPoll(); err != nil {
		t.Fatal(err)
	}
	return api
}

// invoke runs one invocation to its end, which is the function's next question for work.
func invoke(t testing.TB, api *RuntimeAPI, event []byte) []byte {
	body, _, err := api.Invoke(event)
	if err == nil {
		_, err = api.AwaitPoll()
	}
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// allocations counts what one invocation allocates, garbage collection off and every pool filled.
func allocations(t testing.TB, api *RuntimeAPI, event []byte) float64 {
	t.Helper()
	const rounds = 300
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	for range 20 {
		invoke(t, api, event)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range rounds {
		invoke(t, api, event)
	}
	runtime.ReadMemStats(&after)
	return float64(after.Mallocs-before.Mallocs) / rounds
}
