package loopback

import (
	"bytes"
	"io"
	"net/http"
)

// recorder is the ResponseWriter of one request. It stands in for httptest.ResponseRecorder, whose
// package adds a flag to every program that imports it.
type recorder struct {
	header http.Header
	status int
	sent   http.Header
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status != 0 {
		return
	}
	w.status = status
	w.sent = w.header.Clone()
}

func (w *recorder) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

type result struct {
	recorder *recorder
	err      error
}

func (got result) response(r *http.Request) (*http.Response, error) {
	if got.err != nil {
		return nil, got.err
	}
	w := got.recorder
	w.WriteHeader(http.StatusOK)
	return &http.Response{
		Status:        http.StatusText(w.status),
		StatusCode:    w.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        w.sent,
		Body:          io.NopCloser(&w.body),
		ContentLength: int64(w.body.Len()),
		Request:       r,
	}, nil
}
