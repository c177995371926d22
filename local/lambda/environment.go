package lambda

import (
	"sync/atomic"
	"time"
)

// environment is one process with a Runtime API of its own. One goroutine at a time, the holder of its slot, drives it.
type environment struct {
	config      Config
	logStream   string
	api         *runtimeAPI
	process     *process
	invocations atomic.Int64
	busy        atomic.Bool
}

// exitGrace is how long a process may take to end after it has reported that it cannot start.
const exitGrace = time.Second

type result struct {
	payload []byte
	err     error
}

// startEnvironment starts a process and does not wait for it. Its error is an *InitError.
func startEnvironment(config Config) (*environment, error) {
	e := &environment{config: config, logStream: newLogStream(time.Now())}
	api, err := serveRuntimeAPI()
	if err != nil {
		return nil, &InitError{Type: "Runtime.Unknown", Message: err.Error()}
	}
	e.api = api
	variables := config.variables(e.logStream, api.address)
	e.process, err = startProcess(config.Binary, variables, &lineWriter{emit: e.log})
	if err != nil {
		api.close()
		return nil, &InitError{Type: "Runtime.InvalidEntrypoint", Message: err.Error()}
	}
	return e, nil
}

func (e *environment) log(text string) {
	if e.config.Log != nil {
		e.config.Log(Line{Function: e.config.Name, LogStream: e.logStream, Text: text})
	}
}

// init waits until the process asks for work. A process that does not is dead when init returns.
func (e *environment) init(limit time.Duration) error {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-e.api.ready:
		return nil
	case err := <-e.api.initError:
		e.process.await(exitGrace) // it ends by itself, with its last words
		return err
	case <-e.process.done:
		select {
		case err := <-e.api.initError: // posted just before the end
			return err
		default:
			return &InitError{Type: "Runtime.ExitError", Message: exitMessage(e.process.reason)}
		}
	case <-timer.C:
		e.kill()
		return &InitError{Type: "Sandbox.Timedout", Message: (&TimeoutError{RequestID: "init", Timeout: limit}).Error()}
	}
}

// invoke runs one invocation. It is over when the process asks for work again: until then it may still write or fail, and
// the environment can't be used. A process that fell silent or ended is dead when invoke returns.
func (e *environment) invoke(payload []byte, timeout time.Duration) result {
	e.busy.Store(true)
	defer e.busy.Store(false)
	e.invocations.Add(1)
	work := &invocation{
		id:       newUUID(),
		payload:  payload,
		deadline: time.Now().Add(timeout),
		arn:      e.config.arn(),
		answer:   make(chan result, 1),
	}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	e.api.begin(work)
	select {
	case <-e.api.ready:
	case <-e.process.done:
		return work.answerOr(&ExitError{RequestID: work.id, Reason: e.process.reason})
	case <-timer.C:
		e.kill()
		return work.answerOr(&TimeoutError{RequestID: work.id, Timeout: timeout})
	}
	return work.answerOr(&ExitError{RequestID: work.id, Reason: "no response was posted"})
}

// kill returns when the process is gone and its output delivered.
func (e *environment) kill() {
	e.process.kill()
	<-e.process.done
}

func (e *environment) terminate(grace time.Duration) {
	e.process.terminate(grace)
	e.api.close()
}

func (e *environment) view() Environment {
	return Environment{
		PID:         e.process.pid,
		LogStream:   e.logStream,
		Invocations: int(e.invocations.Load()),
		Busy:        e.busy.Load(),
	}
}
