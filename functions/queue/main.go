// Command queue is the Lambda function behind SQS: it works through marks in order, within HelpCrunch's limit.
package main

import "helpcrunch-mark-read/shared/boot"

func main() { boot.Start(boot.Queue) }
