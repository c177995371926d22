// Package browser tests the live page in a real Chromium on the whole local stack. Its tests need the build tag browser,
// so that everything else needs nothing but Go:
//
//	go test -tags browser ./local/page/browser
//	go test -tags browser ./local/page/browser -run Screenshots -images "$PWD/docs/images"
package browser
