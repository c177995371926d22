package bench

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakesVariable makes this test binary serve the fakes instead of running tests.
const fakesVariable = "BENCH_FAKES"

func TestMain(m *testing.M) {
	if os.Getenv(fakesVariable) != "" {
		serveFakes()
		return
	}
	os.Exit(m.Run())
}

// fakesInput is the child's standard input. Kept here, it stays open as long as this process lives.
var fakesInput io.WriteCloser

// fakes starts the child process, whose control API it returns. It ends with this process: in-process functions ask for work
// until then, and aws-lambda-go ends the process in which it can't.
var fakes = sync.OnceValues(func() (url string, err error) {
	command := exec.Command(os.Args[0])
	command.Env, command.Stderr = append(os.Environ(), fakesVariable+"=yes"), os.Stderr
	if fakesInput, err = command.StdinPipe(); err != nil {
		return "", err
	}
	output, err := command.StdoutPipe()
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		return "", err
	}
	url, err = bufio.NewReader(output).ReadString('\n')
	return strings.TrimSpace(url), err
})

// control calls the fakes' control API.
func control(method, path string, in []byte, out any) error {
	url, err := fakes()
	if err != nil {
		return err
	}
	request, err := http.NewRequest(method, url+path, bytes.NewReader(in))
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s", method, path, response.Status)
	}
	return json.NewDecoder(response.Body).Decode(out)
}

// startUpstream starts HelpCrunch or Secrets Manager and returns its URL.
func startUpstream(t testing.TB, u upstream) (url string) {
	t.Helper()
	in, err := json.Marshal(u)
	if err == nil {
		err = control(http.MethodPost, "/upstreams", in, &url)
	}
	if err != nil {
		t.Fatal(err)
	}
	return url
}

// runtimeAPI is Lambda's Runtime API for one function, in the child process. One goroutine at a time may use it.
type runtimeAPI struct{ address string }

func newRuntimeAPI() (api runtimeAPI, err error) {
	err = control(http.MethodPost, "/functions", nil, &api.address)
	return api, err
}

// awaitStart waits until the function asks for work for the first time, and returns when that was.
func (api runtimeAPI) awaitStart() (at time.Time, err error) {
	err = control(http.MethodPost, "/functions/"+api.address+"/start", nil, &at)
	return at, err
}

// invoke runs so many invocations with the same event, one after the other, and returns the last answer and how long it
// took. It is over when the function asks for work again.
func (api runtimeAPI) invoke(event []byte, times int) (answer []byte, took time.Duration, err error) {
	var out invoked
	err = control(http.MethodPost, fmt.Sprintf("/functions/%s/invoke?times=%d", api.address, times), event, &out)
	return out.Answer, out.Took, err
}

// close lets the function's next question fail, which ends its process.
func (api runtimeAPI) close() error {
	return control(http.MethodDelete, "/functions/"+api.address, nil, new(string))
}
