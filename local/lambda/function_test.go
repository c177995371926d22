package lambda_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	runtime "github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct {
	Do   string `json:"do"`
	Text string `json:"text"`
	Code int    `json:"code"`
}

type oddError struct{ text string }

func (e *oddError) Error() string { return e.text }

// runAsFunction is the test program as a function that does what its events and its variables say, so that tests see every
// way in which a function can end.
func runAsFunction() {
	switch os.Getenv("START") {
	case "report":
		post("/runtime/init/error", `{"errorType":"Boot.Configuration","errorMessage":"TABLE is missing"}`)
		fmt.Println("cannot start")
		os.Exit(1)
	case "exit":
		fmt.Print("last words")
		os.Exit(3)
	case "hang":
		hang()
	case "trap":
		terminated := make(chan os.Signal, 1)
		signal.Notify(terminated, syscall.SIGTERM)
		go func() { <-terminated; fmt.Println("terminated"); os.Exit(0) }()
	case "deaf":
		signal.Ignore(syscall.SIGTERM)
	}
	runtime.Start(handle)
}

func handle(ctx context.Context, e event) (any, error) {
	switch e.Do {
	case "fail":
		return nil, &oddError{e.Text}
	case "panic":
		panic(e.Text)
	case "exit":
		os.Exit(e.Code)
	case "hang":
		hang()
	case "big":
		return strings.Repeat("x", 7<<20), nil
	case "lines":
		fmt.Println("out 1")
		fmt.Fprintln(os.Stderr, "err 2")
		fmt.Print("out 3, cut off")
		os.Exit(1)
	case "get": // blocks until the server that the test runs has answered
		response, err := http.Get(e.Text)
		if err != nil {
			return nil, err
		}
		return nil, response.Body.Close()
	case "forge": // answers for an invocation that is not there
		status, body := post("/runtime/invocation/"+e.Text+"/response", "{}")
		return fmt.Sprint(status, " ", body), nil
	case "twice": // answers for itself, and then aws-lambda-go does so again
		lc, _ := lambdacontext.FromContext(ctx)
		post("/runtime/invocation/"+lc.AwsRequestID+"/response", `"first"`)
		return "second", nil
	}
	return describe(ctx, e)
}

func describe(ctx context.Context, e event) (*answer, error) {
	lc, ok := lambdacontext.FromContext(ctx)
	if !ok {
		return nil, errors.New("no Lambda context")
	}
	deadline, _ := ctx.Deadline()
	directory, _ := os.Getwd()
	return &answer{
		PID: os.Getpid(), Text: e.Text, Environment: os.Environ(), Directory: directory,
		RequestID: lc.AwsRequestID, ARN: lc.InvokedFunctionArn, TraceID: os.Getenv("_X_AMZN_TRACE_ID"), Deadline: deadline,
	}, nil
}

func post(path, body string) (int, string) {
	url := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01" + path
	response, err := http.Post(url, "application/json", strings.NewReader(body))
	if err != nil {
		panic(err)
	}
	text, _ := io.ReadAll(response.Body)
	_ = response.Body.Close()
	return response.StatusCode, string(text)
}

func hang() { <-time.After(time.Hour) }
