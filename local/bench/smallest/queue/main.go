// Command queue is the smallest function for the events of functions/queue.
package main

import (
	"github.com/aws/aws-lambda-go/lambda"

	"helpcrunch-mark-read/local/bench/smallest"
)

func main() { lambda.Start(smallest.Queue) }
