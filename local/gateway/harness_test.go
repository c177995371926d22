package gateway_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"helpcrunch-mark-read/local/gateway"
)

// function is an Invoker that keeps the last event.
type function struct {
	event  []byte
	answer func(ctx context.Context) ([]byte, error) // nil answers 200
}

func (f *function) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	f.event = event
	if f.answer == nil {
		return []byte(`{"statusCode":200}`), nil
	}
	return f.answer(ctx)
}

func says(text string) *function {
	return &function{answer: func(context.Context) ([]byte, error) { return []byte(text), nil }}
}

func fails(err error) *function {
	return &function{answer: func(context.Context) ([]byte, error) { return nil, err }}
}

// serve sends one request through a gateway with the catch-all route, unless the config says others.
func serve(t *testing.T, f *function, config gateway.Config, r *http.Request) *httptest.ResponseRecorder {
	t.Helper()
	if config.Routes == nil {
		config.Routes = []string{"$default"}
	}
	w := httptest.NewRecorder()
	gateway.New(f, config).ServeHTTP(w, r)
	return w
}
