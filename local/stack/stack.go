// Package stack puts the local stack together: the two compiled functions behind an HTTP front and an event source mapping,
// and behind them Secrets Manager, SQS and a HelpCrunch simulator, all on this machine.
package stack

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"os"
	"strconv"
	"time"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"helpcrunch-mark-read/local/build"
	"helpcrunch-mark-read/local/eventsource"
	"helpcrunch-mark-read/local/gateway"
	"helpcrunch-mark-read/local/lambda"
	"helpcrunch-mark-read/local/secretsmanager"
	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/local/sqs"
)

// Stack is a running stack. Close must be called in the end.
type Stack struct {
	Simulator *simulator.Simulator
	SQS       *sqs.Server
	Secrets   *secretsmanager.Server
	HTTP      *lambda.Function
	Queue     *lambda.Function
	Client    *awssqs.Client       // of the stack's SQS
	Mapping   *eventsource.Mapping // from the queue to its function; nil with Options.NoMapping

	GatewayURL    string // below it are /v1/chats/readByAgent and /v1/chats/readByCustomer
	AWSURL        string // the endpoint of Secrets Manager and SQS
	HelpCrunchURL string // of the simulator, without /v1
	QueueName     string
	DeadName      string
	QueueURL      string
	DeadURL       string

	options  Options
	binaries string
	closers  []func(context.Context) error // in the order of starting
}

// Start starts a stack.
func Start(ctx context.Context, o Options) (_ *Stack, err error) {
	s := &Stack{options: o.withDefaults(), binaries: o.Binaries}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close(context.WithoutCancel(ctx)))
		}
	}()
	for _, step := range []func(context.Context) error{s.build, s.startHelpCrunch, s.startAWS, s.makeQueues, s.startFunctions, s.startGateway, s.startMapping} {
		if err := step(ctx); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Close ends everything, the last started first, and leaves no process and no file behind.
func (s *Stack) Close(ctx context.Context) error {
	var faults []error
	for len(s.closers) > 0 {
		last := len(s.closers) - 1
		faults = append(faults, s.closers[last](ctx))
		s.closers = s.closers[:last]
	}
	return errors.Join(faults...)
}

func (s *Stack) build(ctx context.Context) error {
	if s.binaries != "" {
		return nil
	}
	dir, err := os.MkdirTemp("", "helpcrunch-mark-read-")
	if err != nil {
		return err
	}
	s.binaries = dir
	s.closers = append(s.closers, func(context.Context) error { return os.RemoveAll(dir) })
	return build.Functions(ctx, dir, s.options.Race)
}

func (s *Stack) startHelpCrunch(context.Context) (err error) {
	s.Simulator, err = simulator.New(simulator.Options{Keys: []string{FirstKey}, RequestsPerMinute: s.options.AccountLimit})
	if err != nil {
		return err
	}
	s.HelpCrunchURL, err = s.Serve("HelpCrunch", s.options.HelpCrunch, s.Simulator)
	return err
}

// maximumConcurrency is how many environments the event source mapping keeps at work, as in the template.
const maximumConcurrency = 2

func (s *Stack) startFunctions(context.Context) error {
	shared := map[string]string{
		"AWS_ENDPOINT_URL":      s.AWSURL,
		"HELPCRUNCH_SECRET_ID":  KeySecret,
		"HELPCRUNCH_BASE_URL":   cmp.Or(s.options.RealBaseURL, s.HelpCrunchURL+"/v1"),
		"MARKS_QUEUE_URL":       s.QueueURL,
		"AWS_LAMBDA_LOG_FORMAT": "JSON",
	}
	forHTTP, forQueue := maps.Clone(shared), maps.Clone(shared)
	if !s.options.IAM {
		forHTTP["CALLER_TOKEN_SECRET_ID"] = TokenSecret
	}
	s.HTTP = s.function(lambda.Config{Name: "http", Timeout: 15 * time.Second, MaxConcurrency: 10, Environment: forHTTP})
	maps.Copy(forQueue, map[string]string{
		"DEAD_LETTER_QUEUE_URL": s.DeadURL,
		"REQUESTS_PER_MINUTE":   strconv.Itoa(s.options.RequestsPerMinute),
		"MAXIMUM_CONCURRENCY":   strconv.Itoa(maximumConcurrency),
	})
	s.Queue = s.function(lambda.Config{Name: "queue", Timeout: s.options.QueueTimeout, MaxConcurrency: maximumConcurrency, Environment: forQueue})
	return nil
}

// startGateway opens the HTTP API with the template's two routes.
func (s *Stack) startGateway(context.Context) (err error) {
	config := gateway.Config{
		Routes: []string{"PUT /v1/chats/readByAgent", "PUT /v1/chats/readByCustomer"}, Region: Region, AccountID: account,
	}
	if s.options.IAM {
		config.Authorize = gateway.IAM(Region, account, Credentials)
	}
	s.GatewayURL, err = s.Serve("gateway", s.options.Gateway, gateway.New(s.HTTP, config))
	return err
}

// startMapping connects the queue to its function. A batch that fails as a whole is reported nowhere but in the function's own
// log lines, as with Lambda.
func (s *Stack) startMapping(context.Context) error {
	if s.options.NoMapping {
		return nil
	}
	s.Mapping = eventsource.Start(eventsource.Options{
		SQS: s.Client, QueueURL: s.QueueURL, QueueARN: s.SQS.QueueARN(s.QueueName), Invoke: s.Queue.Invoke,
		MaximumConcurrency: maximumConcurrency, Observe: s.options.Observe,
	})
	s.closers = append(s.closers, s.Mapping.Stop)
	return nil
}

func (s *Stack) function(c lambda.Config) *lambda.Function {
	c.Binary = build.Function(s.binaries, c.Name)
	c.Region, c.AccountID, c.Log = Region, account, s.options.Log
	maps.Copy(c.Environment, s.options.Environment)
	f := lambda.New(c)
	s.closers = append(s.closers, f.Stop)
	return f
}
