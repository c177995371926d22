package lambda

import (
	"cmp"
	"maps"
	"path/filepath"
	"time"
)

// environment is one process with a Runtime API of its own. One invocation at a time drives it.
type environment struct {
	config  Config
	api     *runtimeAPI
	process *process
	busy    bool // with the function's lock
}

// exitGrace is how long a process may take to end after it has reported that it cannot start.
const exitGrace = time.Second

type result struct {
	payload []byte
	err     error
}

// startEnvironment starts a process and does not wait for it.
func startEnvironment(f *Function) (*environment, error) {
	api, err := serveRuntimeAPI()
	if err != nil {
		return nil, &Error{notStarted, err.Error()}
	}
	process, err := startProcess(f.config.Binary, f.config.variables(api.address), &lineWriter{emit: f.log})
	if err != nil {
		api.close()
		return nil, &Error{notStarted, err.Error()}
	}
	go func() {
		<-process.done
		api.close()
	}()
	return &environment{config: f.config, api: api, process: process, busy: true}, nil
}

// variables is the whole environment of a process: Lambda's own variables, then the function's. Nothing is inherited, so that
// a variable set in a developer's shell cannot make the difference. The credentials are no secret: they let the SDK sign
// requests that nobody checks.
func (c Config) variables(runtimeAPI string) (list []string) {
	all := map[string]string{
		"AWS_ACCESS_KEY_ID":               "local",
		"AWS_SECRET_ACCESS_KEY":           "local",
		"AWS_SESSION_TOKEN":               "local",
		"AWS_DEFAULT_REGION":              c.Region,
		"AWS_REGION":                      c.Region,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
		"AWS_LAMBDA_FUNCTION_NAME":        c.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + c.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      newLogStream(time.Now()),
		"AWS_XRAY_CONTEXT_MISSING":        "LOG_ERROR",
		"LAMBDA_RUNTIME_DIR":              "/var/runtime",
		"LAMBDA_TASK_ROOT":                filepath.Dir(c.Binary),
		"LANG":                            "en_US.UTF-8",
		"PATH":                            "/usr/local/bin:/usr/bin/:/bin:/opt/bin",
		"TZ":                              ":UTC",
		"_HANDLER":                        "bootstrap",
	}
	maps.Copy(all, c.Environment)
	all["AWS_LAMBDA_RUNTIME_API"] = runtimeAPI
	for name, value := range all {
		list = append(list, name+"="+value)
	}
	return list
}

// init waits until the process asks for work. A process that does not is dead when init returns.
func (e *environment) init() error {
	limit := cmp.Or(e.config.InitTimeout, 10*time.Second)
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
			return exitError("init", e.process.reason)
		}
	case <-timer.C:
		e.process.kill()
		return timeoutError("init", limit)
	}
}

// invoke runs one invocation. It is over when the process asks for work again: until then it may still write or fail, and
// the environment can't be used. A process that fell silent or ended is dead when invoke returns.
func (e *environment) invoke(payload []byte) result {
	timeout := e.config.Timeout
	work := &invocation{
		id:       newUUID(),
		payload:  payload,
		deadline: time.Now().Add(timeout),
		arn:      "arn:aws:lambda:" + e.config.Region + ":" + e.config.AccountID + ":function:" + e.config.Name,
		answer:   make(chan result, 1),
	}
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	e.api.begin(work)
	select {
	case <-e.api.ready:
		return work.answerOr(exitError(work.id, "no response was posted"))
	case <-e.process.done:
		return work.answerOr(exitError(work.id, e.process.reason))
	case <-timer.C:
		e.process.kill()
		return work.answerOr(timeoutError(work.id, timeout))
	}
}
