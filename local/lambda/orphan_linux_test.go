package lambda_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
	"time"
)

// A parent that is killed can stop nothing itself. Its functions must go all the same, one that is busy too: the connection
// that it holds to the test breaks when it does.
func TestProcessesDieWithTheirParent(t *testing.T) {
	held, broken := make(chan struct{}), make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(held)
		<-r.Context().Done()
		close(broken)
	}))
	defer server.Close()
	defer server.CloseClientConnections() // Close alone waits for a function that lives on

	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), doomedVariable+"="+server.URL)
	var output bytes.Buffer
	parent.Stdout, parent.Stderr, parent.WaitDelay = &output, &output, time.Second
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	wait := func(c <-chan struct{}, what string) {
		select {
		case <-c:
		case <-time.After(30 * time.Second):
			t.Errorf("%s: %s", what, output.String())
		}
	}
	wait(held, "the function was not invoked")
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // it was killed
	wait(broken, "the function lives on without its parent")
}
