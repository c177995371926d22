package bench

import (
	"errors"
	"net"
	"strconv"
	"time"
)

// RuntimeAPI is Lambda's Runtime API for one function. One goroutine at a time may use it.
type RuntimeAPI struct {
	listener net.Listener
	polls    chan time.Time // when the function asked for work
	work     chan []byte    // whole responses to that question
	answers  chan answer
	patience *time.Timer // one for all waits: a new one each would be counted as the function's
	out      []byte
}

// answer is what the function posted, and when.
type answer struct {
	body []byte
	at   time.Time
}

// errGone says that the function closed its connection, or posted no answer in time.
var errGone = errors.New("the function gave no answer")

// patience bounds every wait for the function.
const patience = 2 * time.Minute // callgrind is fifty times slower than the function

// NewRuntimeAPI starts a Runtime API on the loopback interface.
func NewRuntimeAPI() (*RuntimeAPI, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	api := &RuntimeAPI{listener: listener, polls: make(chan time.Time, 1), work: make(chan []byte), answers: make(chan answer, 1), patience: time.NewTimer(patience)}
	go acceptAll(listener, api.serve)
	return api, nil
}

// Address is the value of AWS_LAMBDA_RUNTIME_API.
func (api *RuntimeAPI) Address() string { return api.listener.Addr().String() }

// Close lets the function's next question fail, which ends its process.
func (api *RuntimeAPI) Close() error {
	close(api.work)
	return api.listener.Close()
}

// AwaitPoll waits until the function asks for work.
func (api *RuntimeAPI) AwaitPoll() (time.Time, error) { return await(api.patience, api.polls) }

// Invoke hands the function one event and waits for its answer. The function must have asked for work, and its answer is
// valid until the next invocation.
func (api *RuntimeAPI) Invoke(event []byte) (body []byte, at time.Time, err error) {
	out := append(api.out[:0], "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"+
		"Lambda-Runtime-Aws-Request-Id: 8476a536-e9f4-11e8-9739-2dfe598c3fcd\r\n"+
		"Lambda-Runtime-Invoked-Function-Arn: arn:aws:lambda:eu-central-1:123456789012:function:bench\r\n"+
		"Lambda-Runtime-Trace-Id: Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1\r\n"+
		"Lambda-Runtime-Deadline-Ms: "...)
	out = strconv.AppendInt(out, time.Now().Add(time.Minute).UnixMilli(), 10)
	out = append(out, "\r\nContent-Length: "...)
	out = strconv.AppendInt(out, int64(len(event)), 10)
	out = append(append(out, "\r\n\r\n"...), event...)
	api.out = out
	api.work <- out
	a, err := await(api.patience, api.answers)
	return a.body, a.at, err
}

// serve answers one connection of the function's. The whole exchange of an invocation goes over one.
func (api *RuntimeAPI) serve(connection net.Conn) {
	accepted := response("202 Accepted", nil)
	in := newMessageReader(connection)
	for {
		m, err := in.next()
		if err != nil {
			return
		}
		now := time.Now()
		out := accepted
		if m.isGet {
			api.polls <- now
			work, ok := <-api.work
			if !ok {
				return
			}
			out = work
		} else {
			api.answers <- answer{m.body, now}
		}
		if _, err := connection.Write(out); err != nil {
			return
		}
	}
}

func await[T any](timer *time.Timer, from <-chan T) (T, error) {
	timer.Reset(patience)
	select {
	case value := <-from:
		return value, nil
	case <-timer.C:
		var none T
		return none, errGone
	}
}

// acceptAll serves every connection in a goroutine of its own until the listener is closed.
func acceptAll(listener net.Listener, serve func(net.Conn)) {
	for {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer func() { _ = connection.Close() }()
			serve(connection)
		}()
	}
}
