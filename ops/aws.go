package main

import (
	"cmp"
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/smithy-go/logging"

	"helpcrunch-mark-read/ops/internal/explain"
)

// The local stack's default addresses and names, as local/run.go starts it. It accepts any credentials.
const (
	localAWS         = "http://127.0.0.1:4566"
	localBaseURL     = "http://127.0.0.1:8090/v1"
	localRegion      = "eu-central-1"
	localQueue       = "marks"
	localDead        = "marks-dead"
	localKeySecret   = "helpcrunch/api-key"
	localTokenSecret = "helpcrunch/caller-tokens"
)

// loadAWS is the AWS configuration that the flags and the SDK's usual sources name. askCode asks for the code of an MFA
// device, for a profile with mfa_serial.
func loadAWS(ctx context.Context, g *globals, askCode func(context.Context) (string, error)) (aws.Config, error) {
	if g.Local {
		return aws.Config{
			Region: localRegion, Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
			BaseEndpoint: aws.String(cmp.Or(g.EndpointURL, localAWS)), HTTPClient: awshttp.NewBuildableClient(),
		}, nil
	}
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(g.Region), config.WithSharedConfigProfile(g.Profile),
		config.WithHTTPClient(awshttp.NewBuildableClient()), // as each service's client makes it; ops mark has none of those
		config.WithLogger(logging.Nop{}),                    // its warnings would stand between the lines for a person
		config.WithAssumeRoleCredentialOptions(func(o *stscreds.AssumeRoleOptions) {
			o.TokenProvider = func() (string, error) { return askCode(ctx) }
		}))
	var profile config.SharedConfigProfileNotExistError
	var role config.SharedConfigAssumeRoleError // whose source is another profile
	switch {
	case errors.As(err, &profile) && !errors.As(err, &role):
		return cfg, usage("there is no AWS profile %q: check --profile and AWS_PROFILE", profile.Profile)
	case err != nil:
		return cfg, &explain.CredentialsError{Err: err}
	}
	cfg.Credentials = explain.Credentials(cfg.Credentials)
	if g.EndpointURL != "" {
		cfg.BaseEndpoint = aws.String(g.EndpointURL)
	}
	return cfg, nil
}
