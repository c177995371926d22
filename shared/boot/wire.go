package boot

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go/logging"

	"helpcrunch-mark-read/shared/apikey"
	"helpcrunch-mark-read/shared/attempt"
	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/httpapi"
	"helpcrunch-mark-read/shared/pace"
	"helpcrunch-mark-read/shared/queue"
	"helpcrunch-mark-read/shared/secret"
	"helpcrunch-mark-read/shared/telemetry"
)

// queueMaxBody is how much of an answer the queue function keeps: it passes none on, and has many in flight.
const queueMaxBody = 64 << 10

// HTTP wires functions/http.
func HTTP(ctx context.Context, getenv func(string) string) (*httpapi.Handler, error) {
	started := time.Now() // a few milliseconds after the process
	c, err := ReadHTTPConfig(getenv)
	if err != nil {
		return nil, err
	}
	p, err := prepare(ctx, c.Common)
	if err != nil {
		return nil, err
	}
	handler := &httpapi.Handler{
		Attempts: &attempt.Maker{
			Keys:          p.keys,
			HelpCrunch:    helpcrunch.New(c.BaseURL, p.transport, httpapi.MaxBody),
			StartLate:     true,
			RetryOnce:     true,
			RestoreUnread: c.RestoreUnread,
		},
		Queue:    p.sqs,
		QueueURL: c.MarksQueue,
		Log:      p.log,
		Metrics:  os.Stdout,
		Function: c.Function,
	}
	if c.TokenSecret != "" {
		handler.Tokens = httpapi.NewTokens(secret.FromSecretsManager(p.secrets, c.TokenSecret, httpapi.ParseTokens), c.KeyTTL)
	}
	ahead(ctx, p, c.BaseURL, handler.Tokens)
	handler.ProcessStarted, handler.StartEnded = started, time.Now()
	return handler, nil
}

// Queue wires functions/queue.
func Queue(ctx context.Context, getenv func(string) string) (*queue.Handler, error) {
	c, err := ReadQueueConfig(getenv)
	if err != nil {
		return nil, err
	}
	p, err := prepare(ctx, c.Common)
	if err != nil {
		return nil, err
	}
	handler := &queue.Handler{
		Attempts: &attempt.Maker{
			Keys:          p.keys,
			HelpCrunch:    helpcrunch.New(c.BaseURL, p.transport, queueMaxBody),
			MaxCall:       8 * time.Second,
			WaitOut:       true,
			RestoreUnread: c.RestoreUnread,
		},
		Pacer:         pace.NewPacer(c.RequestsPerMinute, c.MaximumConcurrency),
		SQS:           p.sqs,
		QueueURL:      c.MarksQueue,
		DeadLetterURL: c.DeadLetterQueue,
		RetryWindow:   c.RetryWindow,
		Log:           p.log,
		Metrics:       os.Stdout,
		Function:      c.Function,
	}
	ahead(ctx, p, c.BaseURL, nil)
	return handler, nil
}

// parts are what both functions are made of.
type parts struct {
	log       *slog.Logger
	sqs       *sqs.Client
	secrets   *secretsmanager.Client
	keys      *apikey.Keys
	transport *http.Transport // for HelpCrunch
}

func prepare(ctx context.Context, c Common) (*parts, error) {
	log := telemetry.NewLogger(os.Stdout, c.LogFormat, c.LogLevel)
	sdk, err := loadSDK(ctx, log)
	if err != nil {
		return nil, err
	}
	secrets := secretsmanager.NewFromConfig(sdk)
	return &parts{
		log: log, sqs: sqs.NewFromConfig(sdk), secrets: secrets,
		keys:      apikey.New(secret.FromSecretsManager(secrets, c.SecretID, apikey.Parse), c.KeyTTL),
		transport: helpcrunch.NewTransport(),
	}, nil
}

// awsConnections is how many connections each of the AWS SDK's clients has at most: with HelpCrunch's 48 and that to the
// Runtime API, an environment stays below 64 sockets.
const awsConnections = 5

// loadSDK reads the SDK's own configuration, standard variables included, and lets it log as everything else does: by
// itself it would print plain text between the JSON lines.
func loadSDK(ctx context.Context, log *slog.Logger) (aws.Config, error) {
	logger := logging.LoggerFunc(func(class logging.Classification, format string, args ...any) {
		level := slog.LevelDebug
		if class == logging.Warn {
			level = slog.LevelWarn
		}
		log.Log(ctx, level, "AWS SDK: "+fmt.Sprintf(format, args...))
	})
	client := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) { t.MaxConnsPerHost = awsConnections })
	sdk, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithLogger(logger), awsconfig.WithHTTPClient(client))
	if err != nil {
		return aws.Config{}, fmt.Errorf("the AWS SDK cannot be configured: %w", err)
	}
	return sdk, nil
}
