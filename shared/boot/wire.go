package boot

import (
	"context"
	"fmt"
	"log/slog"
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
	c, err := HTTPConfig(getenv)
	if err != nil {
		return nil, err
	}
	log := newLogger(c)
	sdk, err := loadSDK(ctx, log)
	if err != nil {
		return nil, err
	}
	secrets := secretsmanager.NewFromConfig(sdk)
	keys, transport := newKeys(c, secrets), helpcrunch.NewTransport()
	handler := &httpapi.Handler{
		Attempts: &attempt.Maker{
			Keys:       keys,
			HelpCrunch: helpcrunch.New(c.BaseURL, transport, httpapi.MaxBody),
			OneMoreTry: true,
		},
		Queue:    sqs.NewFromConfig(sdk),
		QueueURL: c.MarksQueue,
		Log:      log,
		Metrics:  os.Stdout,
		Function: c.Function,
	}
	if c.TokenSecret != "" {
		handler.Tokens = httpapi.NewTokens(secret.FromSecretsManager(secrets, c.TokenSecret, httpapi.ParseTokens), c.KeyTTL)
	}
	ahead(ctx, c, keys, handler.Tokens, transport)
	return handler.Handle, nil
}

// Queue wires functions/queue.
func Queue(ctx context.Context, getenv func(string) string) (any, error) {
	c, err := QueueConfig(getenv)
	if err != nil {
		return nil, err
	}
	log := newLogger(c)
	sdk, err := loadSDK(ctx, log)
	if err != nil {
		return nil, err
	}
	keys, transport := newKeys(c, secretsmanager.NewFromConfig(sdk)), helpcrunch.NewTransport()
	handler := &queue.Handler{
		Attempts: &attempt.Maker{
			Keys:       keys,
			HelpCrunch: helpcrunch.New(c.BaseURL, transport, queueMaxBody),
			MaxCall:    8 * time.Second,
		},
		Pacer:         pace.NewPacer(c.RequestsPerMinute, c.MaximumConcurrency),
		SQS:           sqs.NewFromConfig(sdk),
		QueueURL:      c.MarksQueue,
		DeadLetterURL: c.DeadLetterQueue,
		RetryWindow:   c.RetryWindow,
		Log:           log,
		Metrics:       os.Stdout,
		Function:      c.Function,
	}
	ahead(ctx, c, keys, nil, transport)
	return handler.Handle, nil
}

func newKeys(c Config, api secret.SecretsManager) *apikey.Keys {
	return apikey.New(secret.FromSecretsManager(api, c.SecretID, apikey.Parse), c.KeyTTL)
}

func newLogger(c Config) *slog.Logger { return telemetry.NewLogger(os.Stdout, c.LogFormat, c.LogLevel) }

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
