// Package disk writes files that must survive a crash of the machine.
package disk

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
)

// Replace replaces a file in one step: whenever the machine stops, the old content is there or the new one. The new one is
// written beside it under a fixed name, which the next call uses again if this one is killed.
func Replace(path string, content []byte) error {
	next := path + ".tmp"
	file, err := os.OpenFile(next, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, writing := file.Write(content)
	syncing := file.Sync() // before the rename, which could reach the disk first
	err = errors.Join(writing, syncing, file.Close())
	if err == nil {
		err = os.Rename(next, path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(next))
	}
	return SyncFolder(path)
}

// SyncFolder waits until the disk has the file's name.
func SyncFolder(path string) error {
	if runtime.GOOS == "windows" { // which can't sync a folder
		return nil
	}
	folder, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
