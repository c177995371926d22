package stack

import (
	"cmp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"helpcrunch-mark-read/local/eventsource"
	"helpcrunch-mark-read/local/lambda"
)

// Options say what stack to start. Everything has a default.
type Options struct {
	Gateway    string // address of the HTTP API, host:port; 127.0.0.1 and a free port by default
	AWS        string // address of Secrets Manager and SQS; likewise
	HelpCrunch string // address of the HelpCrunch simulator; likewise

	Binaries string // a folder that build.Functions has filled; by default they are built into one that goes with the stack
	Race     bool   // build them with the race detector, which needs a C compiler

	AccountLimit      int           // HelpCrunch's limit, requests a minute; the documented one by default
	RequestsPerMinute int           // the queue's share of it; 100
	Standard          bool          // standard queues instead of FIFO
	IAM               bool          // the HTTP API authorizes by IAM, as Credentials sign; by default the function asks for Token
	QueueTimeout      time.Duration // of one invocation of the queue function; 1 min
	NoMapping         bool          // leave the queue alone: the test invokes the function itself

	Environment map[string]string // more variables of both functions, such as RESTORE_UNREAD; they replace the stack's own

	// RealKey and RealBaseURL go to the real HelpCrunch instead of the simulator, which then sees nothing.
	RealKey, RealBaseURL string

	Log     func(lambda.Line)       // every line that the functions write; nil drops them
	Observe func(eventsource.Batch) // every invocation of the queue function by the mapping; nil drops them; many at once
}

func (o Options) withDefaults() Options {
	const freePort = "127.0.0.1:0"
	o.Gateway = cmp.Or(o.Gateway, freePort)
	o.AWS = cmp.Or(o.AWS, freePort)
	o.HelpCrunch = cmp.Or(o.HelpCrunch, freePort)
	o.RequestsPerMinute = cmp.Or(o.RequestsPerMinute, 100)
	o.QueueTimeout = cmp.Or(o.QueueTimeout, time.Minute)
	return o
}

// What the parts of the stack are called, and the secrets' values at the start. The values are worth nothing: they open a
// simulator and a gateway on this machine.
const (
	KeySecret   = "helpcrunch/api-key"
	TokenSecret = "helpcrunch/caller-tokens"
	FirstKey    = "local-helpcrunch-key-1"
	Token       = "local-caller-token"

	Region  = "eu-central-1"
	account = "000000000000"
)

// Credentials are those of the stack's own clients, and of its HTTP API's callers with Options.IAM.
var Credentials = aws.Credentials{AccessKeyID: "local", SecretAccessKey: "local"}
