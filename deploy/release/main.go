// Command release writes the templates and archives that are published, with the same bytes for the same input on every machine:
//
//	release templates FOLDER        the templates that install.sh deploys
//	release flat FOLDER             a template without nested stacks, for the Serverless Application Repository
//	release zip FOLDER ARCHIVE      the files of a folder
//
// It runs in the repository's root.
package main

import (
	"archive/zip"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	switch {
	case len(arguments) == 2 && (arguments[0] == "templates" || arguments[0] == "flat"):
		return packTemplates(arguments[1], arguments[0] == "flat")
	case len(arguments) == 3 && arguments[0] == "zip":
		return archive(arguments[1], arguments[2])
	}
	return errors.New("usage: release templates FOLDER | release flat FOLDER | release zip FOLDER ARCHIVE")
}

// archive writes the files of a folder, in the order of their names, all of the same age and readable by everybody: Lambda
// runs functions as a user of its own. What its owner may execute, everybody may.
func archive(folder, file string) (err error) {
	out, err := os.Create(file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	w := zip.NewWriter(out)
	files := os.DirFS(folder)
	err = fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		return add(w, files, name)
	})
	return errors.Join(err, w.Close())
}

func add(w *zip.Writer, files fs.FS, name string) error {
	content, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	info, err := fs.Stat(files, name)
	if err != nil {
		return err
	}
	header := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
	header.SetMode(0o644)
	if info.Mode()&0o100 != 0 {
		header.SetMode(0o755)
	}
	entry, err := w.CreateHeader(header)
	if err != nil {
		return err
	}
	_, err = entry.Write(content)
	return err
}
