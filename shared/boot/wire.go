package boot

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
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

// queueMaxBody is how much of an answer the queue function keeps: it passes none on, and a hundred may be in flight.
const queueMaxBody = 64 << 10

// HTTP wires functions/http.
func HTTP(ctx context.Context, getenv func(string) string) (any, error) {
	p, err := prepare(ctx, getenv, HTTPConfig)
	if err != nil {
		return nil, err
	}
	handler := &httpapi.Handler{
		Attempts: &attempt.Maker{
			Keys:       p.keys,
			HelpCrunch: helpcrunch.New(p.BaseURL, p.transport, httpapi.MaxBody),
			OneMoreTry: true,
		},
		Queue:    p.sqs,
		QueueURL: p.MarksQueue,
		Log:      p.log,
		Metrics:  os.Stdout,
		Function: p.Function,
	}
	if p.TokenSecret != "" {
		handler.Tokens = httpapi.NewTokens(secret.FromSecretsManager(p.secrets, p.TokenSecret, httpapi.ParseTokens), p.KeyTTL)
	}
	ahead(ctx, p, handler.Tokens)
	return handler.Handle, nil
}

// Queue wires functions/queue.
func Queue(ctx context.Context, getenv func(string) string) (any, error) {
	p, err := prepare(ctx, getenv, QueueConfig)
	if err != nil {
		return nil, err
	}
	handler := &queue.Handler{
		Attempts: &attempt.Maker{
			Keys:       p.keys,
			HelpCrunch: helpcrunch.New(p.BaseURL, p.transport, queueMaxBody),
			MaxCall:    8 * time.Second,
		},
		Pacer:         pace.NewPacer(p.RequestsPerMinute, p.MaximumConcurrency),
		SQS:           p.sqs,
		QueueURL:      p.MarksQueue,
		DeadLetterURL: p.DeadLetterQueue,
		RetryWindow:   p.RetryWindow,
		Log:           p.log,
		Metrics:       os.Stdout,
		Function:      p.Function,
	}
	ahead(ctx, p, nil)
	return handler.Handle, nil
}

// parts are what both functions are made of.
type parts struct {
	Config
	log       *slog.Logger
	sqs       *sqs.Client
	secrets   *secretsmanager.Client
	keys      *apikey.Keys
	transport *http.Transport // for HelpCrunch
}

func prepare(ctx context.Context, getenv func(string) string, read func(func(string) string) (Config, error)) (*parts, error) {
	c, err := read(getenv)
	if err != nil {
		return nil, err
	}
	log := telemetry.NewLogger(os.Stdout, c.LogFormat, c.LogLevel)
	sdk, err := loadSDK(ctx, log)
	if err != nil {
		return nil, err
	}
	secrets := secretsmanager.NewFromConfig(sdk)
	return &parts{
		Config: c, log: log, sqs: sqs.NewFromConfig(sdk), secrets: secrets,
		keys:      apikey.New(secret.FromSecretsManager(secrets, c.SecretID, apikey.Parse), c.KeyTTL),
		transport: helpcrunch.NewTransport(),
	}, nil
}

// loadSDK reads the SDK's own configuration, standard variables included, and lets it log as everything else does: by
// itself it would print plain text between the JSON lines.
func loadSDK(ctx context.Context, log *slog.Logger) (aws.Config, error) {
	sdk, err := awsconfig.LoadDefaultConfig(ctx, awsconfig.WithLogger(logging.LoggerFunc(
		func(class logging.Classification, format string, args ...any) {
			level := slog.LevelDebug
			if class == logging.Warn {
				level = slog.LevelWarn
			}
			log.Log(ctx, level, "AWS SDK: "+fmt.Sprintf(format, args...))
		})))
	if err != nil {
		return aws.Config{}, fmt.Errorf("the AWS SDK cannot be configured: %w", err)
	}
	return sdk, nil
}
