// Package page is the local stack's live page: HelpCrunch's inbox as the simulator holds it, buttons that send marks by HTTP
// and by queue, the queues, switches that break HelpCrunch, and what became of every attempt. It is part of the local stack,
// never of the product.
package page

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"helpcrunch-mark-read/local/secretsmanager"
	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/local/sqs"
)

// Options say what the page shows and acts on. All of them are required.
type Options struct {
	Simulator *simulator.Simulator
	Secrets   *secretsmanager.Server
	Queues    *sqs.Server // looked into without receiving
	Client    Sender      // of the same queues
	Mapping   Mapping     // from the queue to its function
	Feed      *Feed       // what the functions log

	GatewayURL string // of the HTTP API, without /v1
	Token      string // a caller token that the HTTP function accepts; it never reaches the browser
	KeySecret  string // the secret with the API key, which a rotation writes
	QueueName  string
	DeadName   string
	OpsFlags   string        // by which ops finds the stack, such as --local
	Help       func() string // what runs where, and what to paste
}

// Sender is the part of SQS's API that the page uses; *sqs.Client has it.
type Sender interface {
	SendMessageBatch(context.Context, *awssqs.SendMessageBatchInput, ...func(*awssqs.Options)) (*awssqs.SendMessageBatchOutput, error)
}

// Mapping is the part of *eventsource.Mapping that the page uses.
type Mapping interface {
	Pause()
	Resume()
	Paused() bool
}

// Page is an http.Handler, safe for concurrent use. Serve it on loopback only: whoever reaches it can work the stack.
type Page struct {
	o       Options
	gateway *http.Client
	handler http.Handler
}

// gatewayTimeout is API Gateway's own integration timeout.
const gatewayTimeout = 30 * time.Second

// New makes the page. Its error names every option that is missing.
func New(o Options) (*Page, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	p := &Page{o: o, gateway: &http.Client{Timeout: gatewayTimeout}}
	mux := http.NewServeMux()
	mux.Handle("GET /", staticFiles())
	mux.HandleFunc("GET /help", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, o.Help())
	})
	mux.HandleFunc("GET /stream", p.stream)
	mux.HandleFunc("POST /actions/{name}", p.act)
	p.handler = guard(mux)
	return p, nil
}

// ServeHTTP serves the page, its stream of events and its actions.
func (p *Page) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.handler.ServeHTTP(w, r) }

func (o *Options) check() error {
	var faults []error
	for _, option := range []struct {
		name    string
		missing bool
	}{
		{"Simulator", o.Simulator == nil},
		{"Secrets", o.Secrets == nil},
		{"Queues", o.Queues == nil},
		{"Client", o.Client == nil},
		{"Mapping", o.Mapping == nil},
		{"Feed", o.Feed == nil},
		{"GatewayURL", o.GatewayURL == ""},
		{"Token", o.Token == ""},
		{"KeySecret", o.KeySecret == ""},
		{"QueueName", o.QueueName == ""},
		{"DeadName", o.DeadName == ""},
		{"OpsFlags", o.OpsFlags == ""},
		{"Help", o.Help == nil},
	} {
		if option.missing {
			faults = append(faults, errors.New("page: the option "+option.name+" is missing"))
		}
	}
	return errors.Join(faults...)
}
