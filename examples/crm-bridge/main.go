// Command crm-bridge takes a CRM's webhooks in and sends marks out through the queue. It is an example: a whole one, with
// the signature checked and nothing acknowledged before it is safe, and short enough to be copied and changed.
//
//	MARKS_QUEUE_URL=... CRM_WEBHOOK_SECRET=... go run ./examples/crm-bridge
package main

import (
	"cmp"
	"context"
	"errors"
	"log"
	"net/http"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

func main() {
	if err := run(context.Background()); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	queueURL, secret := os.Getenv("MARKS_QUEUE_URL"), os.Getenv("CRM_WEBHOOK_SECRET")
	if queueURL == "" || secret == "" {
		return errors.New("MARKS_QUEUE_URL and CRM_WEBHOOK_SECRET must be set")
	}
	aws, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return err
	}
	bridge := &bridge{queue: sqs.NewFromConfig(aws), queueURL: queueURL, secret: []byte(secret)}
	server := &http.Server{Addr: cmp.Or(os.Getenv("ADDRESS"), "127.0.0.1:8081"), Handler: bridge, ReadHeaderTimeout: 5 * time.Second}
	log.Printf("webhooks are taken on %s", server.Addr)
	return server.ListenAndServe()
}
