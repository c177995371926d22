// Command http is the Lambda function behind API Gateway: it marks a chat at once and answers as HelpCrunch would.
package main

import "helpcrunch-mark-read/shared/boot"

func main() { boot.Start(boot.HTTP) }
