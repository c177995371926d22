package page

import (
	"embed"
	"io/fs"
	"net/http"
)

//go:embed static
var files embed.FS

func staticFiles() http.Handler {
	root, err := fs.Sub(files, "static")
	if err != nil {
		panic(err) // only a name that is not a path is an error
	}
	return http.FileServerFS(root)
}
