// Package boot turns the environment into a running function: it reads the configuration, with all its faults at once,
// wires the parts and hands the handler to Lambda. It is a package of its own so that a main only names its function.
package boot

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"helpcrunch-mark-read/shared/telemetry"
)

// version says which build this is; the linker sets it.
var version = "unknown"

// Handler is a function's handler, whose event and response aws-lambda-go decodes and encodes.
type Handler[In, Out any] interface {
	Handle(ctx context.Context, event In) (Out, error)
}

// Wire builds a function's handler from the environment.
type Wire[H any] func(ctx context.Context, getenv func(string) string) (H, error)

// Start runs a function until Lambda ends it. What keeps it from starting is logged in one line and reported to Lambda.
func Start[H Handler[In, Out], In, Out any](wire Wire[H]) {
	log := telemetry.NewLogger(os.Stderr, os.Getenv("AWS_LAMBDA_LOG_FORMAT"), os.Getenv("AWS_LAMBDA_LOG_LEVEL"))
	slog.SetDefault(log) // aws-lambda-go writes through the standard logger, in plain text otherwise
	handler, err := wire(context.Background(), os.Getenv)
	if err != nil {
		log.Error("the function cannot start", "error", err.Error())
		reportInitError(os.Getenv("AWS_LAMBDA_RUNTIME_API"), err)
		os.Exit(1)
	}
	log.Info("started", "version", version)
	lambda.StartHandlerFunc(handler.Handle)
}

// reportInitError reports to the Runtime API why there will be no function, so that who invokes it sees the reason instead of
// "exit status 1".
func reportInitError(api string, err error) {
	body, _ := json.Marshal(map[string]string{"errorType": "Boot.Configuration", "errorMessage": err.Error()}) // strings can always be marshalled
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+api+"/2018-06-01/runtime/init/error", bytes.NewReader(body))
	if api == "" || err != nil {
		return
	}
	request.Header.Set("Lambda-Runtime-Function-Error-Type", "Boot.Configuration")
	if response, err := http.DefaultClient.Do(request); err == nil {
		_ = response.Body.Close()
	}
}
