// Command sample is functions/http written as samples of Lambda functions in Go are: the SDK's default configuration, the
// secret fetched in the first request, net/http's default client. It is a measure, and lacks nearly everything else.
package main

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

type handler struct {
	secrets *secretsmanager.Client
	key     string
}

func main() {
	sdk, err := config.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	h := &handler{secrets: secretsmanager.NewFromConfig(sdk)}
	lambda.Start(h.handle)
}

func (h *handler) handle(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	if h.key == "" {
		output, err := h.secrets.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(os.Getenv("HELPCRUNCH_SECRET_ID"))})
		if err != nil {
			return events.APIGatewayV2HTTPResponse{}, err
		}
		h.key = aws.ToString(output.SecretString)
	}
	var mark struct {
		ID   int64 `json:"id"`
		Read bool  `json:"read"`
	}
	if err := json.Unmarshal([]byte(event.Body), &mark); err != nil {
		return events.APIGatewayV2HTTPResponse{StatusCode: http.StatusBadRequest}, nil
	}
	url := os.Getenv("HELPCRUNCH_BASE_URL") + strings.TrimPrefix(event.RawPath, "/v1")
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, url, strings.NewReader(event.Body))
	if err != nil {
		return events.APIGatewayV2HTTPResponse{}, err
	}
	request.Header.Set("Authorization", "Bearer "+h.key)
	request.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return events.APIGatewayV2HTTPResponse{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	log.Printf("chat %d: %d", mark.ID, response.StatusCode)
	return events.APIGatewayV2HTTPResponse{StatusCode: response.StatusCode, Body: string(body)}, err
}
